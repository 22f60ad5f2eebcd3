import { has, members } from './bits.js';
import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { Pairs } from './pairs.js';
import { type Shares, spreadGrade } from './spread.js';
import type { Order } from './types.js';

/**
 * Names the nodes: within a grade all slots cost and are worth the same, so that holders keep theirs, orders that want to be spread
 * are, and the rest goes down both lists by rank. With them, how many slots of each offer go.
 */
export function assign(book: Book, flow: Flow): { readonly pairs: Pairs; readonly sold: () => Int32Array } {
  const need = flow.filled.slice();
  if (book.held.size === 0 && !book.spreads) {
    const pairs = new Pairs(book.bids.order.length + book.byGrade.length);
    const shares = shareByGrade(book, need, flow.units);
    for (let g = 0; g < shares.length; g++) dealByRank(book, shares[g] as Shares, g, pairs);
    let sold: Int32Array | undefined;
    return {
      pairs,
      sold: () => {
        sold ??= soldSlots(book, flow);
        return sold;
      },
    };
  }
  const sold = soldSlots(book, flow);
  const free = sold.slice();
  const pairs = new Pairs();
  const units = book.held.size > 0 ? flow.units.map((classes) => new Map(classes)) : flow.units;
  if (book.held.size > 0) keepHolders(book, free, need, units as Map<number, number>[], pairs);
  const shares = shareByGrade(book, need, units);
  for (let g = 0; g < shares.length; g++) fillGrade(book, free, shares[g] as Shares, g, pairs);
  if (book.spreads) countSold(pairs, sold);
  return { pairs: pairs.merged(), sold: () => sold };
}

/** Per offer the slots of it that are sold: the cheapest of each grade. */
function soldSlots(book: Book, flow: Flow): Int32Array {
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
  for (let i = 0; i < pairs.length; i++) {
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
  const sources: { g: number; units: number }[][] = book.classes.map(() => []);
  let room = book.bids.order.length;
  units.forEach((classes, g) => {
    for (const [cls, count] of classes) (sources[cls] as { g: number; units: number }[]).push({ g, units: count });
    room += classes.size;
  });
  const dealt = new Pairs(room);
  const start = new Int32Array(book.example.length + 1);
  const next = new Int32Array(book.classes.length);
  const { order: ranked } = book.bids;
  for (let b = 0; b < ranked.length; b++) {
    const order = ranked[b] as number;
    let left = need[order] as number;
    if (left === 0) continue;
    const cls = book.classOf[order] as number;
    while (left > 0) {
      const source = (sources[cls] as { g: number; units: number }[])[next[cls] as number] as { g: number; units: number };
      const count = Math.min(left, source.units);
      source.units -= count;
      if (source.units === 0) next[cls] = (next[cls] as number) + 1;
      left -= count;
      dealt.add(order, source.g, count);
      start[source.g + 1] = (start[source.g + 1] as number) + 1;
    }
    need[order] = 0;
  }
  return groupedByGrade(dealt, start);
}

/** `start[g + 1]` says how many there are in grade g; within a grade they stay in their order. */
function groupedByGrade({ length, order, offer: grade, units }: Pairs, start: Int32Array): Shares[] {
  const grades = start.length - 1;
  if (grades === 1) return [{ order: order.subarray(0, length), units: units.subarray(0, length) }];
  for (let g = 0; g < grades; g++) start[g + 1] = (start[g + 1] as number) + (start[g] as number);
  const grouped = { order: new Int32Array(length), units: new Int32Array(length) };
  const next = start.slice();
  for (let i = 0; i < length; i++) {
    const g = grade[i] as number;
    const at = next[g] as number;
    grouped.order[at] = order[i] as number;
    grouped.units[at] = units[i] as number;
    next[g] = at + 1;
  }
  return Array.from({ length: grades }, (_, g) => ({
    order: grouped.order.subarray(start[g], start[g + 1]),
    units: grouped.units.subarray(start[g], start[g + 1]),
  }));
}

/** Nobody holds anything and nobody wants to be spread: down both lists. */
function dealByRank({ byGrade, slotsAt, start }: Book, { order, units }: Shares, g: number, pairs: Pairs): void {
  let at = start[g] as number;
  let left = order.length > 0 ? (slotsAt[at] as number) : 0;
  for (let s = 0; s < order.length; s++) {
    for (let due = units[s] as number; due > 0; ) {
      if (left === 0) {
        at++;
        left = slotsAt[at] as number;
      }
      const count = Math.min(due, left);
      left -= count;
      due -= count;
      pairs.add(order[s] as number, byGrade[at] as number, count);
    }
  }
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
