/** 1 July 2025, 00:00 UTC: what a clock says first when the job does not say. */
export const DEFAULT_CLOCK_MS = 1_751_328_000_000;

export const NS_PER_MS = 1_000_000n;

/** A task's clock advances by what it does: sixteen units of fuel are a nanosecond, about what a laptop takes. */
export function nanoseconds(fuel_used: bigint): bigint {
  return fuel_used >> 4n;
}
