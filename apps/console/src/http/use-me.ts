import { queryOptions, useQuery } from '@tanstack/react-query';
import { session } from './api.js';
import { type AnswerOf, ask } from './use-heap.js';

export type Me = AnswerOf<'/v1/me', 'get'>;

/** Who is signed in, with roles; null when nobody is, which is asked first because a refusal would be an error in the browser's console. */
export const meQuery = queryOptions({
  queryKey: ['/v1/me'],
  queryFn: async (): Promise<Me | null> => ((await session()) === null ? null : ask('/v1/me', {})),
  staleTime: 60_000,
});

export const useMe = () => useQuery(meQuery);
