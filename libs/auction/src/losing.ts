import type { Book } from './book.js';
import type { Flow } from './flow.js';
import type { Order } from './types.js';

/** Per class the highest bid with a unit that got nothing, and the highest of another buyer than that one's. */
export class Losing {
  readonly #highest: Float64Array;
  readonly #buyer: (string | undefined)[];
  readonly #other: Float64Array;

  constructor(book: Book, flow: Flow, takesPart: (order: number) => boolean) {
    const classes = book.classes.length;
    this.#highest = new Float64Array(classes).fill(-1);
    this.#buyer = new Array(classes).fill(undefined);
    this.#other = new Float64Array(classes).fill(-1);
    for (let order = 0; order < book.orders.length; order++) {
      if ((flow.filled[order] as number) >= (book.wanted[order] as number) || !takesPart(order)) continue;
      const cls = book.classOf[order] as number;
      const value = book.value[order] as number;
      if (value > (this.#other[cls] as number)) this.#note(cls, value, (book.orders[order] as Order).buyer);
    }
  }

  /** In ticks; −1 when there is none. Bids of the buyer `without` do not count. */
  bid(cls: number, without?: string): number {
    return (without !== undefined && this.#buyer[cls] === without ? this.#other[cls] : this.#highest[cls]) as number;
  }

  /** Whose the highest losing bid of a class is. */
  buyer(cls: number): string {
    return this.#buyer[cls] as string;
  }

  #note(cls: number, value: number, buyer: string): void {
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
