import { addAll, has, lowest, wordsFor } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Heap } from './heap.js';
import type { Losing } from './losing.js';

export interface Prices {
  /** Per grade in ticks, −1 where nobody wants any. */
  readonly of: Float64Array;
  /** Per grade: the class whose losing bid makes the price what it is, −1 where a reserve does. */
  readonly root: Int32Array;
}

/**
 * The lowest competitive price of each grade in ticks (Shapley and Shubik 1971; Leonard 1983), −1 where nobody wants any: the least
 * prices at which every sold slot covers its reserve, no losing bid would want a slot, and no winner would rather have another grade.
 * With one grade this is max(marginal winning reserve, highest losing bid).
 */
export function lowestPrices(book: Book, flow: Flow, losing: Losing): Prices {
  const prices = { of: Float64Array.from(flow.supply.marginal), root: new Int32Array(book.example.length).fill(-1) };
  for (let c = 0; c < book.classes.length; c++) {
    const bid = losing.bid(c);
    if (bid >= 0) raise(prices, book.classes[c] as OrderClass, c, bid);
  }
  if (book.weighted) {
    spreadWeighted(book, flow, prices);
    noneBelowZero(book, flow, prices.of);
  } else spreadUniform(book, flow, prices);
  return prices;
}

/** A grade that a winner would have for nothing, though it likes its own better, has a price, which is nothing. */
function noneBelowZero(book: Book, flow: Flow, of: Float64Array): void {
  const highest = new Float64Array(book.classes.length).fill(-1);
  for (let order = 0; order < book.orders.length; order++) {
    const c = book.classOf[order] as number;
    if ((flow.filled[order] as number) > 0) highest[c] = Math.max(highest[c] as number, book.value[order] as number);
  }
  const bare = Array.from(of.keys()).filter((g) => (of[g] as number) < 0);
  book.classes.forEach(({ accepts, penalty }, c) => {
    if (!penalty || (highest[c] as number) < 0) return;
    for (const g of bare) if (has(accepts, g) && (highest[c] as number) >= (penalty[g] as number)) of[g] = 0;
  });
}

/** No grade is cheaper than what it is worth to a bid that lost. */
function raise({ of, root }: Prices, { accepts, penalty }: OrderClass, c: number, bid: number): void {
  for (let w = 0; w < accepts.length; w++)
    for (let rest = accepts[w] as number; rest !== 0; rest &= rest - 1) {
      const g = (w << 5) + lowest(rest);
      const worth = penalty ? bid - (penalty[g] as number) : bid;
      if (worth <= (of[g] as number)) continue;
      of[g] = worth;
      root[g] = c;
    }
}

/** A winner in g that accepts h as well would move if h were cheaper: so h costs at least as much. Dearest grades first, each is set once. */
function spreadUniform(book: Book, flow: Flow, prices: Prices): void {
  const { of, root } = prices;
  const grades = of.length;
  const words = wordsFor(grades);
  const done = new Uint32Array(words);
  const moves = new Uint32Array(words);
  const byPrice = Array.from({ length: grades }, (_, g) => g).sort((a, b) => (of[b] as number) - (of[a] as number) || a - b);
  const stack: number[] = [];
  for (const source of byPrice) {
    const price = of[source] as number;
    if (price < 0) break;
    if (((done[source >>> 5] as number) >>> (source & 31)) & 1) continue;
    done[source >>> 5] = (done[source >>> 5] as number) | (1 << (source & 31));
    stack.push(source);
    while (stack.length > 0) {
      const g = stack.pop() as number;
      moves.fill(0);
      for (const c of (flow.units[g] as Map<number, number>).keys()) addAll(moves, (book.classes[c] as OrderClass).accepts);
      for (let w = 0; w < words; w++) {
        let fresh = (moves[w] as number) & ~(done[w] as number);
        done[w] = (done[w] as number) | fresh;
        for (; fresh !== 0; fresh &= fresh - 1) {
          const h = (w << 5) + lowest(fresh);
          of[h] = price;
          root[h] = root[source] as number;
          stack.push(h);
        }
      }
    }
  }
}

/** Stands in for the price of a grade without supply: above every price there is. */
const ABOVE_ALL = 2 ** 51;

/**
 * The same where a move also changes what the slot is worth: every grade that a class accepts must cost, penalty included, as much as
 * the grades it has units in. Counted down from the competitive prices that the matching ended with, no constraint costs less than nothing
 * and the lowest prices are shortest distances, each grade and each class settled once (Dijkstra).
 */
function spreadWeighted(book: Book, flow: Flow, { of, root }: Prices): void {
  const top = Float64Array.from(flow.potential ?? of, (price) => (price === Infinity ? ABOVE_ALL : price));
  const settled = new Uint8Array(of.length);
  const opened = new Uint8Array(book.classes.length);
  const heap = new Heap();
  for (let g = 0; g < of.length; g++) heap.push((top[g] as number) - (of[g] as number), g);
  for (let g = heap.pop(); g >= 0; g = heap.pop()) {
    if (settled[g] === 1) continue;
    settled[g] = 1;
    for (const c of (flow.units[g] as Map<number, number>).keys()) {
      if (opened[c] === 1) continue;
      opened[c] = 1;
      const { grades, penalty } = book.classes[c] as OrderClass;
      const level = (of[g] as number) + (penalty ? (penalty[g] as number) : 0);
      for (let k = 0; k < grades.length; k++) {
        const h = grades[k] as number;
        const least = penalty ? level - (penalty[h] as number) : level;
        if (least < 0 || least <= (of[h] as number)) continue;
        of[h] = least;
        root[h] = root[g] as number;
        heap.push((top[h] as number) - least, h);
      }
    }
  }
}
