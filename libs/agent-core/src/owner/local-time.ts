import { isWithin, type LocalTime, localTime, WEEKDAYS } from '#protocol';
import type { Hours } from './rules.js';

export { isWithin, type LocalTime, localTime };

const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

export const timeText = ({ weekday, minute }: LocalTime): string => `${WEEKDAYS[weekday - 1]} ${clock(minute)}`;

export function hoursText({ weekdays, from_minute, to_minute }: Hours): string {
  const days = weekdays.length === 7 ? 'daily' : weekdays.map((day) => WEEKDAYS[day - 1]).join(', ');
  return `${days} ${clock(from_minute)}-${clock(to_minute)}`;
}
