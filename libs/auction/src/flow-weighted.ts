import { members } from './bits.js';
import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { Supply } from './supply.js';

/**
 * The matching of greatest welfare when orders prefer some grades to others: successive shortest paths over grades (Ford and
 * Fulkerson; Bellman's relaxation, as moves may gain as well as cost). A path ends at a free slot, or at a bid served earlier which
 * gives up its slot because it is worth less than the move gains.
 */
export function matchWeighted(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids, classOf, value } = book;
  const filled = new Int32Array(book.orders.length);
  const network = new WeightedNetwork(book, filled);
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    if (!takesPart(order)) continue;
    let open = bids.units[b] as number;
    while (open > 0) {
      const count = network.serve(order, classOf[order] as number, open, value[order] as number);
      if (count === 0) break;
      open -= count;
    }
  }
  return { filled, units: network.units, supply: network.supply };
}

interface Served {
  readonly order: number;
  units: number;
}

class WeightedNetwork {
  readonly units: Map<number, number>[];
  readonly supply: Supply;
  readonly #book: Book;
  readonly #filled: Int32Array;
  readonly #accepts: number[][];
  /** Per class: who has slots, highest bid first: bids come in that order, so the last is the first to give way. */
  readonly #served: Served[][];

  constructor(book: Book, filled: Int32Array) {
    this.#book = book;
    this.#filled = filled;
    this.supply = new Supply(book);
    this.units = book.example.map(() => new Map());
    this.#accepts = book.classes.map((c) => members(c.accepts));
    this.#served = book.classes.map(() => []);
  }

  serve(order: number, cls: number, wanted: number, limit: number): number {
    const { cost, parent, mover } = this.#distances(cls);
    const exit = this.#bestExit(cost, cls, limit);
    if (!exit) return 0;
    let count = Math.min(wanted, exit.loser === undefined ? this.supply.left(exit.grade) : this.#yieldable(exit.loser, exit.grade));
    for (let h = exit.grade; (parent[h] as number) >= 0; h = parent[h] as number)
      count = Math.min(count, this.#at(parent[h] as number, mover[h] as number));
    if (exit.loser === undefined) this.supply.sell(exit.grade, count);
    else this.#giveUp(exit.loser, exit.grade, count);
    let h = exit.grade;
    for (; (parent[h] as number) >= 0; h = parent[h] as number) {
      this.#change(parent[h] as number, mover[h] as number, -count);
      this.#change(h, mover[h] as number, count);
    }
    this.#change(h, cls, count);
    this.#filled[order] = (this.#filled[order] as number) + count;
    const served = this.#served[cls] as Served[];
    const last = served.at(-1);
    if (last?.order === order) last.units += count;
    else served.push({ order, units: count });
    return count;
  }

  /** Bellman's relaxation: what it costs, beyond the end of the path, to have one more unit of the class enter each grade. */
  #distances(cls: number) {
    const grades = this.units.length;
    const cost = new Float64Array(grades).fill(Infinity);
    const parent = new Int32Array(grades).fill(-1);
    const mover = new Int32Array(grades).fill(-1);
    const queue: number[] = [];
    const queued = new Uint8Array(grades);
    for (const g of this.#accepts[cls] as number[]) {
      cost[g] = this.#penalty(cls, g);
      queue.push(g);
      queued[g] = 1;
    }
    for (let i = 0; i < queue.length; i++) {
      const g = queue[i] as number;
      queued[g] = 0;
      for (const c of (this.units[g] as Map<number, number>).keys()) {
        for (const h of this.#accepts[c] as number[]) {
          const through = (cost[g] as number) + this.#penalty(c, h) - this.#penalty(c, g);
          if (through >= (cost[h] as number)) continue;
          cost[h] = through;
          parent[h] = g;
          mover[h] = c;
          if (queued[h] === 0) {
            queued[h] = 1;
            queue.push(h);
          }
        }
      }
    }
    return { cost, parent, mover };
  }

  /** A free slot is taken when it costs at most the bid; an earlier bid is displaced only when that gains. */
  #bestExit(cost: Float64Array, _cls: number, limit: number): { grade: number; loser?: number } | undefined {
    let best: { grade: number; loser?: number } | undefined;
    let least = Infinity;
    for (let g = 0; g < cost.length; g++) {
      const total = (cost[g] as number) + (this.supply.reserve[g] as number);
      if (total > limit || total >= least) continue;
      least = total;
      best = { grade: g };
    }
    for (let g = 0; g < cost.length; g++) {
      if (cost[g] === Infinity) continue;
      for (const c of (this.units[g] as Map<number, number>).keys()) {
        const total = (cost[g] as number) + this.#lowest(c) - this.#penalty(c, g);
        if (total >= limit || total >= least) continue;
        least = total;
        best = { grade: g, loser: c };
      }
    }
    return best;
  }

  #lowest(cls: number): number {
    return this.#book.value[((this.#served[cls] as Served[]).at(-1) as Served).order] as number;
  }

  #yieldable(cls: number, g: number): number {
    return Math.min(this.#at(g, cls), ((this.#served[cls] as Served[]).at(-1) as Served).units);
  }

  #giveUp(cls: number, g: number, count: number): void {
    this.#change(g, cls, -count);
    const served = this.#served[cls] as Served[];
    const last = served.at(-1) as Served;
    last.units -= count;
    this.#filled[last.order] = (this.#filled[last.order] as number) - count;
    if (last.units === 0) served.pop();
  }

  #penalty(cls: number, g: number): number {
    return (this.#book.classes[cls] as Book['classes'][number]).penalty?.[g] ?? 0;
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
