/** Who has how many slots of which node: columns of rows of the book. */
export class Pairs {
  length = 0;
  order: Int32Array;
  offer: Int32Array;
  units: Int32Array;

  /** @param room for how many there are places at first; it grows. */
  constructor(room = 16) {
    this.order = new Int32Array(room);
    this.offer = new Int32Array(room);
    this.units = new Int32Array(room);
  }

  add(order: number, offer: number, units: number): void {
    const at = this.length;
    if (at === this.order.length) this.#grow();
    this.order[at] = order;
    this.offer[at] = offer;
    this.units[at] = units;
    this.length = at + 1;
  }

  #grow(): void {
    const more = (from: Int32Array) => {
      const into = new Int32Array(Math.max(16, from.length * 2));
      into.set(from);
      return into;
    };
    [this.order, this.offer, this.units] = [more(this.order), more(this.offer), more(this.units)];
  }

  /** One row for each order and offer, where an order was given slots of a node in several steps. */
  merged(): Pairs {
    const rows = new Map<string, number>();
    const pairs = new Pairs();
    for (let i = 0; i < this.length; i++) {
      const key = `${this.order[i]}/${this.offer[i]}`;
      const row = rows.get(key);
      if (row !== undefined) pairs.units[row] = (pairs.units[row] as number) + (this.units[i] as number);
      else {
        rows.set(key, pairs.length);
        pairs.add(this.order[i] as number, this.offer[i] as number, this.units[i] as number);
      }
    }
    return pairs;
  }
}

/** What buyers take of the slots of their own cluster before a market opens. */
export interface OwnUse {
  /** Per offer and per order, in slots. */
  readonly used: Int32Array;
  readonly filled: Int32Array;
  readonly pairs: Pairs;
}
