import { type Point, stepPath } from './line.js';
import css from './sparkline.module.css';

const [WIDTH, HEIGHT] = [300, 56];

/** How an amount grew; `label` says it in words. */
export function Sparkline({ points, label }: { points: readonly Point[]; label: string }) {
  const path = stepPath(points, WIDTH, HEIGHT);
  if (path === '') return null;
  return (
    <svg className={css.line} viewBox={`0 -3 ${WIDTH} ${HEIGHT + 6}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className={css.area} d={`${path}V${HEIGHT}H0Z`} />
      <path className={css.stroke} d={path} />
    </svg>
  );
}
