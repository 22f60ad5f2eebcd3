import { addAll, type Bits, copy, drop, full, keepOnly, put, wordsFor } from './bits.js';
import { admits } from './clauses.js';
import type { Grading } from './grades.js';
import type { Offer, Order } from './types.js';
import type { Terms } from './vocabulary.js';

/** Which grades satisfy what: a set of grades for each value that orders name, so that an order's own set is a few words of arithmetic. */
export class Acceptance {
  readonly size: number;
  readonly #grading: Grading;
  readonly #all: Bits;
  readonly #regions: readonly Bits[];
  readonly #kinds: readonly Bits[];
  readonly #labels: readonly Bits[];
  readonly #speeds: ReadonlyMap<number, Bits>;
  readonly #trusts: ReadonlyMap<number, Bits>;
  /** The grades in which an owner or a node is; few each, so they are lists. */
  readonly #owners: readonly number[][];
  readonly #nodes: readonly number[][];
  readonly #rules = new Map<string, Bits>();
  readonly #any: Bits;

  constructor(grading: Grading) {
    const { vocabulary: v, example } = grading;
    this.size = example.length;
    this.#grading = grading;
    this.#all = full(example.length);
    this.#any = new Uint32Array(this.#all.length);
    this.#regions = sets(example, v.regions, (offer) => [offer.attributes.region]);
    this.#kinds = sets(example, v.kinds, (offer) => [offer.attributes.kind]);
    this.#labels = sets(example, v.labels, (offer) => offer.attributes.labels);
    this.#speeds = reaching(example, v.speeds, (offer) => offer.attributes.speed);
    this.#trusts = reaching(example, v.trusts, (offer) => offer.attributes.trust);
    this.#owners = lists(example, v.owners, (offer) => offer.owner);
    this.#nodes = lists(example, v.nodes, (offer) => offer.id);
  }

  /** Writes the grades that satisfy the constraints into `out`. */
  write(c: Terms | undefined, out: Bits): Bits {
    copy(this.#all, out);
    if (!c) return out;
    const { vocabulary: v } = this.#grading;
    const { regions, kinds, labels, owners, not_owners, nodes, not_nodes, min_speed, min_trust } = c;
    if (regions) keepOnly(out, this.#anyOf(regions, v.regions, this.#regions));
    if (kinds) keepOnly(out, this.#anyOf(kinds, v.kinds, this.#kinds));
    if (min_speed !== undefined) keepOnly(out, this.#speeds.get(min_speed) as Bits);
    if (min_trust !== undefined) keepOnly(out, this.#trusts.get(min_trust) as Bits);
    if (labels) for (let i = 0; i < labels.length; i++) keepOnly(out, this.#labels[v.labels.get(labels[i] as string) as number] as Bits);
    if (owners) keepOnly(out, this.#listed(owners, v.owners, this.#owners));
    if (nodes) keepOnly(out, this.#listed(nodes, v.nodes, this.#nodes));
    if (not_owners) this.#leaveOut(out, not_owners, v.owners, this.#owners);
    if (not_nodes) this.#leaveOut(out, not_nodes, v.nodes, this.#nodes);
    return out;
  }

  /** Takes out the grades whose owners do not admit the order. */
  admit(order: Order, out: Bits): Bits {
    const { facet, buyerOf, workOf } = this.#grading.rules;
    if (!facet) return out;
    const [buyer, work] = [buyerOf(order), workOf(order)];
    const key = buyer === '' && work === '' ? '' : JSON.stringify([buyer, work]);
    let admitted = this.#rules.get(key);
    if (!admitted) {
      admitted = new Uint32Array(this.#all.length);
      for (let g = 0; g < this.size; g++) if (admits((this.#grading.example[g] as Offer).rules, buyer, work)) put(admitted, g);
      this.#rules.set(key, admitted);
    }
    return keepOnly(out, admitted);
  }

  #anyOf(values: readonly string[], numbers: ReadonlyMap<string, number>, known: readonly Bits[]): Bits {
    this.#any.fill(0);
    for (let i = 0; i < values.length; i++) addAll(this.#any, known[numbers.get(values[i] as string) as number] as Bits);
    return this.#any;
  }

  #listed(values: readonly string[], numbers: ReadonlyMap<string, number>, known: readonly number[][]): Bits {
    this.#any.fill(0);
    for (const value of values) for (const g of known[numbers.get(value) as number] as number[]) put(this.#any, g);
    return this.#any;
  }

  #leaveOut(out: Bits, values: readonly string[], numbers: ReadonlyMap<string, number>, known: readonly number[][]): void {
    for (const value of values) for (const g of known[numbers.get(value) as number] as number[]) drop(out, g);
  }
}

function sets(example: readonly Offer[], numbers: ReadonlyMap<string, number>, read: (offer: Offer) => readonly string[]): Bits[] {
  const words = wordsFor(example.length);
  if (numbers.size === 0) return [];
  const list = Array.from({ length: numbers.size + 1 }, () => new Uint32Array(words));
  example.forEach((offer, g) => {
    for (const value of read(offer)) put(list[numbers.get(value) ?? 0] as Bits, g);
  });
  return list;
}

function lists(example: readonly Offer[], numbers: ReadonlyMap<string, number>, read: (offer: Offer) => string): number[][] {
  if (numbers.size === 0) return [];
  const list: number[][] = Array.from({ length: numbers.size + 1 }, () => []);
  example.forEach((offer, g) => {
    const number = numbers.get(read(offer));
    if (number !== undefined) (list[number] as number[]).push(g);
  });
  return list;
}

/** The grades at or above each threshold, from the highest threshold down, each a copy of the one above and a few more. */
function reaching(example: readonly Offer[], thresholds: ReadonlySet<number>, read: (offer: Offer) => number): Map<number, Bits> {
  const known = new Map<number, Bits>();
  if (thresholds.size === 0) return known;
  const grades = example.map((offer, g) => ({ g, value: read(offer) })).sort((a, b) => b.value - a.value);
  let bits: Bits = new Uint32Array(wordsFor(example.length));
  let at = 0;
  for (const threshold of [...thresholds].sort((a, b) => b - a)) {
    bits = bits.slice();
    for (; at < grades.length && (grades[at] as { value: number }).value >= threshold; at++) put(bits, (grades[at] as { g: number }).g);
    known.set(threshold, bits);
  }
  return known;
}
