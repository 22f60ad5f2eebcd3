/** Who has how many slots of which node: columns of rows of the book. */
export class Pairs {
  readonly order: number[] = [];
  readonly offer: number[] = [];
  readonly units: number[] = [];

  add(order: number, offer: number, units: number): void {
    this.order.push(order);
    this.offer.push(offer);
    this.units.push(units);
  }

  /** One row for each order and offer, where an order was given slots of a node in several steps. */
  merged(): Pairs {
    const rows = new Map<string, number>();
    const pairs = new Pairs();
    for (let i = 0; i < this.order.length; i++) {
      const key = `${this.order[i]}/${this.offer[i]}`;
      const row = rows.get(key);
      if (row !== undefined) pairs.units[row] = (pairs.units[row] as number) + (this.units[i] as number);
      else {
        rows.set(key, pairs.order.length);
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
