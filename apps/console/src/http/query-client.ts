import { QueryClient } from '@tanstack/react-query';
import { HeapError } from '#units';

const RETRIES = 3;
/** What the heap refused it refuses again; what did not reach it may reach it the next time. */
const mayPass = (error: Error): boolean => error instanceof HeapError && error.fault === 'platform';

/** Nothing grows stale by age: the live socket says what has changed, and a page that is opened asks anew. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < RETRIES && mayPass(error),
      refetchOnWindowFocus: false,
      staleTime: 5_000,
    },
  },
});
