const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** After a failed attempt the next one comes so much later: ten of them in a day. */
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR];

/** Until the next attempt; null when there is none any more. @param chance between 0 and 1, so that many do not come back at once */
export function pauseAfter(attempts: number, chance: number): number | null {
  const pause = PAUSES_MS[attempts - 1];
  return pause === undefined ? null : Math.round(pause * (0.9 + 0.2 * chance));
}
