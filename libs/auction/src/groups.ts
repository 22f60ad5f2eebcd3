import { has } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';

/** The grades that a class accepts and likes alike, those with the cheapest reserve first. */
export interface Group {
  readonly penalty: number;
  readonly grades: Int32Array;
}

/** A class with no more grades than this sorts its own; any other reads the list of all. */
const FEW = 64;

/**
 * The grades of every class by what they are worth to it. As no price is below its grade's cheapest reserve, a search for slots up to
 * some cost reads only the beginning of each group; grades whose reserve is above the class's highest bid are left out.
 */
export function groupsOf(book: Book, floor: Float64Array): Group[][] {
  const byFloor = Int32Array.from(floor.keys()).sort((a, b) => compare(floor[a] as number, floor[b] as number) || a - b);
  const place = new Int32Array(floor.length);
  byFloor.forEach((g, i) => {
    place[g] = i;
  });
  const highest = new Float64Array(book.classes.length).fill(-1);
  for (let order = 0; order < book.orders.length; order++) {
    const c = book.classOf[order] as number;
    highest[c] = Math.max(highest[c] as number, book.value[order] as number);
  }
  return book.classes.map((cls, c) => {
    const few = cls.size <= FEW;
    const list = few ? cls.grades.slice().sort((a, b) => (place[a] as number) - (place[b] as number)) : byFloor;
    return group(cls, list, few, floor, highest[c] as number);
  });
}

function group({ accepts, penalty }: OrderClass, list: Int32Array, accepted: boolean, floor: Float64Array, most: number): Group[] {
  const groups = new Map<number, number[]>();
  let last = -1;
  let into: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const g = list[i] as number;
    if ((floor[g] as number) > most) break;
    if (!accepted && !has(accepts, g)) continue;
    const lost = penalty ? (penalty[g] as number) : 0;
    if (lost !== last) {
      into = groups.get(lost) ?? [];
      if (into.length === 0) groups.set(lost, into);
      last = lost;
    }
    into.push(g);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([lost, grades]) => ({ penalty: lost, grades: Int32Array.from(grades) }));
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
