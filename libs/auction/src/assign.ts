import { has, members } from './bits.js';
import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { Pairs } from './pairs.js';
import { type Shares, spreadGrade } from './spread.js';
import type { Order } from './types.js';

/**
 * Names the nodes: within a grade all slots cost and are worth the same, so that holders keep theirs, orders that want to be spread
 * are, and the rest goes down both lists by rank. `sold` says of each offer how many of its slots go; where spreading chose
 * between slots of the same reserve, it is brought up to date.
 */
export function assign(book: Book, flow: Flow, sold: Int32Array): Pairs {
  const free = sold.slice();
  const need = flow.filled.slice();
  const pairs = new Pairs();
  const units = book.held.size > 0 ? flow.units.map((classes) => new Map(classes)) : flow.units;
  if (book.held.size > 0) keepHolders(book, free, need, units as Map<number, number>[], pairs);
  const shares = shareByGrade(book, need, units);
  for (let g = 0; g < shares.length; g++) fillGrade(book, free, shares[g] as Shares, g, pairs);
  const spread = book.orders.some((order) => order.spread);
  if (spread) countSold(pairs, sold);
  return book.held.size > 0 || spread ? pairs.merged() : pairs;
}

/** Per offer the slots of it that are sold: the cheapest of each grade. */
export function soldSlots(book: Book, flow: Flow): Int32Array {
  const sold = new Int32Array(book.offers.length);
  for (let g = 0; g < book.example.length; g++) {
    let left = flow.supply.sold[g] as number;
    for (let at = book.start[g] as number; left > 0; at++) {
      const row = book.byGrade[at] as number;
      sold[row] = Math.min(left, book.slots[row] as number);
      left -= sold[row] as number;
    }
  }
  return sold;
}

function countSold(pairs: Pairs, sold: Int32Array): void {
  sold.fill(0);
  for (let i = 0; i < pairs.offer.length; i++) {
    const offer = pairs.offer[i] as number;
    sold[offer] = (sold[offer] as number) + (pairs.units[i] as number);
  }
}

function keepHolders(book: Book, free: Int32Array, need: Int32Array, units: Map<number, number>[], pairs: Pairs): void {
  let last = -1;
  for (const order of book.bids.order) {
    // The two bids of one order are not always neighbours; doing an order twice does no harm, its need is counted down.
    if (order === last) continue;
    last = order;
    for (const id of (book.orders[order] as Order).incumbents ?? []) {
      const offer = book.held.get(id);
      if (offer === undefined || (free[offer] as number) === 0 || (need[order] as number) === 0) continue;
      const g = book.gradeOf[offer] as number;
      const cls = book.classOf[order] as number;
      if ((units[g] as Map<number, number>).get(cls) === undefined && !trade(book, units, cls, g)) continue;
      change(units[g] as Map<number, number>, cls, -1);
      free[offer] = (free[offer] as number) - 1;
      need[order] = (need[order] as number) - 1;
      pairs.add(order, offer, 1);
    }
  }
}

/** Swaps a unit of `cls` into grade g for one of another class, where both are as well off as before. */
function trade(book: Book, units: Map<number, number>[], cls: number, g: number): boolean {
  const mine = book.classes[cls] as Book['classes'][number];
  if (!has(mine.accepts, g)) return false;
  for (const h of members(mine.accepts)) {
    if ((units[h] as Map<number, number>).get(cls) === undefined) continue;
    for (const other of (units[g] as Map<number, number>).keys()) {
      const theirs = book.classes[other] as Book['classes'][number];
      if (!has(theirs.accepts, h)) continue;
      const gain = (mine.penalty?.[h] ?? 0) - (mine.penalty?.[g] ?? 0) + ((theirs.penalty?.[g] ?? 0) - (theirs.penalty?.[h] ?? 0));
      if (gain !== 0) continue;
      change(units[g] as Map<number, number>, other, -1);
      change(units[h] as Map<number, number>, other, 1);
      change(units[h] as Map<number, number>, cls, -1);
      change(units[g] as Map<number, number>, cls, 1);
      return true;
    }
  }
  return false;
}

/** Deals the grades of each class to its orders, by rank. */
function shareByGrade(book: Book, need: Int32Array, units: readonly Map<number, number>[]): Shares[] {
  const grades: { g: number; units: number }[][] = book.classes.map(() => []);
  units.forEach((classes, g) => {
    for (const [cls, count] of classes) (grades[cls] as { g: number; units: number }[]).push({ g, units: count });
  });
  const next = new Int32Array(book.classes.length);
  const shares: Shares[] = book.example.map(() => ({ order: [], units: [] }));
  for (const order of book.bids.order) {
    const cls = book.classOf[order] as number;
    while ((need[order] as number) > 0) {
      const source = (grades[cls] as { g: number; units: number }[])[next[cls] as number] as { g: number; units: number };
      const count = Math.min(need[order] as number, source.units);
      source.units -= count;
      if (source.units === 0) next[cls] = (next[cls] as number) + 1;
      need[order] = (need[order] as number) - count;
      const share = shares[source.g] as Shares;
      share.order.push(order);
      share.units.push(count);
    }
  }
  return shares;
}

function fillGrade(book: Book, free: Int32Array, shares: Shares, g: number, pairs: Pairs): void {
  if (shares.order.some((order) => (book.orders[order] as Order).spread)) spreadGrade(book, free, shares, g, pairs);
  let at = book.start[g] as number;
  for (let s = 0; s < shares.order.length; s++) {
    for (let units = shares.units[s] as number; units > 0; ) {
      const offer = book.byGrade[at] as number;
      const count = Math.min(units, free[offer] as number);
      if (count === 0) {
        at++;
        continue;
      }
      free[offer] = (free[offer] as number) - count;
      units -= count;
      pairs.add(shares.order[s] as number, offer, count);
    }
  }
}

function change(map: Map<number, number>, key: number, by: number): void {
  const after = (map.get(key) ?? 0) + by;
  if (after === 0) map.delete(key);
  else map.set(key, after);
}
