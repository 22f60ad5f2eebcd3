import { taskWorld } from '#protocol';
import { openSlot, type ProcessSlot } from '#sandbox/node';
import { runLimitsOf } from '../../apps/broker/src/platform/run-limits.js';
import { resultOf, type WireTask } from './fake-node.js';

const NOTHING = { env: {}, files: [], scratch: null, seed: null, clock_ms: null };
const ORDER = {
  slot_class: 'micro' as const,
  fuel_limit: 1_000_000_000n,
  output_bytes_limit: 1024 * 1024,
  wall_ms_limit: 60_000,
  view: NOTHING,
};

/** What a JavaScript handler really comes to, so that scripted nodes can be honest. */
export class Truth {
  private constructor(
    private readonly slot: ProcessSlot,
    private readonly module_hash: string,
  ) {}

  static async of(source: string, codec: 'bytes' | 'json' = 'bytes'): Promise<Truth> {
    const slot = await openSlot();
    const { module_hash } = await slot.load({ kind: 'javascript', codec, bytes: new TextEncoder().encode(source) });
    return new Truth(slot, module_hash);
  }

  /** The right result of a task. */
  async result(task: WireTask) {
    const limits = runLimitsOf(ORDER);
    const world = taskWorld(task.lease.job_id, task.index, NOTHING);
    const run = await this.slot.run(
      this.module_hash,
      { input: task.input ?? new Uint8Array(), ...world },
      { ...limits, fuel: BigInt(limits.fuel) },
    );
    const { verdict, exit_code, output, fuel_used } = run;
    return resultOf(task, output, { verdict, exit_code, fuel_used: Number(fuel_used) });
  }

  close(): Promise<void> {
    return this.slot.close();
  }
}
