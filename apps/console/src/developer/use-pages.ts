import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { type AnswerOf, ask, type Init, type PathWith } from '../http/use-heap.js';
import { useTopics } from '../live/use-topics.js';

export interface Pages<T> {
  rows: readonly T[];
  /** Fetches the next page; undefined while there is none or one is on its way. */
  more: (() => void) | undefined;
  query: UseInfiniteQueryResult<unknown>;
}

interface Paged<P extends PathWith<'get'>, T> {
  /** The request for the page behind a row; null asks for the first. */
  init: (last: T | null) => Init<P, 'get'>;
  rows: (answer: AnswerOf<P, 'get'>) => readonly T[];
  /** A page that has fewer is the last. */
  limit: number;
  topics?: readonly string[];
}

/** A list of the heap's, page behind page, kept up to date by the live topics. */
export function usePages<P extends PathWith<'get'>, T>(path: P, { init, rows, limit, topics = [] }: Paged<P, T>): Pages<T> {
  const key = [path, 'pages', init(null)];
  useTopics(topics, key);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam }) => rows(await ask(path, init(pageParam as T | null))),
    initialPageParam: null as T | null,
    getNextPageParam: (page) => (page.length < limit ? undefined : (page.at(-1) ?? undefined)),
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return {
    rows: data?.pages.flat() ?? [],
    more: hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined,
    query: query as UseInfiniteQueryResult<unknown>,
  };
}
