const formats = new Map<string, Intl.NumberFormat>();

/** Making a format takes a hundred times as long as using it. */
function numberFormat(locale: string | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, options);
  formats.set(key, format);
  return format;
}

/** An amount as it is drawn: what is before the cents' end is large, fractions of a cent are small. */
export interface MoneyParts {
  before: string;
  /** Digits below a cent, at most four; empty when there are none. */
  tail: string;
  after: string;
  /** As one text, for whoever hears it. */
  whole: string;
}

/** @param micro Millionths of the currency, not negative. */
export function moneyParts(micro: bigint, currency: string, locale?: string): MoneyParts {
  const format = numberFormat(locale, { style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const cents = micro / 10_000n;
  const parts = format.formatToParts(Number(cents) / 100);
  const end = parts.findIndex(({ type }) => type === 'fraction') + 1;
  const text = (some: typeof parts) => some.map(({ value }) => value).join('');
  const [before, after] = [text(parts.slice(0, end)), text(parts.slice(end))];
  const tail = micro % 10_000n === 0n ? '' : (micro % 10_000n).toString().padStart(4, '0').replace(/0+$/, '');
  return { before, tail, after, whole: `${before}${tail}${after}` };
}

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** "42 ms", "0.3 s" below a minute; then the largest unit and the next: "1 hr 5 min". */
export function duration(ms: number, locale?: string): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${number(ms / 1_000, ms < 10_000 ? 1 : 0, locale)} s`;
  const largest = UNITS.findIndex(([unit_ms]) => ms >= unit_ms);
  let rest = Math.round(ms / 1_000) * 1_000;
  const words: string[] = [];
  for (const [unit_ms, unit] of UNITS.slice(largest, largest + 2)) {
    const count = Math.floor(rest / unit_ms);
    rest -= count * unit_ms;
    if (count > 0) words.push(numberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
  }
  return words.join(' ');
}

/** "4:07" of minutes and seconds, "1:02:07" with hours: a clock that runs down. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** "812 kB", in powers of ten, as data plans count. */
export function bytes(count: number, locale?: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let step = 0;
  while (count >= 1_000 && step < units.length - 1) {
    count /= 1_000;
    step++;
  }
  const unit = units[step] ?? 'byte';
  const maximumFractionDigits = step === 0 || count >= 100 ? 0 : 1;
  return numberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(count);
}

/** A share of 0 to 1. */
export const percent = (share: number, locale?: string): string =>
  numberFormat(locale, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share);

export const number = (value: number, digits = 0, locale?: string): string =>
  numberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: 0 }).format(value);
