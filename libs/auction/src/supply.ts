import type { Book } from './book.js';

/** The slots of each grade, sold from the cheapest on; a sold slot stays sold. */
export class Supply {
  /** Per grade: place in `book.byGrade` of the first offer that still has slots, and how many it has left. */
  readonly #at: Int32Array;
  readonly #left: Int32Array;
  /** Per grade: the reserve of the next slot in ticks, Infinity when there is none, and its rank. */
  readonly reserve: Float64Array;
  readonly rank: Float64Array;
  /** Per grade: the highest reserve sold so far, −1 when nothing is. */
  readonly marginal: Float64Array;
  readonly sold: Int32Array;
  readonly #reserveAt: Float64Array;
  readonly #slotsAt: Int32Array;
  readonly #rankOf: Int32Array;
  readonly #start: Int32Array;

  constructor(book: Book) {
    const grades = book.example.length;
    this.#reserveAt = book.reserveAt;
    this.#slotsAt = book.slotsAt;
    this.#rankOf = book.rankOf;
    this.#start = book.start;
    this.#at = book.start.slice(0, grades);
    this.#left = new Int32Array(grades);
    this.reserve = new Float64Array(grades);
    this.rank = new Float64Array(grades);
    this.marginal = new Float64Array(grades).fill(-1);
    this.sold = new Int32Array(grades);
    for (let g = 0; g < grades; g++) this.#look(g);
  }

  /** Sells at most `units` slots of the next offer of grade g; returns how many. */
  sell(g: number, units: number): number {
    const count = Math.min(units, this.#left[g] as number);
    this.marginal[g] = this.reserve[g] as number;
    this.sold[g] = (this.sold[g] as number) + count;
    this.#left[g] = (this.#left[g] as number) - count;
    if (this.#left[g] === 0) {
      this.#at[g] = (this.#at[g] as number) + 1;
      this.#look(g);
    }
    return count;
  }

  /** How many slots the next offer of the grade has left. */
  left(g: number): number {
    return this.#left[g] as number;
  }

  #look(g: number): void {
    const at = this.#at[g] as number;
    const some = at < (this.#start[g + 1] as number);
    this.#left[g] = some ? (this.#slotsAt[at] as number) : 0;
    this.reserve[g] = some ? (this.#reserveAt[at] as number) : Infinity;
    this.rank[g] = some ? (this.#rankOf[at] as number) : Infinity;
  }
}
