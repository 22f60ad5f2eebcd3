import { has, members } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Supply } from './supply.js';

/**
 * The matching of greatest welfare when orders prefer some grades to others: successive shortest paths over grades, found by Dijkstra's
 * algorithm with prices as potentials (Edmonds and Karp 1972). A path ends at a free slot, or at a bid served earlier which gives
 * up its slot because it is worth less than the path gains.
 */
export function matchWeighted(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids } = book;
  const network = new WeightedNetwork(book);
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    if (!takesPart(order)) continue;
    let open = bids.units[b] as number;
    while (open > 0) {
      const count = network.serve(order, open);
      if (count === 0) break;
      open -= count;
    }
  }
  return { filled: network.filled, units: network.units, supply: network.supply };
}

interface Served {
  readonly order: number;
  units: number;
}

/** The end of a path: a free slot of the grade, or the last bid of the class `loser` in it. */
interface Exit {
  readonly grade: number;
  readonly loser: number;
  readonly cost: number;
}

const NOBODY = -1;

class WeightedNetwork {
  readonly filled: Int32Array;
  readonly units: Map<number, number>[];
  readonly supply: Supply;
  readonly #book: Book;
  readonly #accepts: readonly number[][];
  /** Per class: who has slots, highest bid first. Bids come in that order, so the last is the first to give way. */
  readonly #served: Served[][];
  /** Per grade: a competitive price so far, with which no move and no exit costs less than nothing. */
  readonly #price: Float64Array;
  /** Per grade and grade: the least that a move of a unit from the one to the other costs; made when first needed. */
  readonly #moves: (Float64Array | undefined)[];
  readonly #stale: Uint8Array;
  /** Per grade: the classes in it that prefer others to it. */
  readonly #unhappy: Set<number>[];
  readonly #cost: Float64Array;
  readonly #from: Int32Array;
  readonly #done: Uint8Array;

  constructor(book: Book) {
    const grades = book.example.length;
    this.#book = book;
    this.filled = new Int32Array(book.orders.length);
    this.supply = new Supply(book);
    this.units = book.example.map(() => new Map());
    this.#accepts = book.classes.map((c) => members(c.accepts));
    this.#served = book.classes.map(() => []);
    this.#price = new Float64Array(grades);
    this.#moves = new Array<undefined>(grades).fill(undefined);
    this.#stale = new Uint8Array(grades);
    this.#unhappy = book.example.map(() => new Set());
    this.#cost = new Float64Array(grades);
    this.#from = new Int32Array(grades);
    this.#done = new Uint8Array(grades);
  }

  /** Gives an order up to `wanted` slots at its best grade; returns how many, 0 when none is worth it. */
  serve(order: number, wanted: number): number {
    const cls = this.#book.classOf[order] as number;
    const limit = this.#book.value[order] as number;
    const exit = this.#search(cls, limit);
    if (!exit) return 0;
    const path: number[] = [exit.grade];
    for (let g = this.#from[exit.grade] as number; g >= 0; g = this.#from[g] as number) path.unshift(g);
    const movers = path.slice(1).map((h, i) => this.#mover(path[i] as number, h));
    let count = Math.min(wanted, exit.loser === NOBODY ? this.supply.left(exit.grade) : this.#yieldable(exit.loser, exit.grade));
    movers.forEach((mover, i) => {
      count = Math.min(count, this.#at(path[i] as number, mover));
    });
    if (exit.loser === NOBODY) this.supply.sell(exit.grade, count);
    else this.#giveUp(exit.loser, exit.grade, count);
    movers.forEach((mover, i) => {
      this.#change(path[i] as number, mover, -count);
      this.#change(path[i + 1] as number, mover, count);
    });
    this.#change(path[0] as number, cls, count);
    this.#credit(order, cls, count);
    return count;
  }

  /**
   * The cheapest way for one more unit of the class, if it costs at most `limit`. Costs are counted with the prices of grades, so that
   * none is negative; afterwards the prices of the grades passed rise to what the way costs.
   */
  #search(cls: number, limit: number): Exit | undefined {
    const cost = this.#cost.fill(Infinity);
    this.#done.fill(0);
    const reached: number[] = [];
    for (const g of this.#accepts[cls] as number[]) {
      cost[g] = this.#penalty(cls, g) + (this.#price[g] as number);
      this.#from[g] = -1;
      reached.push(g);
    }
    let best: Exit = { grade: -1, loser: NOBODY, cost: Infinity };
    const passed: number[] = [];
    // Most moves cost nothing: the grades they reach are as near as the one they start from and need not be looked for.
    const level: number[] = [];
    for (;;) {
      const g = level.pop() ?? this.#nearest(reached);
      if (g < 0 || (cost[g] as number) > limit || (cost[g] as number) >= best.cost) break;
      if (this.#done[g] === 1) continue;
      this.#done[g] = 1;
      passed.push(g);
      best = this.#betterExit(g, (cost[g] as number) - (this.#price[g] as number), limit, best);
      this.#relax(g, reached, level);
    }
    const risen = Math.min(best.cost, limit);
    for (const g of passed) if ((cost[g] as number) < risen) this.#price[g] = (this.#price[g] as number) + risen - (cost[g] as number);
    return best.cost <= limit ? best : undefined;
  }

  #nearest(reached: readonly number[]): number {
    let nearest = -1;
    let least = Infinity;
    for (const g of reached) {
      if (this.#done[g] === 1 || (this.#cost[g] as number) >= least) continue;
      nearest = g;
      least = this.#cost[g] as number;
    }
    return nearest;
  }

  /** A free slot is taken when it costs at most the bid; an earlier bid is displaced only when that gains. */
  #betterExit(g: number, so_far: number, limit: number, best: Exit): Exit {
    let better = best;
    const free = so_far + (this.supply.reserve[g] as number);
    if (free < better.cost || (free === better.cost && better.loser !== NOBODY)) better = { grade: g, loser: NOBODY, cost: free };
    // A bid served earlier is at least as high as this one, so it gives way only where it is unhappy, or to a path that gains.
    for (const c of so_far < 0 ? (this.units[g] as Map<number, number>).keys() : (this.#unhappy[g] as Set<number>)) {
      const cost = so_far + this.#lowest(c) - this.#penalty(c, g);
      if (cost < limit && cost < better.cost) better = { grade: g, loser: c, cost };
    }
    return better;
  }

  #relax(g: number, reached: number[], level: number[]): void {
    const moves = this.#movesFrom(g);
    if (!moves) return;
    const here = this.#cost[g] as number;
    const base = here - (this.#price[g] as number);
    for (let h = 0; h < moves.length; h++) {
      const through = base + (moves[h] as number) + (this.#price[h] as number);
      if (!(through < (this.#cost[h] as number))) continue;
      if (this.#cost[h] === Infinity) reached.push(h);
      this.#cost[h] = through;
      this.#from[h] = g;
      if (through === here) level.push(h);
    }
  }

  #movesFrom(g: number): Float64Array | undefined {
    const units = this.units[g] as Map<number, number>;
    if (units.size === 0) return undefined;
    const known = this.#moves[g];
    if (known && this.#stale[g] === 0) return known;
    const moves = known ?? new Float64Array(this.units.length);
    moves.fill(Infinity);
    for (const c of units.keys()) this.#addMoves(moves, g, c);
    this.#moves[g] = moves;
    this.#stale[g] = 0;
    return moves;
  }

  #addMoves(moves: Float64Array, g: number, cls: number): void {
    const { penalty } = this.#book.classes[cls] as OrderClass;
    const here = penalty?.[g] ?? 0;
    for (const h of this.#accepts[cls] as number[]) {
      const cost = (penalty?.[h] ?? 0) - here;
      if (cost < (moves[h] as number)) moves[h] = cost;
    }
  }

  #mover(g: number, h: number): number {
    const cost = (this.#moves[g] as Float64Array)[h] as number;
    for (const c of (this.units[g] as Map<number, number>).keys())
      if (has((this.#book.classes[c] as OrderClass).accepts, h) && this.#penalty(c, h) - this.#penalty(c, g) === cost) return c;
    throw new RangeError(`no class of grade ${g} moves to grade ${h} for ${cost}`);
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
    this.filled[last.order] = (this.filled[last.order] as number) - count;
    if (last.units === 0) served.pop();
  }

  #credit(order: number, cls: number, count: number): void {
    this.filled[order] = (this.filled[order] as number) + count;
    const served = this.#served[cls] as Served[];
    const last = served.at(-1);
    if (last?.order === order) last.units += count;
    else served.push({ order, units: count });
  }

  #penalty(cls: number, g: number): number {
    return (this.#book.classes[cls] as OrderClass).penalty?.[g] ?? 0;
  }

  #at(g: number, cls: number): number {
    return (this.units[g] as Map<number, number>).get(cls) ?? 0;
  }

  #change(g: number, cls: number, by: number): void {
    const units = this.units[g] as Map<number, number>;
    const before = units.get(cls) ?? 0;
    if (before + by === 0) {
      units.delete(cls);
      (this.#unhappy[g] as Set<number>).delete(cls);
      this.#stale[g] = 1;
      return;
    }
    units.set(cls, before + by);
    if (before === 0 && this.#penalty(cls, g) > 0) (this.#unhappy[g] as Set<number>).add(cls);
    const moves = this.#moves[g];
    if (before === 0 && moves && this.#stale[g] === 0) this.#addMoves(moves, g, cls);
  }
}
