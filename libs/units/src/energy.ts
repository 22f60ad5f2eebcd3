import type { NodeKind } from './resources.js';

/**
 * Watts that a device of each kind draws under sustained load of its processor, screen off, rounded up. Typical figures of a class, not a
 * measurement of the device: who knows better sets a price of their own.
 */
export const WATTS: Readonly<Record<NodeKind, number>> = {
  /** What a phone's case can shed for long: 3 to 5 W. */
  phone: 4,
  /** Intel's N series: 6 W of processor, and its board. */
  netbook: 10,
  /** Processors of 15 to 28 W, sustained, with memory and losses of the charger. */
  laptop: 25,
  /** Games of the PlayStation 4 and Xbox One class, without their graphics at full load. */
  console: 90,
  /** Boxes of the EU's voluntary agreement on complex set-top boxes draw 5 to 15 W when on. */
  settop: 8,
  /** A Raspberry Pi 4 or 5 with all cores busy: 5 to 7 W at the plug. */
  board: 7,
  /** One socket, half loaded, as in results of SPECpower_ssj2008. */
  server: 120,
};

const SIGNIFICANT_DIGITS = 2;

/** Work on devices: how much fuel, on what kind, at which measured speed of a slot. */
export interface WorkDone {
  fuel: bigint | number;
  kind: NodeKind;
  speed_fuel_per_ms: number;
}

/**
 * Joules that this work took: fuel ÷ the device's fuel per joule (its speed ÷ the watts of its kind). An estimate, to two significant digits: the whole device's
 * draw is put on one slot, as in its price. Null when a device that did some of it has not said how fast it is.
 */
export function joulesEstimate(work: readonly WorkDone[]): number | null {
  let joules = 0;
  for (const { fuel, kind, speed_fuel_per_ms } of work) {
    if (Number(fuel) === 0) continue;
    if (!(speed_fuel_per_ms > 0)) return null;
    joules += (WATTS[kind] * Number(fuel)) / (speed_fuel_per_ms * 1_000);
  }
  return Number(joules.toPrecision(SIGNIFICANT_DIGITS));
}

const SCALES: readonly [number, string][] = [
  [1e6, 'MJ'],
  [1e3, 'kJ'],
  [1, 'J'],
  [1e-3, 'mJ'],
];

/** "about 12 J", "about 1.2 kJ", "less than 1 mJ"; null is "unknown". */
export function formatJoules(joules: number | null): string {
  if (joules === null) return 'unknown';
  const [unit, name] = SCALES.find(([scale]) => joules >= scale) ?? [0, ''];
  return unit === 0 ? 'less than 1 mJ' : `about ${Number((joules / unit).toPrecision(SIGNIFICANT_DIGITS))} ${name}`;
}
