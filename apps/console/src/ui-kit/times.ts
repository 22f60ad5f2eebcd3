const UNITS: readonly (readonly [ms: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [31_536_000_000, 'year'],
  [2_592_000_000, 'month'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** "3 minutes ago", "in 2 hours"; within a minute "now". @param ms Until then; negative when it is past. */
export function relativeTime(ms: number, locale?: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit_ms, unit] = UNITS.find(([size]) => Math.abs(ms) >= size) ?? [60_000, 'second'];
  return unit === 'second' ? format.format(0, 'second') : format.format(Math.trunc(ms / unit_ms), unit);
}

export const absoluteTime = (at: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
