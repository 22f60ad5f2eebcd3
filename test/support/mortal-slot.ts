import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenSlot } from '#agent-core';
import { openSlot, type ProcessSlot } from '#sandbox/node';
import { SLOT_MEMORY_BYTES } from '#units';

/** A process that is killed while it starts begins again: later and later, so that in the end it is the task that dies. */
async function killUntilOver(slot: ProcessSlot, run: Promise<void>): Promise<void> {
  const over = run.then(
    () => true,
    () => true,
  );
  for (let wait_ms = 100; !(await Promise.race([over, sleep(wait_ms, false)])); wait_ms *= 2) {
    const pid = await slot.pid();
    if (pid !== null) kill(pid);
  }
}

/** It may have died by itself since it was asked for. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Opens real sandboxes, whose processes die under tasks with this input. */
export const mortalSlot =
  (deadly: string): OpenSlot =>
  async (slot_class) => {
    const slot = await openSlot({ memory_bytes_max: SLOT_MEMORY_BYTES[slot_class] });
    const runBatch = slot.runBatch.bind(slot);
    slot.runBatch = (hash, tasks, ...rest) => {
      const run = runBatch(hash, tasks, ...rest);
      if (tasks.some(({ input }) => Buffer.from(input).toString() === deadly)) void killUntilOver(slot, run);
      return run;
    };
    return slot;
  };
