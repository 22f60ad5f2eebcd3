import { InvalidArgumentError } from 'commander';
import type { PriceHours } from '#sdk';
import { formatMajor, type Micro, parseMajor } from '#units';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const EXAMPLE = 'write days, hours and price, for example "mon-fri 22-6 0.0005"';

/** "mon-fri,sun 22-6 0.0005", "daily 0-24 0.001": days, hours of the clock, price. */
export function parseHours(text: string): PriceHours {
  const [days = '', hours = '', price = '', ...rest] = text.trim().toLowerCase().split(/\s+/);
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(hours) ?? [];
  if (from === undefined || to === undefined || rest.length > 0)
    throw new InvalidArgumentError(`It is not a price by the hour: ${EXAMPLE}.`);
  if (Number(from) > 23 || Number(to) > 24 || Number(to) < 1 || Number(from) === Number(to))
    throw new InvalidArgumentError('Hours begin at 0 to 23 and end at 1 to 24, at another hour than they begin.');
  try {
    return { weekdays: weekdaysOf(days), fromHour: Number(from), toHour: Number(to), price: parseMajor(price) };
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}; ${EXAMPLE}.`);
  }
}

function weekdaysOf(text: string): number[] {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7];
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (from < 0 || to < 0) throw new RangeError(`"${part}" is neither a day nor a range of days`);
    // From sat to mon is saturday, sunday, monday.
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, i) => ((from + i) % 7) + 1);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}

/** The same the other way round. */
export function hoursText(hours: { weekdays: readonly number[]; from_hour: number; to_hour: number; price_micro: Micro }): string {
  const days = hours.weekdays.length === 7 ? 'daily' : hours.weekdays.map((day) => DAYS[day - 1]).join(',');
  return `${days} ${hours.from_hour}-${hours.to_hour} ${formatMajor(hours.price_micro)}`;
}
