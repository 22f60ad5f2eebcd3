import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { type Group, groupsOf } from './groups.js';
import { Supply } from './supply.js';

/**
 * The matching of greatest welfare when orders prefer some grades to others: successive shortest paths, found by Dijkstra's
 * algorithm with prices as potentials (Edmonds and Karp 1972). A path leads from grade to grade over classes that may move, and ends at
 * a free slot, or at a bid served earlier which gives up its slot because it is worth less than the path gains.
 *
 * The price of a grade starts at its cheapest reserve and only rises, so that a free slot that is still at its grade's price ends a
 * search at once, as in the ascending auction of Demange, Gale and Sotomayor 1986. A class is as well off in each grade it has units in
 * as in any other: one figure, its level, stands for all of them, and a search passes through a class once.
 */
export function matchWeighted(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids } = book;
  const network = new WeightedNetwork(book);
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    if (!takesPart(order)) continue;
    for (let open = bids.units[b] as number; open > 0; ) {
      const count = network.serve(order, open, b);
      if (count === 0) break;
      open -= count;
    }
  }
  return { filled: network.filled, units: network.units, supply: network.supply, potential: network.price };
}

interface Served {
  readonly order: number;
  /** The place of the bid among all. */
  readonly place: number;
  units: number;
}

const NOBODY = -1;

class WeightedNetwork {
  readonly filled: Int32Array;
  readonly units: Map<number, number>[];
  readonly supply: Supply;
  /** Competitive prices of what has been matched so far, though not the lowest. */
  readonly price: Float64Array;
  readonly #book: Book;
  readonly #groups: readonly Group[][];
  /** Per grade: its cheapest reserve, below which its price never is. */
  readonly #floor: Float64Array;
  /** Per class: who has slots, highest bid first. Bids come in that order, so the last is the first to give way. */
  readonly #served: Served[][];
  /** Per grade: the cost of the cheapest way to it so far, and the class that moves into it at the end of that way. */
  readonly #cost: Float64Array;
  readonly #mover: Int32Array;
  readonly #done: Uint8Array;
  /** Per class: the search that passed through it last, and the grade it left. */
  readonly #passed: Int32Array;
  readonly #left: Int32Array;
  /** The grades that a search has reached: those still to be looked at, and all of them. */
  readonly #reached: number[] = [];
  readonly #touched: number[] = [];
  #search = 0;
  /** The end of the best way found: its cost, the grade, and the class whose last bid gives way there. */
  #best = Infinity;
  #end = NOBODY;
  #loser = NOBODY;

  constructor(book: Book) {
    const [grades, classes] = [book.example.length, book.classes.length];
    this.#book = book;
    this.filled = new Int32Array(book.orders.length);
    this.supply = new Supply(book);
    this.units = book.example.map(() => new Map());
    this.#served = book.classes.map(() => []);
    this.price = this.supply.reserve.slice();
    this.#floor = this.supply.reserve.slice();
    this.#groups = groupsOf(book, this.#floor);
    this.#cost = new Float64Array(grades).fill(Infinity);
    this.#mover = new Int32Array(grades);
    this.#done = new Uint8Array(grades);
    this.#passed = new Int32Array(classes);
    this.#left = new Int32Array(classes);
  }

  /** Gives the bid at this place up to `wanted` slots at its best grade; returns how many, 0 when none is worth it. */
  serve(order: number, wanted: number, place: number): number {
    const cls = this.#book.classOf[order] as number;
    if (!this.#find(cls, this.#book.value[order] as number)) return 0;
    const [end, loser] = [this.#end, this.#loser];
    let count = Math.min(wanted, loser === NOBODY ? this.supply.left(end) : this.#yieldable(loser, end));
    for (let h = end, c = this.#mover[h] as number; c !== NOBODY; h = this.#left[c] as number, c = this.#mover[h] as number)
      count = Math.min(count, this.#at(this.#left[c] as number, c));
    if (loser === NOBODY) this.supply.sell(end, count);
    else this.#giveUp(loser, end, count);
    let h = end;
    for (let c = this.#mover[h] as number; c !== NOBODY; c = this.#mover[h] as number) {
      const g = this.#left[c] as number;
      this.#change(g, c, -count);
      this.#change(h, c, count);
      h = g;
    }
    this.#change(h, cls, count);
    this.#credit(order, cls, count, place);
    return count;
  }

  /** Finds the cheapest way for one more unit of the class, if one costs at most `limit`; the prices of grades passed rise to its cost. */
  #find(cls: number, limit: number): boolean {
    const price = this.price;
    const { reserve } = this.supply;
    const floor = this.#floor;
    let least = Infinity;
    let best = Infinity;
    let end = NOBODY;
    for (const { penalty, grades } of this.#groups[cls] as Group[]) {
      for (let i = 0; i < grades.length; i++) {
        const g = grades[i] as number;
        if ((floor[g] as number) + penalty >= best) break;
        const cost = (price[g] as number) + penalty;
        if (cost < least) least = cost;
        const free = (reserve[g] as number) + penalty;
        if (free >= best) continue;
        best = free;
        end = g;
      }
    }
    if (least > limit) return false;
    // The cheapest free slot that it accepts bounds the search, and often there is nothing cheaper to search for.
    [this.#best, this.#end, this.#loser] = [best, end, NOBODY];
    if (best > least) return this.#findFar(cls, limit);
    this.#mover[end] = NOBODY;
    return true;
  }

  #findFar(cls: number, limit: number): boolean {
    this.#search++;
    this.#reached.length = 0;
    this.#relax(cls, NOBODY, 0, 0, limit);
    const passed: number[] = [];
    for (;;) {
      const g = this.#nearest();
      if (g === NOBODY) break;
      const cost = this.#cost[g] as number;
      // As long as a bid would give way, a way of equal cost to a free slot is still looked for: see `#pass`.
      if (cost > limit || cost > this.#best || (cost === this.#best && this.#loser === NOBODY)) break;
      this.#done[g] = 1;
      passed.push(g);
      const free = cost + (this.supply.reserve[g] as number) - (this.price[g] as number);
      if (free < this.#best || (free === this.#best && this.#loser !== NOBODY)) [this.#best, this.#end, this.#loser] = [free, g, NOBODY];
      for (const c of (this.units[g] as Map<number, number>).keys()) this.#pass(c, g, cost, limit);
    }
    const risen = Math.min(this.#best, limit);
    for (const g of passed) {
      const cost = this.#cost[g] as number;
      if (cost < risen) this.price[g] = (this.price[g] as number) + risen - cost;
    }
    for (const g of this.#touched) {
      this.#cost[g] = Infinity;
      this.#done[g] = 0;
    }
    this.#touched.length = 0;
    return this.#best <= limit;
  }

  #nearest(): number {
    const reached = this.#reached;
    let nearest = NOBODY;
    let least = Infinity;
    let kept = 0;
    for (let i = 0; i < reached.length; i++) {
      const g = reached[i] as number;
      if (this.#done[g] === 1) continue;
      reached[kept++] = g;
      const cost = this.#cost[g] as number;
      if (cost < least) [nearest, least] = [g, cost];
    }
    reached.length = kept;
    return nearest;
  }

  /** Through grade g, reached at `cost`, a unit of class c may be made to leave: to another grade, or for good. */
  #pass(c: number, g: number, cost: number, limit: number): void {
    if (this.#passed[c] === this.#search) return;
    this.#passed[c] = this.#search;
    const level = (this.price[g] as number) + this.#penalty(c, g);
    const gone = cost - level + this.#lowest(c);
    // An earlier bid, which is no lower than this one, gives way only where that gains.
    if (gone < limit && (gone < this.#best || (gone === this.#best && this.#isLaterThanLoser(c))))
      [this.#best, this.#end, this.#loser] = [gone, g, c];
    this.#relax(c, g, cost, level, limit);
  }

  /** Of bids that might give way alike the last in rank does, as a tie goes to the incumbent and the earlier. */
  #isLaterThanLoser(c: number): boolean {
    return this.#loser !== NOBODY && this.#last(c).place > this.#last(this.#loser).place;
  }

  #relax(c: number, from: number, cost: number, level: number, limit: number): void {
    const price = this.price;
    const floor = this.#floor;
    const known = this.#cost;
    const most = Math.min(limit, this.#best);
    for (const { penalty, grades } of this.#groups[c] as Group[]) {
      const base = cost - level + penalty;
      for (let i = 0; i < grades.length; i++) {
        const h = grades[i] as number;
        if (base + (floor[h] as number) > most) break;
        const through = base + (price[h] as number);
        if (through > most || !(through < (known[h] as number))) continue;
        if (known[h] === Infinity) this.#reach(h);
        known[h] = through;
        this.#mover[h] = from === NOBODY ? NOBODY : c;
      }
    }
    if (from !== NOBODY) this.#left[c] = from;
  }

  #reach(h: number): void {
    this.#reached.push(h);
    this.#touched.push(h);
  }

  #lowest(cls: number): number {
    return this.#book.value[this.#last(cls).order] as number;
  }

  /** The bid of the class that is the first to give way. */
  #last(cls: number): Served {
    return (this.#served[cls] as Served[]).at(-1) as Served;
  }

  #yieldable(cls: number, g: number): number {
    return Math.min(this.#at(g, cls), this.#last(cls).units);
  }

  #giveUp(cls: number, g: number, count: number): void {
    this.#change(g, cls, -count);
    const served = this.#served[cls] as Served[];
    const last = served.at(-1) as Served;
    last.units -= count;
    this.filled[last.order] = (this.filled[last.order] as number) - count;
    if (last.units === 0) served.pop();
  }

  #credit(order: number, cls: number, count: number, place: number): void {
    this.filled[order] = (this.filled[order] as number) + count;
    const served = this.#served[cls] as Served[];
    const last = served.at(-1);
    if (last?.place === place) last.units += count;
    else served.push({ order, place, units: count });
  }

  #penalty(cls: number, g: number): number {
    return (this.#book.classes[cls] as OrderClass).penalty?.[g] ?? 0;
  }

  #at(g: number, cls: number): number {
    return (this.units[g] as Map<number, number>).get(cls) ?? 0;
  }

  #change(g: number, cls: number, by: number): void {
    const units = this.units[g] as Map<number, number>;
    const after = (units.get(cls) ?? 0) + by;
    if (after === 0) units.delete(cls);
    else units.set(cls, after);
  }
}
