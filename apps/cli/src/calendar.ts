/** Eighths of a cell, from little to most. */
const EIGHTHS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const WEEKS_MAX = 6;
const DAY_MS = 86_400_000;
const WIDTH = 5;

/** Days as `2026-11-29`. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** 0 Monday to 6 Sunday. */
const weekday = (ms: number): number => (new Date(ms).getUTCDay() + 6) % 7;

/**
 * A calendar of text, a row for each week from today's on: every day with a bar as high as its amount is beside the largest. Days behind
 * the last week that fits are left out.
 * @param amounts By the day of UTC, in micro-units.
 */
export function calendar(amounts: ReadonlyMap<string, bigint>, today: string): string {
  const first_ms = Date.parse(today) - weekday(Date.parse(today)) * DAY_MS;
  const last = [...amounts.keys()].sort().at(-1) ?? today;
  const weeks = Math.min(WEEKS_MAX, 1 + Math.max(0, Math.floor((Date.parse(last) - first_ms) / (7 * DAY_MS))));
  const most = [...amounts.values()].reduce((a, b) => (b > a ? b : a), 0n);
  const cell = (ms: number): string => {
    const amount = amounts.get(dayOf(ms)) ?? 0n;
    const bar = amount > 0n ? (EIGHTHS[Number((amount * 8n + most - 1n) / most) - 1] ?? '█') : ' ';
    return `${dayOf(ms).slice(8)}${bar}`.padEnd(WIDTH);
  };
  const rows = Array.from({ length: weeks }, (_, week) => {
    const days = Array.from({ length: 7 }, (_, day) => first_ms + (7 * week + day) * DAY_MS);
    return `${dayOf(days[0] ?? first_ms).slice(0, 7)}  ${days.map((ms) => (dayOf(ms) < today ? ' '.repeat(WIDTH) : cell(ms))).join('')}`.trimEnd();
  });
  return [`         ${['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'].map((name) => name.padEnd(WIDTH)).join('')}`.trimEnd(), ...rows].join(
    '\n',
  );
}
