import { HeapError } from '#units';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/**
 * Runs `work` with a signal that fires on the first Ctrl-C (or SIGTERM), or when nobody reads our output any more, so that the job is cancelled
 * and no more is paid. The second Ctrl-C leaves at once.
 */
export async function interruptible<T>(terminal: Terminal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    terminal.note('Stopping; press Ctrl-C again to leave without waiting.');
    stop.abort(new HeapError('interrupted', 'Interrupted.', 'user'));
  };
  const closed = () => stop.abort(terminal.closed.signal.reason);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  terminal.closed.signal.addEventListener('abort', closed);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    terminal.closed.signal.removeEventListener('abort', closed);
  }
}
