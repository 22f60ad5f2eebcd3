import { whenIdle } from '../ui/idle.js';
import { session } from './api.js';
import { queryClient } from './query-client.js';
import { type AnswerOf, keyOf } from './use-heap.js';
import { type Me, meQuery } from './use-me.js';

interface First {
  heap?: AnswerOf<'/v1/heap', 'get'>;
  /** Null when nobody is signed in. */
  me?: Me | null;
}

/** Takes what the page brought with it for answered; it is what every page would ask for before it can ask for anything else. */
export function takeFirst(): void {
  const { heap, me } = JSON.parse(document.getElementById('first')?.textContent ?? '{}') as First;
  if (heap !== undefined) queryClient.setQueryData(keyOf('/v1/heap', {}), heap);
  if (me !== undefined) queryClient.setQueryData(meQuery.queryKey, me);
  // The page itself does not make the cookie last longer.
  if (me) whenIdle(() => void session().catch(() => null));
}
