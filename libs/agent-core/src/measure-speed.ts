import type { RunLimits, SandboxSlot } from '#sandbox';
import { HeapError } from '#units';
import { SPEED_WASM } from './speed-program.js';

const ROUNDS = 3;
const ROUND_MS = 100;
const FIRST_FUEL = 2_000_000n;

/**
 * Fuel per millisecond of a slot: the best of a few rounds, each long enough for the clock and the compiler to settle, because what else the
 * device does only slows them. Takes less than two seconds.
 * @throws HeapError `speed_unknown` when the sandbox does not do as it should.
 */
export async function measureSpeed(slot: SandboxSlot): Promise<number> {
  const { module_hash } = await slot.load({ kind: 'wasm', codec: 'bytes', bytes: SPEED_WASM });
  let fuel = FIRST_FUEL;
  let rate = await round(slot, module_hash, fuel);
  for (let i = 0; i < 8 && Number(fuel) / rate < ROUND_MS / 2; i++) {
    fuel = BigInt(Math.ceil(Math.min(rate * ROUND_MS, Number(fuel) * 10)));
    rate = await round(slot, module_hash, fuel);
  }
  for (let i = 0; i < ROUNDS; i++) rate = Math.max(rate, await round(slot, module_hash, fuel));
  return Math.round(rate);
}

async function round(slot: SandboxSlot, module_hash: string, fuel: bigint): Promise<number> {
  const limits: RunLimits = { fuel, stack_bytes: 65_536, memory_bytes: 65_536, output_bytes: 0, log_bytes: 0, wall_ms: 30_000 };
  const outcome = await slot.run(module_hash, { input: new Uint8Array() }, limits);
  if (outcome.verdict !== 'out-of-fuel')
    throw new HeapError(
      'speed_unknown',
      `The speed of this device could not be measured: the test program ended with ${outcome.verdict} (${outcome.detail ?? 'no detail'}).`,
      'platform',
    );
  return Number(outcome.fuel_used) / Math.max(outcome.wall_ms, 0.01);
}
