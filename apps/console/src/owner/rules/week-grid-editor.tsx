import { Button, Group, Stack, Text } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { OWNER } from '../../text/owner.en.js';
import { copiedDay, FULL, NIGHTS, type WeekGrid, withCell } from './week-grid.js';
import css from './week-grid.module.css';

const TEXT = OWNER.rules;
const MOVES: Readonly<Record<string, readonly [day: number, hour: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -23],
  End: [0, 23],
};
const clock = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`;
const within = (value: number, most: number) => Math.min(most, Math.max(0, value));

interface Props {
  grid: WeekGrid;
  onChange: (grid: WeekGrid) => void;
}

/** A week of hours: pressed, painted over, or walked over with the keyboard. One stop in the order of tabs; arrows move within it. */
export function WeekGridEditor({ grid, onChange }: Props) {
  const [at, setAt] = useState<readonly [day: number, hour: number]>([0, 0]);
  const cells = useRef(new Map<string, HTMLButtonElement>());
  const painting = useRef<boolean | null>(null);
  const keyed = (event: KeyboardEvent, day: number, hour: number) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const [to_day, to_hour] = [within(day + move[0], 6), within(hour + move[1], 23)];
    if (event.shiftKey) onChange(withCell(grid, to_day, to_hour, grid[day]?.[hour] ?? false));
    setAt([to_day, to_hour]);
    cells.current.get(`${to_day}-${to_hour}`)?.focus();
  };
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button variant="default" size="sm" onClick={() => onChange(FULL)}>
          {TEXT.always}
        </Button>
        <Button variant="default" size="sm" onClick={() => onChange(NIGHTS)}>
          {TEXT.nights}
        </Button>
      </Group>
      <section className={css.frame} aria-label={TEXT.grid}>
        <table className={css.grid}>
          <thead>
            <tr>
              <td />
              {TEXT.hours.map((hour) => (
                <th key={hour} scope="col" className={css.head}>
                  {hour}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {TEXT.days.map((name, day) => (
              <tr key={name}>
                <th scope="row" className={css.day} aria-label={name}>
                  {TEXT.short_days[day]}
                </th>
                {grid[day]?.map((on, hour) => (
                  <td key={clock(hour)} className={css.place}>
                    <button
                      type="button"
                      ref={(cell) => {
                        if (cell) cells.current.set(`${day}-${hour}`, cell);
                      }}
                      className={css.cell}
                      tabIndex={at[0] === day && at[1] === hour ? 0 : -1}
                      aria-label={TEXT.cell(name, clock(hour), clock(hour + 1))}
                      aria-pressed={on}
                      onKeyDown={(event) => keyed(event, day, hour)}
                      // A press of the keyboard is a click without a pointer; that of a pointer has begun a stroke.
                      onClick={({ detail }) => detail === 0 && onChange(withCell(grid, day, hour, !on))}
                      onPointerDown={(event) => {
                        event.currentTarget.releasePointerCapture(event.pointerId);
                        painting.current = !on;
                        setAt([day, hour]);
                        onChange(withCell(grid, day, hour, !on));
                      }}
                      onPointerEnter={({ buttons }) => {
                        if (painting.current !== null && buttons === 1) onChange(withCell(grid, day, hour, painting.current));
                      }}
                    />
                  </td>
                ))}
                <td>
                  <Button variant="subtle" size="compact-sm" aria-label={TEXT.copy(name)} onClick={() => onChange(copiedDay(grid, day))}>
                    {TEXT.copy_short}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Text size="sm" c="dimmed">
        {TEXT.grid_help}
      </Text>
    </Stack>
  );
}
