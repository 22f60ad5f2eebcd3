import type { Micro } from '#units';
import type { Candle } from './candles.js';

/**
 * The smallest of past values that the next one does not exceed with the given confidence, whatever their distribution, if the next is
 * like the past ones: the ⌈(n + 1) × confidence⌉th smallest (conformal prediction: Vovk, Gammerman and Shafer 2005, ch. 2). Undefined where
 * so few values are known that none can be named.
 */
export function boundOf<T>(values: readonly T[], confidence: number, compare: (a: T, b: T) => number): T | undefined {
  const place = Math.ceil((values.length + 1) * confidence);
  return [...values].sort(compare)[place - 1];
}

/** How far prices went from the close of one candle until the end of the next, in micro-units; undefined while too little is known. */
export function swing(candles: readonly Candle[], confidence: number): Micro | undefined {
  const swings: Micro[] = [];
  for (let i = 1; i < candles.length; i++) {
    const { close } = candles[i - 1] as Candle;
    const { high, low } = candles[i] as Candle;
    const [up, down] = [high - close, close - low];
    swings.push(up > down ? up : down);
  }
  return boundOf(swings, confidence, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * How long one waits until slots go at `price` or less. For an order that `wins` at present: from the end of each past candle that closed at or
 * below its price to the end of the next one that did. For one that gets nothing: from the end of each that closed above its price to the end
 * of the next in which some slot went for it. Counting from all candles alike would tell an order that gets nothing how long those wait that
 * get something; only where too few candles closed on its side of the price are all of them counted. The bound of these waits in ms; Infinity where
 * too many have not ended yet, undefined while too little is known.
 */
export function waitFor(price: Micro, wins: boolean, candles: readonly Candle[], confidence: number): number | undefined {
  const reached = ({ close, low }: Candle) => (wins ? close : low) <= price;
  const [alike, all]: [number[], number[]] = [[], []];
  for (let i = 0; i + 1 < candles.length; i++) {
    const { close, from_ms, term_ms } = candles[i] as Candle;
    const then = candles.slice(i + 1).find(reached);
    const wait_ms = then ? Math.max(0, then.from_ms + then.term_ms - from_ms - term_ms) : Infinity;
    all.push(wait_ms);
    if (close <= price === wins) alike.push(wait_ms);
  }
  const longest = (waits: number[]) => boundOf(waits, confidence, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return longest(alike) ?? longest(all);
}
