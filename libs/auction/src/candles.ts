import type { Micro } from '#units';
import type { Assignment } from './types.js';

/**
 * Prices and volume of one market in one stretch of time. Prices are micro-units per unit of the market; a round counts with
 * the mean of what was paid in it, weighted by slots and rounded down. Slots of a buyer's own cluster count nowhere: nobody paints a chart.
 */
export interface Candle {
  readonly market: string;
  readonly from_ms: number;
  readonly term_ms: number;
  /** The first and the last round's mean. */
  readonly open: Micro;
  readonly close: Micro;
  /** The highest and the lowest price paid. */
  readonly high: Micro;
  readonly low: Micro;
  /** Slots sold. */
  readonly volume: number;
  /** Rounds with a trade. */
  readonly rounds: number;
  /** How long orders had waited for their first slot: the median and the longest; null where none got its first. */
  readonly fill_ms_median: number | null;
  readonly fill_ms_most: number | null;
}

/** What a cleared round adds to a chart. */
export interface RoundOutcome {
  readonly market: string;
  readonly cleared_at_ms: number;
  readonly assignments: readonly Assignment[];
  /** Of each order that got its first slot in this round: how long it had waited. */
  readonly fill_ms?: readonly number[];
}

/**
 * The candles of the rounds, oldest first per market, each `term_ms` long and beginning at a multiple of it. A stretch without a
 * trade has none. Rounds may come in any order.
 */
export function candles(rounds: readonly RoundOutcome[], term_ms: number): Candle[] {
  const stretches = new Map<string, RoundOutcome[]>();
  for (const round of [...rounds].sort((a, b) => a.cleared_at_ms - b.cleared_at_ms)) {
    if (!round.assignments.some(isSold)) continue;
    const key = JSON.stringify([round.market, Math.floor(round.cleared_at_ms / term_ms)]);
    const stretch = stretches.get(key);
    if (stretch) stretch.push(round);
    else stretches.set(key, [round]);
  }
  return [...stretches.values()]
    .map((stretch) => candle(stretch, term_ms))
    .sort((a, b) => (a.market === b.market ? a.from_ms - b.from_ms : a.market < b.market ? -1 : 1));
}

function candle(rounds: readonly RoundOutcome[], term_ms: number): Candle {
  const [first, last] = [rounds[0] as RoundOutcome, rounds.at(-1) as RoundOutcome];
  const sold = rounds.flatMap(({ assignments }) => assignments.filter(isSold));
  const waits = rounds.flatMap(({ fill_ms }) => fill_ms ?? []).sort((a, b) => a - b);
  return {
    market: first.market,
    from_ms: Math.floor(first.cleared_at_ms / term_ms) * term_ms,
    term_ms,
    open: meanPrice(first),
    close: meanPrice(last),
    high: sold.reduce((most, { price }) => (price > most ? price : most), 0n),
    low: sold.reduce((least, { price }) => (price < least ? price : least), (sold[0] as Assignment).price),
    volume: sold.reduce((sum, { slots }) => sum + slots, 0),
    rounds: rounds.length,
    fill_ms_median: waits[Math.floor((waits.length - 1) / 2)] ?? null,
    fill_ms_most: waits.at(-1) ?? null,
  };
}

function meanPrice({ assignments }: RoundOutcome): Micro {
  let [paid, slots] = [0n, 0n];
  for (const one of assignments.filter(isSold)) {
    paid += one.price * BigInt(one.slots);
    slots += BigInt(one.slots);
  }
  return paid / slots;
}

function isSold({ own }: Assignment): boolean {
  return own !== true;
}
