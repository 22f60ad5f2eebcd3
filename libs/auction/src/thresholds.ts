import { has } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Heap } from './heap.js';
import { uniformThresholds } from './thresholds-uniform.js';
import type { Way } from './way.js';

const NONE: readonly Way[] = [];

/**
 * The highest competitive price of each grade (Shapley and Shubik 1971): what the cheapest chain of moves costs that frees a slot of it
 * and ends at an idle slot or at the lowest bid that gives way. A bid is certain to win from there on, up to how a tie falls. Where a bid
 * must give way, the next way is kept that another order opens, as an order does not win by displacing itself.
 *
 * Shortest distances over grades and classes, counted from the lowest prices, at which no move costs less than nothing.
 */
export function thresholds(book: Book, flow: Flow, prices: Float64Array, idleReserve: Float64Array): (readonly Way[])[] {
  return book.weighted ? new Search(book, flow, prices).run(idleReserve) : uniformThresholds(book, flow, idleReserve);
}

class Search {
  readonly #book: Book;
  readonly #prices: Float64Array;
  readonly #heap = new Heap();
  /** Ways that cost no more than the one being followed: they need no place in the heap. */
  readonly #asNear: number[] = [];
  #key = -Infinity;
  /** Ways that were found, by number; a node is a grade, or the number of grades plus a class. */
  readonly #ways: { readonly node: number; readonly way: Way }[] = [];
  readonly #settled: (readonly Way[])[];
  /** Per node the keys of the two best ways so far and the order of the best: what is worse than both need not be looked at. */
  readonly #best: Float64Array;
  readonly #second: Float64Array;
  readonly #order: Int32Array;
  /** Per node: 1 when no other way need be looked for. */
  readonly #closed: Uint8Array;
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
    this.#closed = new Uint8Array(nodes);
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
    for (let n = this.#next(); n >= 0; n = this.#next()) {
      const { node, way } = this.#ways[n] as { node: number; way: Way };
      const known = this.#settled[node] as readonly Way[];
      if (this.#closed[node] === 1 || known[0]?.order === way.order) continue;
      this.#settled[node] = [...known, way];
      if (known.length === 1 || way.order === -1) this.#closed[node] = 1;
      if (node < grades) this.#fromGrade(node, way);
      else this.#fromClass(node - grades, way);
    }
    return this.#settled.slice(0, grades);
  }

  #next(): number {
    const near = this.#asNear.pop();
    if (near !== undefined) return near;
    this.#key = this.#heap.least;
    return this.#heap.pop();
  }

  /** The two lowest orders of each class that have slots may give one up. */
  #displaced(flow: Flow): void {
    const { bids, classOf, value, example } = this.#book;
    for (let b = bids.order.length - 1; b >= 0; b--) {
      const order = bids.order[b] as number;
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
    const number = this.#ways.push({ node, way: { bid, idle, order } }) - 1;
    if (key === this.#key) this.#asNear.push(number);
    else this.#heap.push(key, number);
  }

  /** A class that accepts the grade may move a unit there. */
  #fromGrade(h: number, { bid, idle, order }: Way): void {
    const { classes, example } = this.#book;
    let kept = 0;
    for (let i = 0; i < this.#open.length; i++) {
      const cls = this.#open[i] as number;
      const node = example.length + cls;
      if (this.#closed[node] === 1) continue;
      this.#open[kept++] = cls;
      const { accepts, penalty } = classes[cls] as OrderClass;
      if (!has(accepts, h)) continue;
      const cost = penalty ? bid + (penalty[h] as number) : bid;
      const key = cost - (this.#level[cls] as number);
      if (key <= (this.#second[node] as number)) this.#offer(node, key, cost, idle, order);
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
