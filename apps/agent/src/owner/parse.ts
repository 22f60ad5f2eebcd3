import { InvalidArgumentError } from 'commander';
import type { OwnerRules } from '#agent-core';

type Hours = NonNullable<OwnerRules['hours']>[number];
type Threshold = NonNullable<OwnerRules['battery']>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, min: 60_000, s: 1_000 };

/** `90s`, `30m`, `1h30m`, `2d`. */
export function duration(text: string): number {
  const compact = text.trim().toLowerCase().replaceAll(' ', '');
  if (!/^(\d{1,5}(d|h|min|m|s))+$/.test(compact)) throw new InvalidArgumentError('It must be a time such as 90s, 30m or 1h30m.');
  return [...compact.matchAll(/(\d+)(d|h|min|m|s)/g)].reduce((sum, [, digits, unit]) => sum + Number(digits) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** "mon-fri 22-6", "sat,sun 0-24", "daily 9:30-17". */
export function hours(text: string): Hours {
  const [days = '', span = '', ...rest] = text.trim().toLowerCase().split(/\s+/);
  const [, from, from_minute, to, to_minute] = /^(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?$/.exec(span) ?? [];
  const begin = Number(from) * 60 + Number(from_minute ?? 0);
  const end = Number(to) * 60 + Number(to_minute ?? 0);
  if (
    rest.length > 0 ||
    !(begin < 1_440 && end >= 1 && end <= 1_440 && begin !== end) ||
    Number(from_minute ?? 0) > 59 ||
    Number(to_minute ?? 0) > 59
  )
    throw new InvalidArgumentError('It must be days and hours such as "mon-fri 22-6", "sat,sun 0-24" or "daily 9:30-17".');
  return { weekdays: weekdays(days), from_minute: begin, to_minute: end };
}

function weekdays(text: string): number[] {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7];
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (from < 0 || to < 0) throw new InvalidArgumentError(`"${part}" is neither a day (mon to sun) nor a range of days.`);
    // From sat to mon is saturday, sunday, monday.
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, i) => ((from + i) % 7) + 1);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

/** "daily 0-6 0.18": the hours of a tariff and the price of a kWh. */
export function tariff(text: string): OwnerRules['tariff'][number] {
  const at = text.trim().lastIndexOf(' ');
  const price = Number(text.slice(at + 1));
  if (at < 0 || !(price >= 0)) throw new InvalidArgumentError('It must be days, hours and the price of a kWh: "daily 22-6 0.18".');
  return { ...hours(text.slice(0, at)), price };
}

export const off = (text: string): boolean => text.trim().toLowerCase() === 'off';

/** "40", or "40:35" with where it is allowed again, or "off". @param margin where it is allowed again when that is not said. */
export function threshold(scale: number, min: number, max: number, margin: number): (text: string) => Threshold | null {
  return (text) => {
    if (off(text)) return null;
    const [first = '', second, ...rest] = text.replaceAll('%', '').split(':');
    const leave = Number(first);
    const enter = second === undefined ? Math.min(max, Math.max(min, leave + margin)) : Number(second);
    const fits = (value: number) => value >= min && value <= max;
    const wrong_way = margin > 0 ? enter < leave : enter > leave;
    if (first.trim() === '' || rest.length > 0 || !fits(leave) || !fits(enter) || wrong_way)
      throw new InvalidArgumentError(
        `It must be off, a number from ${min} to ${max}, or two: the limit and, on its good side, where work may begin again (${margin > 0 ? '80:85' : '40:35'}).`,
      );
    return { leave: leave / scale, enter: enter / scale };
  };
}

export function onOff(text: string): boolean {
  if (off(text)) return false;
  if (text.trim().toLowerCase() === 'on') return true;
  throw new InvalidArgumentError('It must be on or off.');
}

export const durationOrOff = (text: string): number | null => (off(text) ? null : duration(text));

/** @returns null for off. */
function wholeOrOff(text: string, most: number, what: string): number | null {
  if (off(text)) return null;
  const value = Number(text.trim().replace('%', ''));
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new InvalidArgumentError(`It must be ${what} from 1 to ${most}, or off.`);
  return value;
}

export const slotsOrOff = (text: string): number | null => wholeOrOff(text, 1_024, 'a number');

/** Percent, as a share. */
export function shareOrOff(text: string): number | null {
  const percent = wholeOrOff(text, 100, 'percent');
  return percent === null ? null : percent / 100;
}
