import type { Book } from './book.js';
import type { Pairs } from './pairs.js';
import type { Offer, Order } from './types.js';

/** What is due to orders in one grade, by rank: columns. */
export interface Shares {
  readonly order: Int32Array;
  readonly units: Int32Array;
}

/**
 * Deals the slots of a grade to its orders that want theirs spread, before the others take what is left by rank. All slots below the
 * highest reserve sold are sold in any case; among those at that reserve it makes no difference to anybody's price which are, so that
 * all of them may be chosen from, as many as are sold.
 */
export function spreadGrade(book: Book, free: Int32Array, shares: Shares, g: number, pairs: Pairs): void {
  const margin = marginOf(book, free, g);
  for (let s = 0; s < shares.order.length; s++) {
    const order = shares.order[s] as number;
    const by = (book.orders[order] as Order).spread;
    if (!by) continue;
    deal(groupsBy(book, free, g, by), shares.units[s] as number, free, margin, (row, count) => pairs.add(order, row, count));
    shares.units[s] = 0;
  }
  for (const row of margin.rows) {
    free[row] = Math.min(free[row] as number, margin.left);
    margin.left -= free[row] as number;
  }
}

/** The offers at the highest reserve that was sold, and how many of their slots go to orders that have none yet. */
interface Margin {
  readonly rows: ReadonlySet<number>;
  left: number;
}

function marginOf(book: Book, free: Int32Array, g: number): Margin {
  const rows = [...book.byGrade.subarray(book.start[g], book.start[g + 1])];
  const highest = rows.reduce((most, row) => ((free[row] as number) > 0 ? Math.max(most, book.reserve[row] as number) : most), -1);
  const atMargin = rows.filter((row) => book.reserve[row] === highest);
  let left = 0;
  for (const row of atMargin) {
    left += free[row] as number;
    // Holders have theirs already; what was not sold of the others may be sold in their place.
    if (!book.heldRows.has(row)) free[row] = book.slots[row] as number;
  }
  return { rows: new Set(atMargin), left };
}

function groupsBy(book: Book, free: Int32Array, g: number, by: NonNullable<Order['spread']>): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (let at = book.start[g] as number; at < (book.start[g + 1] as number); at++) {
    const row = book.byGrade[at] as number;
    if ((free[row] as number) === 0) continue;
    const key = keyOf(book.offers[row] as Offer, by);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function keyOf({ id, owner, attributes }: Offer, by: NonNullable<Order['spread']>): string {
  switch (by) {
    case 'owner':
      return owner;
    case 'region':
      return attributes.region;
    case 'power':
      return attributes.power ?? '';
    case 'node':
      return id;
  }
}

/** Equal shares from all groups as far as they have slots; many slots, as of storage, in few steps. */
function deal(
  groups: Map<string, number[]>,
  units: number,
  free: Int32Array,
  margin: Margin,
  take: (row: number, count: number) => void,
): void {
  let left = units;
  while (left > 0 && groups.size > 0) {
    const share = Math.max(1, Math.floor(left / groups.size));
    for (const [key, group] of groups) {
      for (let due = Math.min(share, left); due > 0 && group.length > 0; ) {
        const row = group[0] as number;
        const atMargin = margin.rows.has(row);
        const count = Math.min(due, free[row] as number, atMargin ? margin.left : Infinity);
        if (count === 0) {
          group.shift();
          continue;
        }
        if (atMargin) margin.left -= count;
        free[row] = (free[row] as number) - count;
        due -= count;
        left -= count;
        take(row, count);
      }
      if (group.length === 0) groups.delete(key);
    }
  }
}
