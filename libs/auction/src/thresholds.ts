import { has } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Heap } from './heap.js';

/**
 * What it takes to get one more slot of a grade, in ticks, and how: `order` gives way, or, where that is −1, a free slot of the grade `idle`
 * is used. A bid that must give way counts one tick more than it is.
 */
export interface Way {
  readonly bid: number;
  readonly idle: number;
  readonly order: number;
}

const NONE: readonly Way[] = [];

/**
 * The highest competitive price of each grade (Shapley and Shubik 1971): what the cheapest chain of moves costs that frees a slot of it
 * and ends at an idle slot or at the lowest bid that gives way. A bid is certain to win from there on, up to how a tie falls. Where a bid
 * must give way, the next way is kept that another order opens, as an order does not win by displacing itself.
 *
 * Shortest distances over grades and classes, counted from the lowest prices, at which no move costs less than nothing.
 */
export function thresholds(book: Book, flow: Flow, prices: Float64Array, idleReserve: Float64Array): (readonly Way[])[] {
  return new Search(book, flow, book.weighted ? prices : new Float64Array(prices.length)).run(idleReserve);
}

class Search {
  readonly #book: Book;
  readonly #prices: Float64Array;
  readonly #heap = new Heap();
  /** Ways that were found, by number; a node is a grade, or the number of grades plus a class. */
  readonly #ways: { readonly node: number; readonly way: Way }[] = [];
  readonly #settled: (readonly Way[])[];
  /** Per node the keys of the two best ways so far and the order of the best: what is worse than both need not be looked at. */
  readonly #best: Float64Array;
  readonly #second: Float64Array;
  readonly #order: Int32Array;
  /** Per class: the grades it has units in, and what they cost it, penalty included. */
  readonly #grades = new Map<number, number[]>();
  readonly #level: Float64Array;
  /** Classes with slots that still look for a way. */
  #open: number[];

  constructor(book: Book, flow: Flow, prices: Float64Array) {
    const nodes = book.example.length + book.classes.length;
    this.#book = book;
    this.#prices = prices;
    this.#settled = new Array<readonly Way[]>(nodes).fill(NONE);
    this.#best = new Float64Array(nodes).fill(Infinity);
    this.#second = new Float64Array(nodes).fill(Infinity);
    this.#order = new Int32Array(nodes).fill(-2);
    this.#level = new Float64Array(book.classes.length);
    flow.units.forEach((classes, g) => {
      for (const cls of classes.keys()) {
        const list = this.#grades.get(cls);
        if (list) list.push(g);
        else this.#grades.set(cls, [g]);
        this.#level[cls] = (prices[g] as number) + this.#penalty(cls, g);
      }
    });
    this.#open = [...this.#grades.keys()];
    this.#displaced(flow);
  }

  run(idleReserve: Float64Array): (readonly Way[])[] {
    const grades = this.#book.example.length;
    for (let g = 0; g < grades; g++)
      if (idleReserve[g] !== Infinity)
        this.#offer(g, (idleReserve[g] as number) - (this.#prices[g] as number), idleReserve[g] as number, g, -1);
    for (let n = this.#heap.pop(); n >= 0; n = this.#heap.pop()) {
      const { node, way } = this.#ways[n] as { node: number; way: Way };
      const known = this.#settled[node] as readonly Way[];
      if (known.length === 2 || known[0]?.order === way.order || known[0]?.order === -1) continue;
      this.#settled[node] = [...known, way];
      if (node < grades) this.#fromGrade(node, way);
      else this.#fromClass(node - grades, way);
    }
    return this.#settled.slice(0, grades);
  }

  /** The two lowest orders of each class that have slots may give one up. */
  #displaced(flow: Flow): void {
    const { orders, classOf, value, example } = this.#book;
    for (let order = 0; order < orders.length; order++) {
      if ((flow.filled[order] as number) === 0) continue;
      const cls = classOf[order] as number;
      const bid = (value[order] as number) + 1;
      this.#offer(example.length + cls, bid - (this.#level[cls] as number), bid, -1, order);
    }
  }

  #offer(node: number, key: number, bid: number, idle: number, order: number): void {
    if (key < (this.#best[node] as number)) {
      if (order !== this.#order[node]) this.#second[node] = this.#best[node] as number;
      this.#best[node] = key;
      this.#order[node] = order;
    } else if (order !== this.#order[node] && key < (this.#second[node] as number)) this.#second[node] = key;
    else if (key > (this.#best[node] as number) || order >= 0) return;
    this.#heap.push(key, this.#ways.push({ node, way: { bid, idle, order } }) - 1);
  }

  /** A class that accepts the grade may move a unit there. */
  #fromGrade(h: number, { bid, idle, order }: Way): void {
    const { classes, example } = this.#book;
    let kept = 0;
    for (let i = 0; i < this.#open.length; i++) {
      const cls = this.#open[i] as number;
      const node = example.length + cls;
      const known = this.#settled[node] as readonly Way[];
      if (known.length === 2 || known[0]?.order === -1) continue;
      this.#open[kept++] = cls;
      if (!has((classes[cls] as OrderClass).accepts, h)) continue;
      const cost = bid + this.#penalty(cls, h);
      this.#offer(node, cost - (this.#level[cls] as number), cost, idle, order);
    }
    this.#open.length = kept;
  }

  #fromClass(cls: number, { bid, idle, order }: Way): void {
    for (const g of this.#grades.get(cls) as number[]) {
      const cost = bid - this.#penalty(cls, g);
      this.#offer(g, cost - (this.#prices[g] as number), cost, idle, order);
    }
  }

  #penalty(cls: number, g: number): number {
    return (this.#book.classes[cls] as OrderClass).penalty?.[g] ?? 0;
  }
}
