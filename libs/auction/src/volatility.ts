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
 * How long one waits until slots go at `price` or less: from the end of each past candle to the end of the next in which they did, Infinity
 * where that has not happened yet. The bound of these waits in ms; undefined while too little is known.
 */
export function waitFor(price: Micro, candles: readonly Candle[], confidence: number): number | undefined {
  const waits: number[] = [];
  for (let i = 0; i + 1 < candles.length; i++) {
    const end_ms = (candles[i] as Candle).from_ms + (candles[i] as Candle).term_ms;
    const then = candles.slice(i + 1).find(({ low }) => low <= price);
    waits.push(then ? Math.max(0, then.from_ms + then.term_ms - end_ms) : Infinity);
  }
  return boundOf(waits, confidence, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
