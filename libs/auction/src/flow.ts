import { addAll, type Bits, has, lowest, wordsFor } from './bits.js';
import type { Book } from './book.js';
import { Supply } from './supply.js';

/** Who got how many slots of which grade. */
export interface Flow {
  /** Slots per order. */
  readonly filled: Int32Array;
  /** Per grade: how many of its sold slots each class has. */
  readonly units: readonly Map<number, number>[];
  readonly supply: Supply;
}

/**
 * The matching of greatest welfare when every order values all the grades it accepts alike.
 *
 * Bids come highest first, each takes the cheapest slot it can get, if need be by letting earlier bids move between grades that
 * they like as well (a shortest augmenting path; Ford and Fulkerson 1962, ch. III). A bid once served is never displaced, as later ones are
 * lower. The cost of one more slot of a grade, over all such paths, only grows as slots are sold; `bound` keeps a lower bound of
 * it, so that most bids are served, or refused, without a search.
 */
export function matchUniform(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids, classOf, value } = book;
  const filled = new Int32Array(book.orders.length);
  const network = new Network(book);
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    if (!takesPart(order)) continue;
    const cls = classOf[order] as number;
    const limit = value[order] as number;
    let open = bids.units[b] as number;
    while (open > 0) {
      const count = network.serve(cls, open, limit);
      if (count === 0) break;
      open -= count;
    }
    filled[order] = (filled[order] as number) + (bids.units[b] as number) - open;
  }
  return { filled, units: network.units, supply: network.supply };
}

class Network {
  readonly units: Map<number, number>[];
  readonly supply: Supply;
  /** Per grade: lower bound of the cost of one more slot, in ticks. */
  readonly #bound: Float64Array;
  /** Per grade: the grades that some class in it accepts too. */
  readonly #moves: Bits[];
  readonly #accepts: Bits[];
  readonly #parent: Int32Array;
  readonly #visited: Bits;
  readonly #stack: Int32Array;

  constructor(book: Book) {
    const grades = book.example.length;
    const words = wordsFor(grades);
    this.supply = new Supply(book);
    this.units = Array.from({ length: grades }, () => new Map());
    this.#bound = new Float64Array(grades);
    this.#moves = Array.from({ length: grades }, () => new Uint32Array(words));
    this.#accepts = book.classes.map((c) => c.accepts);
    this.#parent = new Int32Array(grades);
    this.#visited = new Uint32Array(words);
    this.#stack = new Int32Array(grades);
  }

  /** Gives a class up to `wanted` slots that cost at most `limit` each; returns how many, 0 when there is none. */
  serve(cls: number, wanted: number, limit: number): number {
    for (;;) {
      const g = this.#cheapest(this.#accepts[cls] as Bits);
      if (g < 0 || (this.#bound[g] as number) > limit) return 0;
      if (this.supply.reserve[g] === this.#bound[g]) return this.#sell(cls, g, g, wanted);
      const end = this.#search(g);
      if (end >= 0) return this.#sell(cls, g, end, wanted);
    }
  }

  /** The accepted grade of least bound; among equals one whose own next slot is that cheap, then the first. */
  #cheapest(accepts: Bits): number {
    let best = -1;
    let bound = Infinity;
    let direct = false;
    for (let w = 0; w < accepts.length; w++) {
      for (let word = accepts[w] as number; word !== 0; word &= word - 1) {
        const g = (w << 5) + lowest(word);
        const cost = this.#bound[g] as number;
        if (cost > bound || cost === Infinity) continue;
        const own = this.supply.reserve[g] === cost;
        if (cost === bound && (direct || !own)) continue;
        best = g;
        bound = cost;
        direct = own;
      }
    }
    return best;
  }

  /**
   * Looks for a grade that can be reached from `from` and whose next slot costs just the bound; otherwise raises the bounds of all that
   * were reached to the least cost seen among them and returns −1.
   */
  #search(from: number): number {
    const target = this.#bound[from] as number;
    const visited = this.#visited.fill(0);
    const stack = this.#stack;
    let read = 0;
    let size = 1;
    let least = this.supply.reserve[from] as number;
    stack[0] = from;
    visited[from >>> 5] = (visited[from >>> 5] as number) | (1 << (from & 31));
    this.#parent[from] = -1;
    while (read < size) {
      const g = stack[read++] as number;
      const moves = this.#moves[g] as Bits;
      for (let w = 0; w < moves.length; w++) {
        let fresh = (moves[w] as number) & ~(visited[w] as number);
        visited[w] = (visited[w] as number) | fresh;
        for (; fresh !== 0; fresh &= fresh - 1) {
          const h = (w << 5) + lowest(fresh);
          this.#parent[h] = g;
          stack[size++] = h;
          const cost = this.supply.reserve[h] as number;
          if (cost <= target) return h;
          if (cost < least) least = cost;
        }
      }
    }
    for (let i = 0; i < size; i++) {
      const g = stack[i] as number;
      if ((this.#bound[g] as number) < least) this.#bound[g] = least;
    }
    return -1;
  }

  /** Sells slots of grade `end`, passing units along the path found, and gives the class units of grade `start`. */
  #sell(cls: number, start: number, end: number, wanted: number): number {
    let count = Math.min(wanted, this.supply.left(end));
    const movers: number[] = [];
    for (let h = end; h !== start; h = this.#parent[h] as number) {
      const g = this.#parent[h] as number;
      const mover = this.#mover(g, h);
      movers.push(mover);
      count = Math.min(count, (this.units[g] as Map<number, number>).get(mover) as number);
    }
    this.supply.sell(end, count);
    let i = 0;
    for (let h = end; h !== start; h = this.#parent[h] as number) {
      const mover = movers[i++] as number;
      this.#leave(this.#parent[h] as number, mover, count);
      this.#enter(h, mover, count);
    }
    this.#enter(start, cls, count);
    return count;
  }

  #mover(g: number, h: number): number {
    for (const cls of (this.units[g] as Map<number, number>).keys()) if (has(this.#accepts[cls] as Bits, h)) return cls;
    throw new RangeError(`no class of grade ${g} accepts grade ${h}`);
  }

  #enter(g: number, cls: number, count: number): void {
    const units = this.units[g] as Map<number, number>;
    const before = units.get(cls);
    units.set(cls, (before ?? 0) + count);
    if (before === undefined) addAll(this.#moves[g] as Bits, this.#accepts[cls] as Bits);
  }

  #leave(g: number, cls: number, count: number): void {
    const units = this.units[g] as Map<number, number>;
    const after = (units.get(cls) as number) - count;
    if (after > 0) {
      units.set(cls, after);
      return;
    }
    units.delete(cls);
    const moves = (this.#moves[g] as Bits).fill(0);
    for (const other of units.keys()) addAll(moves, this.#accepts[other] as Bits);
  }
}
