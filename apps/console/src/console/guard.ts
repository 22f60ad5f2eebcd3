import { type ParsedLocation, redirect } from '@tanstack/react-router';
import { queryClient } from '../http/query-client.js';
import { type Me, meQuery } from '../http/use-me.js';

/** `beforeLoad` of an area's route: leads whoever is not signed in to the sign-in page and back afterwards. The heap itself checks every request. */
export const requirePerson = async ({ location }: { location: ParsedLocation }): Promise<{ me: Me }> => {
  const me = await queryClient.ensureQueryData(meQuery);
  if (me === null) throw redirect({ to: '/sign-in', search: { back: location.href } });
  return { me };
};
