import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { admitModule, openSlot, type ProcessSlot } from '#sandbox/node';
import { SLOT_MEMORY_BYTES } from '#units';
import { startAgent } from '../../apps/agent/src/start-agent.js';
import { CODE, LEASE_ID, sha256, TinyHeap } from './tiny-heap.js';

/** An agent with one sandbox process that works as hard as it can. */
export interface BusyAgent {
  /** Has the device given back while a task burns fuel. @returns how long it took, and whether the process was gone by then. */
  giveBack(): Promise<{ took_ms: number; gone: boolean }>;
  close(): Promise<void>;
}

function cpuTicks(pid: number): number {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11]);
  } catch {
    return 0;
  }
}

/** A process that the kernel is taking down gives up its memory, then its pipes, whose end its parent hears of, and is in the list a moment longer. */
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return /^VmRSS:/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Of 10 ms: by then it certainly runs the task, and not its own start. */
const BUSY_TICKS = 10;

export async function startBusyAgent(module: Uint8Array): Promise<BusyAgent> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'busy agent '));
  const heap = new TinyHeap();
  const url = await heap.listen();
  const slots: ProcessSlot[] = [];
  const agent = await startAgent({
    ...{ dir, url, enrolment_code: CODE, name: 'busy', kind: 'server', slots: 1, slot_class: 'micro' },
    ...{ reserve_price_micro: null, logger: pino({ level: 'silent' }), speed_fuel_per_ms: 1_000 },
    openSlot: async (slot_class) => {
      const slot = await openSlot({ memory_bytes_max: SLOT_MEMORY_BYTES[slot_class] });
      slots.push(slot);
      return slot;
    },
  });
  const { metered_hash, meter_id } = await admitModule('wasm', 'bytes', module);
  const hash = sha256(module);
  heap.blobs.set(hash, Buffer.from(module));
  let epoch = 0;
  await heap.until(() => heap.of('offer')[0]);

  const work = async (): Promise<number> => {
    epoch += 1;
    slots.length = 0;
    heap.grant({
      epoch,
      module: { hash, metered_hash, meter_id, kind: 'wasm', codec: 'bytes', bytes: module.length },
      limits: {
        ...{ fuel: Number.MAX_SAFE_INTEGER, stack_bytes: 65_536, memory_bytes: 128 << 20, output_bytes: 1_000, log_bytes: 100 },
        ...{ wall_ms: 3_600_000, files: 0, file_bytes: 0, host_calls: 1_000_000 },
      },
    });
    heap.send('tasks', { lease_id: LEASE_ID, epoch, tasks: [{ index: 0, epoch, input: { inline: '' } }] });
    for (;;) {
      const pid = (await slots[0]?.pid()) ?? null;
      if (pid !== null && agent.status().work[0]?.running && cpuTicks(pid) >= BUSY_TICKS) return pid;
      await sleep(5);
    }
  };

  return {
    giveBack: async () => {
      const pid = await work();
      const before = cpuTicks(pid);
      while (cpuTicks(pid) < before + BUSY_TICKS) await sleep(5);
      const took_ms = await agent.hold();
      const gone = !isThere(pid);
      agent.release();
      return { took_ms, gone };
    },
    close: async () => {
      await agent.stop();
      heap.close();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
