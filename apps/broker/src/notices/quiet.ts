import type { QuietHours } from '#protocol';

const DAY_MINUTES = 24 * 60;

/**
 * How long what happens now should wait for the end of somebody's quiet hours; 0 outside of them. By the clock of their time zone: on the
 * night that it changes, an hour less or more.
 */
export function quietFor(now: Date, quiet: QuietHours | null): number {
  if (quiet === null || quiet.from_minute === quiet.until_minute) return 0;
  const minute = minuteIn(now, quiet.time_zone);
  const since = (minute - quiet.from_minute + DAY_MINUTES) % DAY_MINUTES;
  const lasts = (quiet.until_minute - quiet.from_minute + DAY_MINUTES) % DAY_MINUTES;
  return since < lasts ? (lasts - since) * 60_000 - (now.getTime() % 60_000) : 0;
}

function minuteIn(now: Date, time_zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(now);
  const of = (type: 'hour' | 'minute') => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return of('hour') * 60 + of('minute');
}
