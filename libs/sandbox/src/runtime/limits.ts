import type { RunLimits } from '../port.js';

/**
 * Below every engine's own limit in the units of the instrumenter (a Chromium worker has 472 KB, Firefox 952 KB), so that the depth of a
 * recursion is ours to decide and the same everywhere. Asking for more gives this.
 */
export const STACK_BYTES_MAX = 256 * 1024;

/** The counter is a signed 64-bit number with room to go below zero. */
const FUEL_MAX = 1n << 61n;

export function fuelOf(limits: Pick<RunLimits, 'fuel'>): bigint {
  if (limits.fuel < 0n) return 0n;
  return limits.fuel < FUEL_MAX ? limits.fuel : FUEL_MAX;
}
