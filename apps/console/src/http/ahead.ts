import { queryClient } from './query-client.js';
import { ask, type Init, keyOf, type PathWith } from './use-heap.js';

/** So long a page that could be drawn waits for what is to stand in it. */
const AHEAD_MS = 400;

/** A question of a page, in the words in which `useHeap` asks it. */
export const question = <P extends PathWith<'get'>>(path: P, init: Init<P, 'get'>) => ({
  queryKey: keyOf(path, init),
  queryFn: () => ask(path, init),
});

/**
 * For a route's loader: asks what its page will ask while the page's code is loaded, so that it is drawn once and whole. What was answered before
 * is not waited for, and an error is the page's to tell.
 */
export const ahead =
  (...questions: readonly { queryKey: readonly unknown[]; queryFn: () => Promise<unknown> }[]) =>
  async (): Promise<void> => {
    const open = questions.filter(({ queryKey }) => queryClient.getQueryData(queryKey) === undefined);
    const late = new Promise((resolve) => setTimeout(resolve, AHEAD_MS));
    if (open.length > 0) await Promise.race([late, Promise.all(open.map((one) => queryClient.prefetchQuery(one)))]);
  };
