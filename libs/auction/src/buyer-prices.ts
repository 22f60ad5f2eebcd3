import { has } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Heap } from './heap.js';
import type { Losing } from './losing.js';
import type { Prices } from './prices.js';
import type { Order } from './types.js';

/**
 * What each buyer pays: the lowest competitive prices of the round without that buyer's own bids that lost. So two jobs of one
 * developer, or the slots that one job did not get, never raise what the developer pays; everybody else's bids do. A price that a
 * buyer pays is at most the grade's price, covers every reserve, and to an order of one unit of a buyer with no other order it is the
 * grade's price. This is Vickrey's rule (1961: a winner pays what its presence costs the others) as far as losing bids go.
 *
 * Only a buyer that holds a slot whose price goes back to a losing bid of its own can pay less: the rest pay the prices as they are, and
 * undefined stands for all of them.
 */
export function pricesByBuyer(book: Book, flow: Flow, losing: Losing, prices: Prices): ((buyer: string) => Float64Array) | undefined {
  const special = new Map<string, Float64Array>();
  for (const [buyer, grades] of selfRaised(book, flow, losing, prices))
    special.set(buyer, withoutOwnBids(book, flow, losing, prices.of, buyer, grades));
  return special.size === 0 ? undefined : (buyer) => special.get(buyer) ?? prices.of;
}

/** The buyers that hold a slot whose price may be of their own making, with all grades sold whose price is. */
function selfRaised(book: Book, flow: Flow, losing: Losing, { root }: Prices): Map<string, number[]> {
  const raised = new Map<string, number[]>();
  for (let g = 0; g < root.length; g++) {
    const cls = root[g] as number;
    if (cls < 0 || (flow.supply.sold[g] as number) === 0) continue;
    const buyer = losing.buyer(cls);
    const grades = raised.get(buyer);
    if (grades) grades.push(g);
    else raised.set(buyer, [g]);
  }
  if (raised.size === 0) return raised;
  const holders = new Set<string>();
  for (let order = 0; order < book.orders.length; order++) {
    if ((flow.filled[order] as number) === 0) continue;
    const { buyer } = book.orders[order] as Order;
    if (holders.has(buyer)) continue;
    const cls = book.classOf[order] as number;
    if (raised.get(buyer)?.some((g) => (flow.units[g] as Map<number, number>).has(cls))) holders.add(buyer);
  }
  for (const buyer of [...raised.keys()]) if (!holders.has(buyer)) raised.delete(buyer);
  return raised;
}

/**
 * The prices anew in the grades that the buyer raised; elsewhere they stay. Grades that were not sold hold up no price and are left out.
 * Counted down from the present prices as in `lowestPrices`.
 */
function withoutOwnBids(
  book: Book,
  flow: Flow,
  losing: Losing,
  from: Float64Array,
  buyer: string,
  grades: readonly number[],
): Float64Array {
  const prices = from.slice();
  const inside = new Uint8Array(from.length);
  for (const g of grades) {
    inside[g] = 1;
    prices[g] = flow.supply.marginal[g] as number;
  }
  const levels = levelsOutside(book, flow, from, inside);
  book.classes.forEach((cls, c) => {
    const bid = losing.bid(c, buyer);
    const level = Math.max(bid, levels.get(c) ?? -1);
    if (level >= 0) raise(prices, cls, level, grades);
  });
  const heap = new Heap();
  const settled = new Uint8Array(from.length);
  const opened = new Uint8Array(book.classes.length);
  const push = (g: number) => heap.push((from[g] as number) - (prices[g] as number), g);
  grades.forEach(push);
  for (let g = heap.pop(); g >= 0; g = heap.pop()) {
    if (settled[g] === 1) continue;
    settled[g] = 1;
    for (const c of (flow.units[g] as Map<number, number>).keys()) {
      if (opened[c] === 1) continue;
      opened[c] = 1;
      const cls = book.classes[c] as OrderClass;
      for (const h of raise(prices, cls, (prices[g] as number) + (cls.penalty?.[g] ?? 0), grades)) push(h);
    }
  }
  return prices;
}

/** Per class with units in other grades: what it pays there, penalty included. */
function levelsOutside(book: Book, flow: Flow, prices: Float64Array, inside: Uint8Array): Map<number, number> {
  const levels = new Map<number, number>();
  flow.units.forEach((classes, g) => {
    if (inside[g] === 1) return;
    for (const c of classes.keys()) {
      const level = (prices[g] as number) + ((book.classes[c] as OrderClass).penalty?.[g] ?? 0);
      if (level > (levels.get(c) ?? -1)) levels.set(c, level);
    }
  });
  return levels;
}

/** No accepted grade costs less than the level; returns those that had to rise. */
function raise(prices: Float64Array, { accepts, penalty }: OrderClass, level: number, grades: readonly number[]): number[] {
  const risen: number[] = [];
  for (const g of grades) {
    const least = level - (penalty ? (penalty[g] as number) : 0);
    if (least <= (prices[g] as number) || !has(accepts, g)) continue;
    prices[g] = least;
    risen.push(g);
  }
  return risen;
}
