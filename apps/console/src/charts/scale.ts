const STEPS = [1, 2, 2.5, 5, 10];
const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const TIMES_MS = [
  ...[1, 5, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY_MS),
];

/** Round numbers from 0 to at least `most`, about `count` steps apart; always more than one. */
export function roundValues(most: number, count: number): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((one) => one * power >= rough) ?? 10) * power;
  // Multiplied, not added up: a sum of tenths is not round.
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** Round times within a span, at most `count` of them, in ms since 1970; by the clock of `offset_ms` ahead of UTC. */
export function roundTimes(from_ms: number, to_ms: number, count: number, offset_ms: number): number[] {
  const step = TIMES_MS.find((one) => one * count >= to_ms - from_ms) ?? DAY_MS * 365;
  const first = Math.ceil((from_ms + offset_ms) / step) * step - offset_ms;
  const times: number[] = [];
  for (let at_ms = first; at_ms <= to_ms; at_ms += step) times.push(at_ms);
  return times;
}
