import type { Book } from './book.js';
import type { Flow } from './flow.js';

const NOBODY = -1;

/** Per class the highest bid with a unit that got nothing, and the highest of another buyer than that one's. */
export class Losing {
  readonly #highest: Float64Array;
  readonly #buyer: Int32Array;
  readonly #other: Float64Array;

  constructor(book: Book, flow: Flow, takesPart: (order: number) => boolean) {
    const classes = book.classes.length;
    this.#highest = new Float64Array(classes).fill(-1);
    this.#buyer = new Int32Array(classes).fill(NOBODY);
    this.#other = new Float64Array(classes).fill(-1);
    for (let order = 0; order < book.orders.length; order++) {
      if ((flow.filled[order] as number) >= (book.wanted[order] as number) || !takesPart(order)) continue;
      this.#note(book.classOf[order] as number, book.value[order] as number, book.buyerOf[order] as number);
    }
  }

  /** In ticks; −1 when there is none. Bids of the buyer `without` do not count. */
  bid(cls: number, without = NOBODY): number {
    return (this.#buyer[cls] === without && without !== NOBODY ? this.#other[cls] : this.#highest[cls]) as number;
  }

  /** Whose the highest losing bid of a class is. */
  buyer(cls: number): number {
    return this.#buyer[cls] as number;
  }

  #note(cls: number, value: number, buyer: number): void {
    const highest = this.#highest[cls] as number;
    if (buyer === this.#buyer[cls]) {
      if (value > highest) this.#highest[cls] = value;
    } else if (value > highest) {
      this.#other[cls] = highest;
      this.#highest[cls] = value;
      this.#buyer[cls] = buyer;
    } else if (value > (this.#other[cls] as number)) this.#other[cls] = value;
  }
}
