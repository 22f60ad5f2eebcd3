import { PUBLIC } from '../text/public.en.js';
import { Sparkline } from '../ui/sparkline.js';
import css from './public.module.css';

interface Priced {
  at: string;
  price_micro: string;
}

/** A week of a market's prices, drawn small; says so where they did not move. */
export function PriceLine({ week, name, until }: { week: readonly Priced[]; name: string; until: string }) {
  const points = week.map(({ at, price_micro }) => ({ at_ms: Date.parse(at), value: Number(price_micro) }));
  const last = points.at(-1);
  // A price holds until the next trade.
  const drawn = last ? [...points, { at_ms: Date.parse(until), value: last.value }] : [];
  if (new Set(drawn.map(({ value }) => value)).size < 2) return <span className={css.quiet}>{PUBLIC.prices.no_change}</span>;
  return <Sparkline points={drawn} label={PUBLIC.prices.line(name)} />;
}
