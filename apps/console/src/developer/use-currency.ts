import { useHeap } from '../http/use-heap.js';

/** What the heap's money is called, and whether it is only played with. */
export function useCurrency(): { currency: string; simulated: boolean } {
  const { data } = useHeap('/v1/heap', {});
  return { currency: data?.currency ?? 'USD', simulated: data?.simulated_payments ?? false };
}
