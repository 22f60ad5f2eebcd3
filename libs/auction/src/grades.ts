import { allConstraints } from './clauses.js';
import type { Constraints, Offer, OfferColumns, Order, OwnerRules } from './types.js';

export interface Grading {
  readonly vocabulary: Vocabulary;
  /** The grade of every offer. */
  readonly of: Int32Array;
  /** One offer of each grade: what holds for it holds for all of the grade. */
  readonly example: readonly Offer[];
  /** What an order's buyer and class of work are to the owners' rules: '' when no rule names it. */
  readonly buyerOf: (order: Order) => string;
  readonly workOf: (order: Order) => string;
  readonly hasRules: boolean;
}

/**
 * Sorts offers into grades: two offers share one when no order of the round can tell them apart. Only what orders mention
 * counts: a speed is placed between the thresholds they name, a region nobody names is "another region", and so on.
 * A grade's example is its first offer by (reserve, arrival, id) and grades are numbered in that order of their examples, so that
 * neither depends on the order of the input.
 */
export function grade(
  { offers, rules: ownerRules, arrival, traits }: OfferColumns,
  orders: readonly Order[],
  reserve: Float64Array,
): Grading {
  const rules = rulesOf(ownerRules, orders);
  const vocabulary = mentioned(allConstraints(orders));
  const shared = traitFacets(vocabulary);
  const own = offerFacets(vocabulary);
  if (rules.facet) own.push(rules.facet);
  const of = traits ? numberByTraits(offers, traits, shared, own) : numberBy(offers, [...shared, ...own]);
  const examples = firstOfEach(offers, reserve, arrival, of);
  const rows = [...examples].sort((a, b) => before(offers, reserve, arrival, a, b));
  const renumbered = new Int32Array(examples.length);
  rows.forEach((row, g) => {
    renumbered[of[row] as number] = g;
  });
  if (examples.length > 1) for (let i = 0; i < of.length; i++) of[i] = renumbered[of[i] as number] as number;
  const example = rows.map((row) => offers[row] as Offer);
  return { vocabulary, of, example, buyerOf: rules.buyerOf, workOf: rules.workOf, hasRules: rules.facet !== undefined };
}

/** Up to this many combinations of facets a flat table is used to number those that occur. */
const TABLE_MAX = 1 << 20;

/** Looks at traits once each, not at every offer that has them; numbered once more, as a trait may have lost its last offer. */
function numberByTraits(offers: readonly Offer[], traits: NonNullable<OfferColumns['traits']>, shared: Facet[], own: Facet[]): Int32Array {
  const ofTrait = numberBy(traits.examples, shared);
  if (shared.length === 0) return numberBy(offers, own);
  const facet: Facet = { values: traits.examples.length, of: (_, row) => ofTrait[traits.of[row] as number] as number };
  return numberBy(offers, [facet, ...own]);
}

/** Numbers the combinations of facets that occur, from 0, as they are met. */
function numberBy(offers: readonly Offer[], facets: readonly Facet[]): Int32Array {
  const of = new Int32Array(offers.length);
  if (facets.length === 0) return of;
  const combinations = facets.reduce((product, facet) => product * facet.values, 1);
  if (combinations > TABLE_MAX) return numberByPairs(offers, facets);
  const table = new Int32Array(combinations).fill(-1);
  let count = 0;
  for (let i = 0; i < offers.length; i++) {
    const offer = offers[i] as Offer;
    let code = 0;
    for (const facet of facets) code = code * facet.values + facet.of(offer, i);
    if (table[code] === -1) table[code] = count++;
    of[i] = table[code] as number;
  }
  return of;
}

/** The same for more combinations than fit a table: facet after facet, so that the numbers stay small. */
function numberByPairs(offers: readonly Offer[], facets: readonly Facet[]): Int32Array {
  const of = new Int32Array(offers.length);
  for (const facet of facets) {
    const known = new Map<number, number>();
    for (let i = 0; i < offers.length; i++) {
      const pair = (of[i] as number) * facet.values + facet.of(offers[i] as Offer, i);
      let number = known.get(pair);
      if (number === undefined) {
        number = known.size;
        known.set(pair, number);
      }
      of[i] = number;
    }
  }
  return of;
}

function firstOfEach(offers: readonly Offer[], reserve: Float64Array, arrival: Float64Array, of: Int32Array): number[] {
  const first: number[] = [];
  for (let i = 0; i < of.length; i++) {
    const g = of[i] as number;
    const best = first[g];
    if (best === undefined || ((reserve[i] as number) <= (reserve[best] as number) && before(offers, reserve, arrival, i, best) < 0))
      first[g] = i;
  }
  return first;
}

function before(offers: readonly Offer[], reserve: Float64Array, arrival: Float64Array, a: number, b: number): number {
  const difference = (reserve[a] as number) - (reserve[b] as number) || (arrival[a] as number) - (arrival[b] as number);
  if (difference !== 0) return difference;
  const [x, y] = [(offers[a] as Offer).id, (offers[b] as Offer).id];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What orders can see of one property: a whole number from 0 to `values` − 1. */
interface Facet {
  readonly values: number;
  readonly of: (offer: Offer, row: number) => number;
}

/** Everything that orders name, numbered from 1; 0 is "any other". */
export interface Vocabulary {
  readonly regions: Map<string, number>;
  readonly kinds: Map<string, number>;
  readonly labels: Map<string, number>;
  readonly owners: Map<string, number>;
  readonly nodes: Map<string, number>;
  readonly speeds: Set<number>;
  readonly trusts: Set<number>;
}

function mentioned(all: Iterable<Constraints>): Vocabulary {
  const [regions, kinds, labels, owners, nodes] = Array.from({ length: 5 }, () => new Map<string, number>()) as FiveMaps;
  const [speeds, trusts] = [new Set<number>(), new Set<number>()];
  for (const c of all) {
    if (c.regions) note(regions, c.regions);
    if (c.kinds) note(kinds, c.kinds);
    if (c.labels) note(labels, c.labels);
    if (c.owners) note(owners, c.owners);
    if (c.not_owners) note(owners, c.not_owners);
    if (c.nodes) note(nodes, c.nodes);
    if (c.not_nodes) note(nodes, c.not_nodes);
    if (c.min_speed !== undefined) speeds.add(c.min_speed);
    if (c.min_trust !== undefined) trusts.add(c.min_trust);
  }
  return { regions, kinds, labels, owners, nodes, speeds, trusts };
}

type FiveMaps = [Map<string, number>, Map<string, number>, Map<string, number>, Map<string, number>, Map<string, number>];

/** What offers of one trait have in common. */
function traitFacets({ regions, kinds, trusts, labels }: Vocabulary): Facet[] {
  const facets: Facet[] = [];
  if (regions.size) facets.push(numberIn(regions, (offer) => offer.attributes.region));
  if (kinds.size) facets.push(numberIn(kinds, (offer) => offer.attributes.kind));
  if (trusts.size) facets.push(between(trusts, (offer) => offer.attributes.trust));
  if (labels.size) facets.push(subset(labels));
  return facets;
}

/** What every offer has of its own. */
function offerFacets({ speeds, owners, nodes }: Vocabulary): Facet[] {
  const facets: Facet[] = [];
  if (speeds.size) facets.push(between(speeds, (offer) => offer.attributes.speed));
  if (owners.size) facets.push(numberIn(owners, (offer) => offer.owner));
  if (nodes.size) facets.push(numberIn(nodes, (offer) => offer.id));
  return facets;
}

function note(map: Map<string, number>, values: readonly string[]): void {
  for (const value of values) if (!map.has(value)) map.set(value, map.size + 1);
}

function numberIn(map: Map<string, number>, read: (offer: Offer) => string): Facet {
  return { values: map.size + 1, of: (offer) => map.get(read(offer)) ?? 0 };
}

/** How many thresholds a value reaches. */
function between(thresholds: Set<number>, read: (offer: Offer) => number): Facet {
  const steps = Float64Array.from(thresholds).sort();
  const of = (offer: Offer) => {
    const value = read(offer);
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value >= (steps[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { values: steps.length + 1, of };
}

function subset(labels: Map<string, number>): Facet {
  if (labels.size > LABEL_BITS_MAX) return manyLabels(labels);
  const of = (offer: Offer) => {
    let mask = 0;
    for (const label of offer.attributes.labels) {
      const n = labels.get(label);
      if (n !== undefined) mask |= 1 << (n - 1);
    }
    return mask;
  };
  return { values: 2 ** labels.size, of };
}

/** As many combinations of labels as are told apart when more than `LABEL_BITS_MAX` are mentioned. */
const COMBINATIONS_MAX = 2 ** 26;
const LABEL_BITS_MAX = 16;

function manyLabels(labels: Map<string, number>): Facet {
  const known = new Map<string, number>();
  const of = (offer: Offer) => {
    const present = offer.attributes.labels.flatMap((label) => labels.get(label) ?? []);
    return present.length === 0 ? 0 : numbered(known, [...new Set(present)].sort((a, b) => a - b).join());
  };
  return { values: COMBINATIONS_MAX, of };
}

function rulesOf(rules: ReadonlySet<OwnerRules>, orders: readonly Order[]) {
  if (rules.size === 0) return { facet: undefined, buyerOf: () => '', workOf: () => '' };
  const namedBuyers = new Set<string>();
  const namedWork = new Set<string>();
  for (const rule of rules) {
    for (const buyer of rule.allow_buyers ?? []) namedBuyers.add(buyer);
    for (const buyer of rule.deny_buyers ?? []) namedBuyers.add(buyer);
    for (const work of rule.workload_classes ?? []) namedWork.add(work);
  }
  const buyerOf = (order: Order) => (namedBuyers.has(order.buyer) ? order.buyer : '');
  const workOf = (order: Order) => (namedWork.has(order.workload_class ?? '') ? (order.workload_class ?? '') : '');
  const buyers = new Set(orders.map(buyerOf));
  const works = new Set(orders.map(workOf));
  const known = new Map<string, number>();
  const byRule = new Map(
    [...rules].map((rule) => {
      const seen = (list: readonly string[] | undefined, present: Set<string>) =>
        list ? [...new Set(list.filter((value) => present.has(value)))].sort() : null;
      const key = JSON.stringify([
        seen(rule.allow_buyers, buyers),
        seen(rule.deny_buyers, buyers) ?? [],
        seen(rule.workload_classes, works),
      ]);
      return [rule, key === '[null,[],null]' ? 0 : numbered(known, key)];
    }),
  );
  const facet: Facet = { values: known.size + 1, of: (offer) => (offer.rules ? (byRule.get(offer.rules) ?? 0) : 0) };
  return { facet, buyerOf, workOf };
}

function numbered(map: Map<string, number>, key: string): number {
  let n = map.get(key);
  if (n === undefined) {
    n = map.size + 1;
    map.set(key, n);
  }
  return n;
}
