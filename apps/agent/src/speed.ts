import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { METER_ID, type RunLimits, type SandboxSlot } from '#sandbox';
import { HeapError } from '#units';
import { readIfThere, writePrivate } from './private-file.js';
import { SPEED_WASM } from './speed-program.js';

const FILE = 'speed.json';
const ROUNDS = 3;
const ROUND_MS = 100;
const FIRST_FUEL = 2_000_000n;

const measured = z.object({ meter_id: z.string(), machine: z.string(), fuel_per_ms: z.number().positive(), measured_at: z.string() });

/** What the figure holds for: another processor or engine is measured anew. */
const machine = (): string => `${os.cpus()[0]?.model ?? process.arch} / ${process.version}`;

/** Fuel per millisecond of one slot, measured at the first start and kept. */
export async function speed(dir: string, openSlot: () => Promise<SandboxSlot>): Promise<number> {
  const file = path.join(dir, FILE);
  const known = remembered(file);
  if (known !== null) return known;
  const slot = await openSlot();
  try {
    const fuel_per_ms = await measure(slot);
    const kept = { meter_id: METER_ID, machine: machine(), fuel_per_ms, measured_at: new Date().toISOString() };
    writePrivate(file, `${JSON.stringify(kept, null, 2)}\n`);
    return fuel_per_ms;
  } finally {
    await slot.close();
  }
}

function remembered(file: string): number | null {
  try {
    const kept = measured.parse(JSON.parse(readIfThere(file) ?? 'null'));
    return kept.meter_id === METER_ID && kept.machine === machine() ? kept.fuel_per_ms : null;
  } catch {
    return null;
  }
}

/** The best of a few rounds, each long enough for the clock and the compiler to settle: what else the device does only slows them. */
async function measure(slot: SandboxSlot): Promise<number> {
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
