import type { Offer, OfferColumns, Order, OwnerRules } from './types.js';
import type { Vocabulary } from './vocabulary.js';

/** What orders can see of one property: a whole number from 0 to `values` − 1. */
export interface Facet {
  readonly values: number;
  readonly of: (offer: Offer, row: number) => number;
}

/** What offers of one trait have in common. */
export function traitFacets({ regions, kinds, trusts, labels }: Vocabulary): Facet[] {
  const facets: Facet[] = [];
  if (regions.size) facets.push(numberIn(regions, (offer) => offer.attributes.region));
  if (kinds.size) facets.push(numberIn(kinds, (offer) => offer.attributes.kind));
  if (trusts.size) facets.push(between(trusts, (offer) => offer.attributes.trust));
  if (labels.size) facets.push(subset(labels));
  return facets;
}

/** What every offer has of its own, but for its id: nodes that orders name are set apart afterwards, as they are few. */
export function offerFacets({ speeds, owners }: Vocabulary, columns: OfferColumns): Facet[] {
  const facets: Facet[] = [];
  const { speed } = columns;
  if (speeds.size) facets.push(between(speeds, (_, row) => speed[row] as number));
  if (owners.size) facets.push(numberIn(owners, (offer) => offer.owner));
  return facets;
}

function numberIn(map: Map<string, number>, read: (offer: Offer) => string): Facet {
  return { values: map.size + 1, of: (offer) => map.get(read(offer)) ?? 0 };
}

/** How many thresholds a value reaches. */
function between(thresholds: Set<number>, read: (offer: Offer, row: number) => number): Facet {
  const steps = Float64Array.from(thresholds).sort();
  const of = (offer: Offer, row: number) => {
    const value = read(offer, row);
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

/** As many combinations of labels as are told apart when more than `LABEL_BITS_MAX` are mentioned. */
const COMBINATIONS_MAX = 2 ** 26;
const LABEL_BITS_MAX = 16;

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

function manyLabels(labels: Map<string, number>): Facet {
  const known = new Map<string, number>();
  const of = (offer: Offer) => {
    const present = offer.attributes.labels.flatMap((label) => labels.get(label) ?? []);
    return present.length === 0 ? 0 : numbered(known, [...new Set(present)].sort((a, b) => a - b).join());
  };
  return { values: COMBINATIONS_MAX, of };
}

/** What owners' rules are to the orders of a round: '' stands for a buyer or a class of work that no rule names. */
export interface RuleView {
  readonly facet: Facet | undefined;
  readonly buyerOf: (order: Order) => string;
  readonly workOf: (order: Order) => string;
}

export function rulesOf(rules: ReadonlySet<OwnerRules>, orders: readonly Order[]): RuleView {
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
