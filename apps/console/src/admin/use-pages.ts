import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { type AnswerOf, ask, type Init, type PathWith } from '../http/use-heap.js';
import { useTopics } from '../live/use-topics.js';
import type { Filters } from './search.js';

type ListPath = Extract<PathWith<'get'>, '/v1/admin/nodes' | '/v1/admin/people' | '/v1/admin/jobs'>;

/** A list that is read page by page, as far as somebody scrolls. */
export function usePages<P extends ListPath>(
  path: P,
  filters: Filters,
  topics: readonly string[],
): UseInfiniteQueryResult<{ pages: AnswerOf<P, 'get'>[] }> {
  const key = [path, 'pages', filters] as const;
  useTopics(topics, key);
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      ask(path, { params: { query: { limit: '100', ...filters, ...(pageParam !== null && { cursor: pageParam }) } } } as unknown as Init<
        P,
        'get'
      >),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => (last as { next: string | null }).next,
    placeholderData: (before) => before,
  }) as unknown as UseInfiniteQueryResult<{ pages: AnswerOf<P, 'get'>[] }>;
}
