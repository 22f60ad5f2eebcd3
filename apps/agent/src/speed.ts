import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { measureSpeed } from '#agent-core';
import { METER_ID, type SandboxSlot } from '#sandbox';
import { readIfThere, writePrivate } from './private-file.js';

const FILE = 'speed.json';

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
    const fuel_per_ms = await measureSpeed(slot);
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
