/** A point of a line: when, and how much. */
export interface Point {
  at_ms: number;
  value: number;
}

/** Points more than this are thinned: a line is as wide as a phone. */
const POINTS_MAX = 120;

/** With one more point; equal values in a row keep the first and the last. Where there are too many, every second one goes. */
export function withPoint(points: readonly Point[], point: Point): readonly Point[] {
  const [before, last] = [points.at(-2), points.at(-1)];
  const flat = before !== undefined && last !== undefined && before.value === last.value && last.value === point.value;
  const all = [...(flat ? points.slice(0, -1) : points), point];
  if (all.length <= POINTS_MAX) return all;
  return all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
}

/**
 * The line as an SVG path of a box `width` × `height`, time to the right and value upward; steps, because money arrives at once and not little
 * by little. Empty with fewer than two points or where nothing changed.
 */
export function stepPath(points: readonly Point[], width: number, height: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.at_ms <= first.at_ms) return '';
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (most === least) return '';
  const x = (at_ms: number) => round(((at_ms - first.at_ms) / (last.at_ms - first.at_ms)) * width);
  const y = (value: number) => round(height - ((value - least) / (most - least)) * height);
  return points.map(({ at_ms, value }, i) => (i === 0 ? `M${x(at_ms)} ${y(value)}` : `H${x(at_ms)}V${y(value)}`)).join('');
}

const round = (n: number) => Math.round(n * 10) / 10;
