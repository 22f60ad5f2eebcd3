import type { Hours } from './device-rules.js';

export interface LocalTime {
  /** 1, Monday, to 7. */
  weekday: number;
  minute: number;
}

/** From Monday. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError when there is no such time zone. */
export function localTime(wall_ms: number, time_zone: string): LocalTime {
  let format = formats.get(time_zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: time_zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(time_zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(wall_ms).map(({ type, value }) => [type, value]));
  return { weekday: WEEKDAYS.indexOf(parts.weekday ?? '') + 1, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

const dayBefore = (weekday: number) => ((weekday + 5) % 7) + 1;

export function isWithin({ weekday, minute }: LocalTime, { weekdays, from_minute, to_minute }: Hours): boolean {
  if (from_minute < to_minute) return weekdays.includes(weekday) && minute >= from_minute && minute < to_minute;
  return (weekdays.includes(weekday) && minute >= from_minute) || (weekdays.includes(dayBefore(weekday)) && minute < to_minute);
}
