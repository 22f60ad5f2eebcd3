import { linkedController } from './abort.js';

/** Does it for each, so many at a time; the first failure stops the others and is thrown when they have ended. */
export async function eachOf<T>(
  items: readonly T[],
  parallel: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = linkedController(signal);
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) {
      stop.signal.throwIfAborted();
      await work(item, stop.signal);
    }
  };
  const workers = Array.from({ length: Math.min(parallel, items.length) }, () =>
    worker().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  stop.release();
  if (ends.some(({ status }) => status === 'rejected')) throw stop.signal.reason;
}
