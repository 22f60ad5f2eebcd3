import { roundTimes, roundValues } from './scale.js';

test.each([
  [0, [0, 1]],
  [0.3, [0, 0.1, 0.2, 0.3]],
  [7, [0, 2.5, 5, 7.5]],
  [1_234, [0, 500, 1_000, 1_500]],
])('an axis to %d has the values %j', (most, values) => {
  expect(roundValues(most, 3)).toEqual(values);
});

const at = (text: string) => Date.parse(text);

test('an axis of time has full hours of the clock on the wall, or midnights', () => {
  const hours = roundTimes(at('2026-01-01T00:40:00Z'), at('2026-01-01T12:40:00Z'), 4, 30 * 60_000);
  expect(hours.map((ms) => new Date(ms).toISOString())).toEqual([
    '2026-01-01T02:30:00.000Z',
    '2026-01-01T05:30:00.000Z',
    '2026-01-01T08:30:00.000Z',
    '2026-01-01T11:30:00.000Z',
  ]);
  const days = roundTimes(at('2026-01-01T10:00:00Z'), at('2026-01-08T10:00:00Z'), 4, 0);
  expect(days.every((ms) => new Date(ms).toISOString().endsWith('T00:00:00.000Z'))).toBe(true);
  expect(days.length).toBeLessThanOrEqual(4);
});
