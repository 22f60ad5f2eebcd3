const UNITS: readonly (readonly [ms: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [31_536_000_000, 'year'],
  [2_592_000_000, 'month'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** By locale; making one takes a hundred times as long as using it. */
const relative = new Map<string | undefined, Intl.RelativeTimeFormat>();
const absolute = new Map<string | undefined, Intl.DateTimeFormat>();
const clock = new Map<string | undefined, Intl.DateTimeFormat>();
const day = new Map<string | undefined, Intl.DateTimeFormat>();

function kept<F>(formats: Map<string | undefined, F>, locale: string | undefined, make: () => F): F {
  const format = formats.get(locale) ?? make();
  formats.set(locale, format);
  return format;
}

/** "3 minutes ago", "in 2 hours"; within a minute "now". @param ms Until then; negative when it is past. */
export function relativeTime(ms: number, locale?: string): string {
  const format = kept(relative, locale, () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  const [unit_ms, unit] = UNITS.find(([size]) => Math.abs(ms) >= size) ?? [60_000, 'second'];
  return unit === 'second' ? format.format(0, 'second') : format.format(Math.trunc(ms / unit_ms), unit);
}

export const absoluteTime = (at: string, locale?: string): string =>
  kept(absolute, locale, () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })).format(new Date(at));

/** "14:05", of a time in ms since 1970. */
export const clockTime = (ms: number, locale?: string): string =>
  kept(clock, locale, () => new Intl.DateTimeFormat(locale, { timeStyle: 'short' })).format(ms);

/** "5 Mar", of a time in ms since 1970. */
export const dayTime = (ms: number, locale?: string): string =>
  kept(day, locale, () => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })).format(ms);
