import { addAll, lowest, members, wordsFor } from './bits.js';
import type { Book } from './book.js';
import type { Flow } from './flow.js';

/**
 * The lowest competitive price of each grade in ticks (Shapley and Shubik 1971; Leonard 1983), −1 where nobody wants any: the least
 * prices at which every sold slot covers its reserve, no losing bid would want a slot, and no winner would rather have another grade.
 * With one grade this is max(marginal winning reserve, highest losing bid).
 */
export function lowestPrices(book: Book, flow: Flow, takesPart: (order: number) => boolean): Float64Array {
  const prices = Float64Array.from(flow.supply.marginal);
  const losing = highestLosing(book, flow, takesPart);
  book.classes.forEach(({ accepts, penalty }, c) => {
    const bid = losing[c] as number;
    if (bid < 0) return;
    for (const g of members(accepts)) {
      const worth = bid - (penalty?.[g] ?? 0);
      if (worth > (prices[g] as number)) prices[g] = worth;
    }
  });
  if (book.classes.some((c) => c.penalty)) spreadWeighted(book, flow, prices);
  else spreadUniform(book, flow, prices);
  return prices;
}

/** Per class the highest bid with a unit that got nothing; −1 when all were served. */
function highestLosing(book: Book, flow: Flow, takesPart: (order: number) => boolean): Float64Array {
  const losing = new Float64Array(book.classes.length).fill(-1);
  for (let order = 0; order < book.orders.length; order++) {
    if ((flow.filled[order] as number) >= (book.wanted[order] as number) || !takesPart(order)) continue;
    const c = book.classOf[order] as number;
    if ((book.value[order] as number) > (losing[c] as number)) losing[c] = book.value[order] as number;
  }
  return losing;
}

/** A winner in g that accepts h as well would move if h were cheaper: so h costs at least as much. Dearest grades first, each is set once. */
function spreadUniform(book: Book, flow: Flow, prices: Float64Array): void {
  const grades = prices.length;
  const words = wordsFor(grades);
  const done = new Uint32Array(words);
  const moves = new Uint32Array(words);
  const byPrice = Array.from({ length: grades }, (_, g) => g).sort((a, b) => (prices[b] as number) - (prices[a] as number) || a - b);
  const stack: number[] = [];
  for (const source of byPrice) {
    const price = prices[source] as number;
    if (price < 0) break;
    if (((done[source >>> 5] as number) >>> (source & 31)) & 1) continue;
    done[source >>> 5] = (done[source >>> 5] as number) | (1 << (source & 31));
    stack.push(source);
    while (stack.length > 0) {
      const g = stack.pop() as number;
      moves.fill(0);
      for (const c of (flow.units[g] as Map<number, number>).keys()) addAll(moves, (book.classes[c] as Book['classes'][number]).accepts);
      for (let w = 0; w < words; w++) {
        let fresh = (moves[w] as number) & ~(done[w] as number);
        done[w] = (done[w] as number) | fresh;
        for (; fresh !== 0; fresh &= fresh - 1) {
          const h = (w << 5) + lowest(fresh);
          prices[h] = price;
          stack.push(h);
        }
      }
    }
  }
}

/** The same where a move also changes what the slot is worth: longest paths, relaxed until nothing rises (there is no rising cycle in an optimum). */
function spreadWeighted(book: Book, flow: Flow, prices: Float64Array): void {
  const queue = Array.from(prices.keys()).filter((g) => (prices[g] as number) >= 0);
  const queued = new Uint8Array(prices.length);
  for (const g of queue) queued[g] = 1;
  for (let i = 0; i < queue.length; i++) {
    const g = queue[i] as number;
    queued[g] = 0;
    for (const c of (flow.units[g] as Map<number, number>).keys()) {
      const { accepts, penalty } = book.classes[c] as Book['classes'][number];
      for (const h of members(accepts)) {
        const least = (prices[g] as number) + (penalty?.[g] ?? 0) - (penalty?.[h] ?? 0);
        if (least < 0 || least <= (prices[h] as number)) continue;
        prices[h] = least;
        if (queued[h] === 0) {
          queued[h] = 1;
          queue.push(h);
        }
      }
    }
  }
}
