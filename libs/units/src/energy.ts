import type { NodeKind } from './resources.js';

/**
 * Watts that a device of each kind draws under sustained load of its processor, screen off. Typical figures of a class, not a measurement of the device: who
 * knows better sets a price of their own. Looked up on 2026-11-29; what no source says is called an assumption.
 */
export const WATTS: Readonly<Record<NodeKind, number>> = {
  /** Assumption between sources: 3 W is what a phone's case sheds for long, flagships give off 5 W and more (electronicsguide.net). */
  phone: 4,
  /** Assumption: Intel's N100 is a processor of 6 W (Intel), with memory and board. Mini PCs that let it have 15 W draw more. */
  netbook: 10,
  /** A notebook of 2003 under Prime95 drew 26 W at the plug, of which 4 W dim its screen (Coding Horror, 2006); processors of 15 to 28 W today: an assumption. */
  laptop: 25,
  /** Switched on with nothing running, a PlayStation 4 draws 89 W and an Xbox One 70 W (AnandTech, 2013), 140 and 119 W in a game, mostly for graphics. */
  console: 90,
  /** Assumption, for streaming boxes of today: pay-TV boxes of 2015 drew 15 to 20 W whatever they did (EIA, Today in Energy, 2 March 2015). */
  settop: 8,
  /** A Raspberry Pi 4 under high load: 5.1 to 5.4 W, 6.3 W at the plug (chipwired.com). */
  board: 7,
  /** Assumption: one socket, half loaded. Results of SPECpower_ssj2008 spread from below to far above it. */
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
