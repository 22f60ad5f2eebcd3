import { HeapError } from '#units';

/** Waits; rejects with the signal's reason as soon as it fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A controller that also fires when `signal` does. `release` when done: a signal may live longer than many requests. */
export function linkedController(signal?: AbortSignal): AbortController & { release(): void } {
  const controller = new AbortController();
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  else signal?.addEventListener('abort', forward, { once: true });
  return Object.assign(controller, { release: () => signal?.removeEventListener('abort', forward) });
}

/**
 * Runs `work` with a signal that fires with the caller's, or with HeapError `timeout` after `timeout_ms`. Whatever `work` rejects with after
 * that, the signal's reason is what the caller sees.
 */
export async function withDeadline<T>(
  timeout_ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = linkedController(signal);
  const late = new HeapError('timeout', `The heap took longer than ${timeout_ms} ms to answer.`, 'platform', { timeout_ms });
  const timer = setTimeout(() => controller.abort(late), timeout_ms);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    controller.release();
  }
}
