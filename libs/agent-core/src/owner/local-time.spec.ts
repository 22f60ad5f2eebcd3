import { hoursText, localTime } from './local-time.js';

test.each([
  ['UTC', Date.UTC(2026, 10, 29, 23, 59), { weekday: 7, minute: 1_439 }],
  ['Europe/Berlin', Date.UTC(2026, 10, 29, 23, 59), { weekday: 1, minute: 59 }],
  ['America/New_York', Date.UTC(2026, 10, 30, 3, 0), { weekday: 7, minute: 22 * 60 }],
  ['Asia/Kathmandu', Date.UTC(2026, 0, 1, 0, 0), { weekday: 4, minute: 345 }],
  // The hour that the clocks are put back is there twice.
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30), { weekday: 7, minute: 150 }],
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 1, 30), { weekday: 7, minute: 150 }],
])('in %s', (zone, wall_ms, expected) => {
  expect(localTime(wall_ms, zone)).toEqual(expected);
});

test('hours in words', () => {
  expect(hoursText({ weekdays: [1, 5], from_minute: 1_320, to_minute: 360 })).toBe('Mon, Fri 22:00-06:00');
  expect(hoursText({ weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 1_440 })).toBe('daily 00:00-24:00');
});
