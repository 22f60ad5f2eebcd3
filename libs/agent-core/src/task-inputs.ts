import type { HeldTask } from './held-task.js';
import type { ByteTools } from './ports.js';
import { isPassing } from './retry.js';
import type { Transfers } from './transfers.js';

const AHEAD_BYTES = 8 * 1024 * 1024;

/** Where the inputs of a lease's tasks come from: the message itself, or the heap by hash. */
export class TaskInputs {
  constructor(
    private readonly bytes: Pick<ByteTools, 'fromBase64'>,
    private readonly transfers: Pick<Transfers, 'get'>,
    private readonly signal: AbortSignal,
  ) {}

  /** The bytes, or the error that keeps them away. */
  of(task: HeldTask): Promise<Uint8Array | Error> | Uint8Array {
    const { input } = task;
    if ('inline' in input) return this.bytes.fromBase64(input.inline);
    task.fetched ??= this.transfers.get(input.hash, input.bytes, this.signal);
    return task.fetched.catch((error: unknown) => {
      // Another try may help later only if the reason was a passing one.
      if (isPassing(error)) task.fetched = null;
      return error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Begins to fetch what will be needed soon, unless it is so large that it had better wait. */
  ahead(tasks: readonly HeldTask[]): void {
    for (const task of tasks) if ('hash' in task.input && task.input.bytes <= AHEAD_BYTES) void this.of(task);
  }
}
