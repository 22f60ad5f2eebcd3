import { quietFor } from './quiet.js';

const minutes = (hour: number, minute = 0): number => hour * 60 + minute;
const night = { from_minute: minutes(22), until_minute: minutes(7), time_zone: 'Europe/Berlin' };
const noon = { from_minute: minutes(12), until_minute: minutes(13, 30), time_zone: 'UTC' };

test.each<[string, string, typeof night | null, number]>([
  ['without quiet hours', '2026-11-30T23:00:00Z', null, 0],
  ['in the evening, an hour before', '2026-11-30T20:00:00Z', night, 0],
  ['at their first minute', '2026-11-30T21:00:00Z', night, 9 * 60],
  ['after midnight', '2026-12-01T00:30:00Z', night, 5 * 60 + 30],
  ['a minute before their end', '2026-12-01T05:59:00Z', night, 1],
  ['at their end', '2026-12-01T06:00:00Z', night, 0],
  ['in summer, by the clock of the place', '2026-07-01T20:30:00Z', night, 8 * 60 + 30],
  ['within a day', '2026-11-30T12:15:30Z', noon, 74.5],
  ['of no length', '2026-11-30T12:15:00Z', { ...noon, until_minute: noon.from_minute }, 0],
])('%s', (_, now, quiet, wait_min) => {
  expect(quietFor(new Date(now), quiet) / 60_000).toBe(wait_min);
});
