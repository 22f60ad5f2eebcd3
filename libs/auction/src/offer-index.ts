import { HeapError, type Micro } from '#units';
import type { Offer, OfferColumns, OwnerRules } from './types.js';

/** Prices at or above this are mistakes: 2⁵⁰ micro-units are a thousand million whole units of money. */
export const PRICE_LIMIT: Micro = 1n << 50n;
export const QUANTITY_LIMIT = 1_000_000;

/**
 * The offers of one market with their figures in flat arrays, so that a round reads arrays and not a million objects. A
 * broker keeps one beside its book and changes it as offers change.
 * @throws HeapError `price_out_of_range`, `quantity_out_of_range`, `market_mixed`.
 */
export class OfferIndex implements OfferColumns {
  readonly offers: Offer[] = [];
  readonly ids: string[] = [];
  #price = new Float64Array(64);
  #slots = new Int32Array(64);
  #arrival = new Float64Array(64);
  #trait = new Int32Array(64);
  #speed = new Float64Array(64);
  readonly clusters = new Map<string, number>();
  readonly #traits = new Map<string, number>();
  readonly #examples: Offer[] = [];
  readonly #rows = new Map<string, number>();
  #rules: Set<OwnerRules> | undefined = new Set();

  constructor(offers: Iterable<Offer> = []) {
    for (const offer of offers) this.put(offer);
  }

  get size(): number {
    return this.offers.length;
  }

  /** Reserve in micro-units, free slots and arrival of each row of `offers`. */
  get price(): Float64Array {
    return this.#price.subarray(0, this.size);
  }

  get slots(): Int32Array {
    return this.#slots.subarray(0, this.size);
  }

  get arrival(): Float64Array {
    return this.#arrival.subarray(0, this.size);
  }

  get speed(): Float64Array {
    return this.#speed.subarray(0, this.size);
  }

  readonly rowOf = (id: string): number | undefined => this.#rows.get(id);

  get traits(): { of: Int32Array; examples: readonly Offer[] } {
    return { of: this.#trait.subarray(0, this.size), examples: this.#examples };
  }

  /** The different rules of all owners. */
  get rules(): ReadonlySet<OwnerRules> {
    if (!this.#rules) {
      this.#rules = new Set();
      for (const { rules } of this.offers) if (rules) this.#rules.add(rules);
    }
    return this.#rules;
  }

  /** Adds an offer, or replaces the one of the same node. */
  put(offer: Offer): void {
    const market = this.offers[0]?.market ?? offer.market;
    if (offer.market !== market)
      throw new HeapError('market_mixed', `Offer ${offer.id} is of ${offer.market}, this index of ${market}.`, 'platform', {
        id: offer.id,
      });
    const price = checkedPrice(offer.reserve_price, offer.id);
    const slots = checkedQuantity(offer.slots, 0, offer.id);
    let row = this.#rows.get(offer.id);
    if (row === undefined) {
      row = this.offers.length;
      this.#rows.set(offer.id, row);
      if (row === this.#price.length) this.#grow();
    } else {
      const old = this.offers[row] as Offer;
      if (old.rules !== offer.rules) this.#rules = undefined;
      this.#count(old, -1);
    }
    this.#count(offer, 1);
    this.offers[row] = offer;
    this.ids[row] = offer.id;
    this.#price[row] = price;
    this.#slots[row] = slots;
    this.#arrival[row] = offer.arrival;
    this.#speed[row] = offer.attributes.speed;
    this.#trait[row] = this.#traitOf(offer);
    if (offer.rules) this.#rules?.add(offer.rules);
  }

  /** Takes a node's offer out; false when it had none. The last row takes its place. */
  remove(id: string): boolean {
    const row = this.#rows.get(id);
    const last = this.offers.pop();
    if (row === undefined || last === undefined) {
      if (last) this.offers.push(last);
      return false;
    }
    const gone = (row === this.offers.length ? last : this.offers[row]) as Offer;
    this.#count(gone, -1);
    this.#rows.delete(id);
    this.ids.pop();
    if (gone.rules) this.#rules = undefined;
    if (last.id !== id) {
      const from = this.offers.length;
      this.offers[row] = last;
      this.ids[row] = last.id;
      this.#rows.set(last.id, row);
      this.#price[row] = this.#price[from] as number;
      this.#slots[row] = this.#slots[from] as number;
      this.#arrival[row] = this.#arrival[from] as number;
      this.#speed[row] = this.#speed[from] as number;
      this.#trait[row] = this.#trait[from] as number;
    }
    return true;
  }

  #count(offer: Offer, by: number): void {
    const cluster = clusterOf(offer);
    const count = (this.clusters.get(cluster) ?? 0) + by;
    if (count > 0) this.clusters.set(cluster, count);
    else this.clusters.delete(cluster);
  }

  #traitOf(offer: Offer): number {
    const { region, kind, trust, labels } = offer.attributes;
    const key = JSON.stringify([region, kind, trust, labels]);
    let trait = this.#traits.get(key);
    if (trait === undefined) {
      trait = this.#examples.length;
      this.#traits.set(key, trait);
      this.#examples.push(offer);
    }
    return trait;
  }

  #grow(): void {
    const size = this.#price.length * 2;
    this.#price = grown(this.#price, new Float64Array(size));
    this.#slots = grown(this.#slots, new Int32Array(size));
    this.#arrival = grown(this.#arrival, new Float64Array(size));
    this.#speed = grown(this.#speed, new Float64Array(size));
    this.#trait = grown(this.#trait, new Int32Array(size));
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

/** Whose an offer is when it comes to self-dealing. */
export function clusterOf({ cluster, owner }: Offer): string {
  return cluster ?? owner;
}

/** The same for plain offers, without the means to change them. @throws HeapError as `OfferIndex`. */
export function columnsOf(offers: readonly Offer[]): OfferColumns {
  const n = offers.length;
  const columns = {
    offers,
    ids: Array<string>(n),
    price: new Float64Array(n),
    slots: new Int32Array(n),
    arrival: new Float64Array(n),
    speed: new Float64Array(n),
    rules: new Set<OwnerRules>(),
  };
  const { ids, price, slots, arrival, speed, rules } = columns;
  for (let i = 0; i < n; i++) {
    const offer = offers[i] as Offer;
    ids[i] = offer.id;
    price[i] = checkedPrice(offer.reserve_price, offer.id);
    slots[i] = checkedQuantity(offer.slots, 0, offer.id);
    arrival[i] = offer.arrival;
    speed[i] = offer.attributes.speed;
    if (offer.rules) rules.add(offer.rules);
  }
  return columns;
}

export function checkedPrice(price: Micro, id: string): number {
  if (price < 0n || price >= PRICE_LIMIT)
    throw new HeapError('price_out_of_range', `The price ${price} of ${id} is not between 0 and 2^50.`, 'platform', {
      id,
      price: String(price),
    });
  return Number(price);
}

export function checkedQuantity(count: number, least: number, id: string): number {
  if (!Number.isInteger(count) || count < least || count > QUANTITY_LIMIT)
    throw new HeapError(
      'quantity_out_of_range',
      `${id}: ${count} slots are not a whole number from ${least} to ${QUANTITY_LIMIT}.`,
      'platform',
      { id },
    );
  return count;
}
