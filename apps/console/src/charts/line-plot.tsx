import { type CSSProperties, memo, type PointerEvent, useMemo, useState } from 'react';
import { number } from '../ui/format.js';
import type { Point } from '../ui/line.js';
import { absoluteTime, clockTime, dayTime } from '../ui-kit/times.js';
import css from './drawn.module.css';
import { roundTimes, roundValues } from './scale.js';

export interface Line {
  name: string;
  /** In the order of time. */
  points: readonly Point[];
}

interface Props {
  /** What is drawn, in a sentence. */
  label: string;
  lines: readonly Line[];
  height: number;
}

/** Of one line after the other, as the palette of the library's charts. */
const COLOURS = ['var(--accent)', 'var(--wait)', 'var(--pause)', 'var(--danger)', 'var(--ink-soft)'];
/** Units of the drawing, which is stretched over what room there is. */
const SIZE = 1_000;
const [VALUES, TIMES] = [3, 4];
const DAY_MS = 86_400_000;
/** Of the width in per cent: words in the middle of what is beyond would stand outside. */
const AT_EDGE = 92;

const painted = (i: number) => ({ '--part': COLOURS[i % COLOURS.length] }) as CSSProperties;

/** Values over time from zero up, with what they are where somebody points. */
export const LinePlot = memo(({ label, lines, height }: Props) => {
  const [pointed_ms, setPointed] = useState<number | null>(null);
  const { from_ms, to_ms, top, values, times, paths } = useMemo(() => planOf(lines), [lines]);
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setPointed(from_ms + ((clientX - left) / width) * (to_ms - from_ms));
  };
  const left = (at_ms: number) => ((at_ms - from_ms) / (to_ms - from_ms || 1)) * 100;
  return (
    <div className={css.drawing}>
      {lines.length > 1 && (
        <div className={css.legend}>
          {lines.map(({ name }, i) => (
            <span key={name} style={painted(i)}>
              {name}
            </span>
          ))}
        </div>
      )}
      <div
        role="img"
        aria-label={label}
        className={css.plot}
        style={{ height: height - 60 }}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        <svg viewBox={`0 0 ${SIZE} ${SIZE}`} preserveAspectRatio="none" aria-hidden="true">
          {values.map((value) => (
            <path key={value} className={css.grid} d={`M0 ${SIZE * (1 - value / top)}H${SIZE}`} />
          ))}
          {paths.map((path, i) => (
            <g key={lines[i]?.name} style={painted(i)}>
              {lines.length === 1 && <path className={css.area} d={`${path}V${SIZE}H0Z`} />}
              <path className={css.line} d={path} />
            </g>
          ))}
          {pointed_ms !== null && <path className={css.pointed} d={`M${left(pointed_ms) * 10} 0V${SIZE}`} />}
        </svg>
        {values.map((value) => (
          <span key={value} className={css.high} style={{ top: `${100 * (1 - value / top)}%` }}>
            {number(value, 4)}
          </span>
        ))}
        {times.map((at_ms) => (
          <span key={at_ms} className={css.when} data-last={left(at_ms) > AT_EDGE || undefined} style={{ left: `${left(at_ms)}%` }}>
            {(to_ms - from_ms > 2 * DAY_MS ? dayTime : clockTime)(at_ms)}
          </span>
        ))}
      </div>
      <div className={css.read} aria-hidden="true">
        {pointed_ms !== null && `${absoluteTime(new Date(pointed_ms).toISOString())} · ${readOf(lines, pointed_ms)}`}
      </div>
    </div>
  );
});

function planOf(lines: readonly Line[]) {
  const all = lines.flatMap(({ points }) => points);
  const at = all.map(({ at_ms }) => at_ms);
  const [from_ms, to_ms] = [Math.min(...at), Math.max(...at)];
  const values = roundValues(Math.max(...all.map(({ value }) => value)), VALUES);
  const top = values.at(-1) ?? 1;
  const x = (at_ms: number) => round(((at_ms - from_ms) / (to_ms - from_ms || 1)) * SIZE);
  const y = (value: number) => round(SIZE * (1 - value / top));
  // A single value is a line, too.
  const paths = lines.map(({ points }) =>
    points.length === 1
      ? `M0 ${y(points[0]?.value ?? 0)}H${SIZE}`
      : points.map(({ at_ms, value }, i) => `${i === 0 ? 'M' : 'L'}${x(at_ms)} ${y(value)}`).join(''),
  );
  const offset_ms = -new Date(to_ms).getTimezoneOffset() * 60_000;
  return { from_ms, to_ms, top, values, paths, times: to_ms > from_ms ? roundTimes(from_ms, to_ms, TIMES, offset_ms) : [] };
}

/** What every line had last at that time. */
const readOf = (lines: readonly Line[], at_ms: number): string =>
  lines
    .map(({ name, points }) => ({ name, point: points.findLast((point) => point.at_ms <= at_ms) ?? points[0] }))
    .map(({ name, point }) => `${name}: ${point ? number(point.value, 6) : '–'}`)
    .join(' · ');

const round = (n: number) => Math.round(n * 10) / 10;
