import { type DeviceRules, isWithin } from '#protocol';

/** Seven days from Monday of 24 hours each: whether a device may work. */
export type WeekGrid = readonly (readonly boolean[])[];
type Hours = NonNullable<DeviceRules['hours']>;

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const MINUTES = Array.from({ length: 60 }, (_, minute) => minute);

export const FULL: WeekGrid = DAYS.map(() => HOURS.map(() => true));

/** An hour is one of the grid's only if the device may work in all of it. */
export const gridOf = (hours: DeviceRules['hours']): WeekGrid =>
  hours === null
    ? FULL
    : DAYS.map((weekday) =>
        HOURS.map((hour) => MINUTES.every((minute) => hours.some((window) => isWithin({ weekday, minute: hour * 60 + minute }, window)))),
      );

/** Whether a grid of whole hours says all that these hours do. */
export const isWhole = (hours: DeviceRules['hours']): boolean =>
  (hours ?? []).every(({ from_minute, to_minute }) => from_minute % 60 === 0 && to_minute % 60 === 0);

/** As rules write it: days with the same stretch share a window. Null is at all times; an empty list is never, which no rule can say. */
export function hoursOf(grid: WeekGrid): Hours | null {
  if (grid.every((day) => day.every(Boolean))) return null;
  const days = new Map<string, number[]>();
  grid.forEach((day, i) => {
    for (let from = 0; from < 24; from++) {
      if (!day[from] || day[from - 1]) continue;
      let to = from;
      while (day[to]) to++;
      const key = `${from}-${to}`;
      days.set(key, [...(days.get(key) ?? []), i + 1]);
    }
  });
  return [...days].map(([key, weekdays]) => {
    const [from = 0, to = 24] = key.split('-').map(Number);
    return { weekdays, from_minute: from * 60, to_minute: to * 60 };
  });
}

export const withCell = (grid: WeekGrid, day: number, hour: number, on: boolean): WeekGrid =>
  grid.map((row, i) => (i === day ? row.map((was, j) => (j === hour ? on : was)) : row));

/** One day's hours on all days. */
export const copiedDay = (grid: WeekGrid, day: number): WeekGrid => grid.map(() => grid[day] ?? []);

export const NIGHTS: WeekGrid = DAYS.map(() => HOURS.map((hour) => hour >= 22 || hour < 6));
