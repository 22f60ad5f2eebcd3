import { addAll, type Bits, has, lowest, wordsFor } from './bits.js';
import type { Book } from './book.js';
import { Supply } from './supply.js';

/**
 * Grades, what is sold of them to which classes, and the moves that this allows: a unit of a class that sits in g and accepts h
 * may move from g to h and leave a slot of g free.
 */
export class Network {
  readonly units: Map<number, number>[];
  readonly supply: Supply;
  readonly #accepts: readonly Bits[];
  /**
   * Per grade g: the grades that units in g accept, and turned round: the grades with units that accept g. A class that leaves a grade
   * leaves its moves behind; they are cleared away when a path tries to use one of them.
   */
  readonly #moves: Bits[];
  readonly #movers: Bits[];
  /** Grades by the rank of their next slot: the cheapest first. */
  readonly #cheapest: Int32Array;
  /** Per class: no slot below this reserve can be had; the cost of one more slot only grows. */
  readonly #floor: Float64Array;
  readonly #seen: Bits;
  readonly #queue: Int32Array;
  readonly #toward: Int32Array;
  /** The classes that move along the path being followed. */
  readonly #path: number[] = [];

  constructor(book: Book) {
    const grades = book.example.length;
    const words = wordsFor(grades);
    this.supply = new Supply(book);
    this.units = Array.from({ length: grades }, () => new Map());
    this.#accepts = book.classes.map((c) => c.accepts);
    this.#moves = Array.from({ length: grades }, () => new Uint32Array(words));
    this.#movers = Array.from({ length: grades }, () => new Uint32Array(words));
    const rank = this.supply.rank;
    this.#cheapest = Int32Array.from({ length: grades }, (_, g) => g).sort((a, b) => compare(rank[a] as number, rank[b] as number));
    this.#floor = new Float64Array(book.classes.length);
    this.#seen = new Uint32Array(words);
    this.#queue = new Int32Array(grades);
    this.#toward = new Int32Array(grades);
  }

  /** Gives a class up to `wanted` slots, the cheapest it can get, none above `limit`; returns how many. */
  serve(cls: number, wanted: number, limit: number): number {
    let open = wanted;
    while (open > 0) {
      const count = this.#serveOnce(cls, open, limit);
      if (count === 0) break;
      if (count > 0) open -= count;
    }
    return wanted - open;
  }

  /** Slots of one offer; 0 when there are none for it, −1 when a path was out of date and the search must start anew. */
  #serveOnce(cls: number, wanted: number, limit: number): number {
    const accepts = this.#accepts[cls] as Bits;
    const { reserve } = this.supply;
    const floor = this.#floor[cls] as number;
    this.#seen.fill(0);
    for (let i = 0; i < this.#cheapest.length; i++) {
      const end = this.#cheapest[i] as number;
      const cost = reserve[end] as number;
      if (cost > limit || cost === Infinity) return 0;
      // What cannot reach one grade cannot reach those from which that grade is reached either: `seen` is shared by the searches.
      if (cost < floor || has(this.#seen, end)) continue;
      const start = has(accepts, end) ? end : this.#searchBack(end, accepts);
      if (start < 0) continue;
      const count = this.#sell(cls, start, end, i, wanted);
      if (count > 0) this.#floor[cls] = cost;
      return count;
    }
    return 0;
  }

  /** Breadth first, against the moves, from the free slot to a grade that is accepted; −1 when there is none. */
  #searchBack(end: number, accepts: Bits): number {
    const seen = this.#seen;
    const queue = this.#queue;
    let size = 1;
    queue[0] = end;
    seen[end >>> 5] = (seen[end >>> 5] as number) | (1 << (end & 31));
    for (let read = 0; read < size; read++) {
      const h = queue[read] as number;
      const movers = this.#movers[h] as Bits;
      for (let w = 0; w < movers.length; w++) {
        const fresh = (movers[w] as number) & ~(seen[w] as number);
        if (fresh === 0) continue;
        const hit = fresh & (accepts[w] as number);
        if (hit !== 0) {
          const g = (w << 5) + lowest(hit);
          this.#toward[g] = h;
          return g;
        }
        seen[w] = (seen[w] as number) | fresh;
        for (let rest = fresh; rest !== 0; rest &= rest - 1) {
          const g = (w << 5) + lowest(rest);
          this.#toward[g] = h;
          queue[size++] = g;
        }
      }
    }
    return -1;
  }

  /** Sells slots of grade `end`, the `place`th cheapest, passes units along the path that was found, and gives the class units of `start`. */
  #sell(cls: number, start: number, end: number, place: number, wanted: number): number {
    let count = Math.min(wanted, this.supply.left(end));
    const path = this.#path;
    path.length = 0;
    for (let g = start; g !== end; g = this.#toward[g] as number) {
      const mover = this.#mover(g, this.#toward[g] as number);
      if (mover < 0) {
        this.#tidy(g);
        return -1;
      }
      path.push(mover);
      count = Math.min(count, (this.units[g] as Map<number, number>).get(mover) as number);
    }
    this.supply.sell(end, count);
    this.#sift(place);
    let g = start;
    for (const mover of path) {
      const h = this.#toward[g] as number;
      this.#leave(g, mover, count);
      this.#enter(h, mover, count);
      g = h;
    }
    this.#enter(start, cls, count);
    return count;
  }

  /** The next slot of a grade became dearer: it goes down the list to its place. */
  #sift(place: number): void {
    const list = this.#cheapest;
    const { rank } = this.supply;
    const g = list[place] as number;
    let i = place;
    for (; i + 1 < list.length && (rank[list[i + 1] as number] as number) < (rank[g] as number); i++) list[i] = list[i + 1] as number;
    list[i] = g;
  }

  #mover(g: number, h: number): number {
    for (const cls of (this.units[g] as Map<number, number>).keys()) if (has(this.#accepts[cls] as Bits, h)) return cls;
    return -1;
  }

  #enter(g: number, cls: number, count: number): void {
    const units = this.units[g] as Map<number, number>;
    const before = units.get(cls);
    units.set(cls, (before ?? 0) + count);
    if (before !== undefined) return;
    const moves = this.#moves[g] as Bits;
    const accepts = this.#accepts[cls] as Bits;
    for (let w = 0; w < moves.length; w++) {
      this.#turn(g, w, (accepts[w] as number) & ~(moves[w] as number));
      moves[w] = (moves[w] as number) | (accepts[w] as number);
    }
  }

  #leave(g: number, cls: number, count: number): void {
    const units = this.units[g] as Map<number, number>;
    const after = (units.get(cls) as number) - count;
    if (after > 0) units.set(cls, after);
    else units.delete(cls);
  }

  #tidy(g: number): void {
    const before = this.#moves[g] as Bits;
    const moves = new Uint32Array(before.length);
    for (const cls of (this.units[g] as Map<number, number>).keys()) addAll(moves, this.#accepts[cls] as Bits);
    for (let w = 0; w < moves.length; w++) this.#turn(g, w, (before[w] as number) & ~(moves[w] as number));
    this.#moves[g] = moves;
  }

  /** Flips g in the movers of the grades of one word of bits. */
  #turn(g: number, w: number, changed: number): void {
    for (let rest = changed; rest !== 0; rest &= rest - 1) {
      const movers = this.#movers[(w << 5) + lowest(rest)] as Bits;
      movers[g >>> 5] = (movers[g >>> 5] as number) ^ (1 << (g & 31));
    }
  }
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
