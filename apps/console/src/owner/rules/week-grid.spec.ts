import fc from 'fast-check';
import { copiedDay, FULL, gridOf, hoursOf, isWhole, NIGHTS, type WeekGrid, withCell } from './week-grid.js';

const grid: fc.Arbitrary<WeekGrid> = fc.array(fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }), { minLength: 7, maxLength: 7 });

test('what is drawn is what is ruled', () => {
  fc.assert(
    fc.property(grid, (drawn) => {
      const hours = hoursOf(drawn);
      expect(isWhole(hours)).toBe(true);
      if (hours === null || hours.length > 0) expect(gridOf(hours)).toEqual(drawn);
      else expect(drawn.flat().some(Boolean)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test('all hours are no rule, and days alike share a window', () => {
  expect(hoursOf(FULL)).toBeNull();
  expect(hoursOf(NIGHTS)).toEqual([
    { weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 360 },
    { weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 1_320, to_minute: 1_440 },
  ]);
});

test('a night over midnight is drawn on both days, and a part of an hour is none', () => {
  const drawn = gridOf([{ weekdays: [7], from_minute: 23 * 60 + 30, to_minute: 120 }]);
  expect(drawn[6]?.[23]).toBe(false);
  expect(drawn[0]?.slice(0, 3)).toEqual([true, true, false]);
  expect(isWhole([{ weekdays: [7], from_minute: 1_410, to_minute: 120 }])).toBe(false);
});

test('a day is copied to all', () => {
  const once = withCell(
    FULL.map((day) => day.map(() => false)),
    2,
    9,
    true,
  );
  expect(hoursOf(copiedDay(once, 2))).toEqual([{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 540, to_minute: 600 }]);
});
