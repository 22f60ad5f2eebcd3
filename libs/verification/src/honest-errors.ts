import type { Standing } from './standing.js';

/** Of an honest device's results so many may be wrong by its hardware. */
export const HARDWARE_ERROR_SHARE = 1e-3;
/** Wrong results that an honest device would produce more rarely than this ban it. */
export const BAN_ODDS = 1e-5;
/** Errors of hardware come in clusters: two are never enough. */
const BAN_LEAST = 3;

/**
 * The wrong results, as many as the last `wrong` among the last `checked`, that honest hardware does not explain; null if it does. Every
 * stretch that ends with the latest wrong result and begins with an earlier one is looked at: given the first, the others are Poisson
 * distributed with the mean (checked − 1) × HARDWARE_ERROR_SHARE. It comes to 3 in 5, 4 in 40, 5 in 126, 6 in 264.
 */
export function beyondHardware({ wrong_at }: Standing): { readonly wrong: number; readonly checked: number } | null {
  const last = wrong_at.at(-1);
  if (last === undefined) return null;
  for (let wrong = BAN_LEAST; wrong <= wrong_at.length; wrong++) {
    const checked = last - (wrong_at[wrong_at.length - wrong] as number) + 1;
    if (atLeast(wrong - 1, (checked - 1) * HARDWARE_ERROR_SHARE) < BAN_ODDS) return { wrong, checked };
  }
  return null;
}

/** P(X ≥ n) of a Poisson distribution with this mean. */
function atLeast(n: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < n; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below;
}
