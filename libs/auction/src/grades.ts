import { type Facet, offerFacets, type RuleView, rulesOf, traitFacets } from './facets.js';
import type { Offer, OfferColumns, Order } from './types.js';
import { mentioned, type Terms, type Vocabulary } from './vocabulary.js';

export interface Grading {
  readonly vocabulary: Vocabulary;
  /** The constraints of every order. */
  readonly terms: readonly (Terms | undefined)[];
  /** No order has constraints or preferences. */
  readonly plain: boolean;
  /** The grade of every offer. */
  readonly of: Int32Array;
  /** One offer of each grade: what holds for it holds for all of the grade. */
  readonly example: readonly Offer[];
  readonly rules: RuleView;
}

/**
 * Sorts offers into grades: two offers share one when no order of the round can tell them apart. Only what orders mention
 * counts: a speed is placed between the thresholds they name, a region nobody names is "another region", and so on.
 * A grade's example is its first offer by (reserve, arrival, id) and grades are numbered in that order of their examples, so that
 * neither depends on the order of the input.
 */
export function grade(columns: OfferColumns, orders: readonly Order[], reserve: Float64Array): Grading {
  const { offers, arrival, traits } = columns;
  const rules = rulesOf(columns.rules, orders);
  const { vocabulary, terms, plain } = mentioned(orders);
  const shared = traitFacets(vocabulary);
  const own = offerFacets(vocabulary, columns);
  if (rules.facet) own.push(rules.facet);
  const of = traits ? numberByTraits(offers, traits, shared, own) : numberBy(offers, [...shared, ...own]);
  setNodesApart(columns, vocabulary.nodes, of);
  const examples = firstOfEach(offers, reserve, arrival, of);
  const rows = examples.filter((row) => row !== undefined).sort((a, b) => before(offers, reserve, arrival, a, b));
  if (examples.length > 1) {
    const renumbered = new Int32Array(examples.length);
    rows.forEach((row, g) => {
      renumbered[of[row] as number] = g;
    });
    for (let i = 0; i < of.length; i++) of[i] = renumbered[of[i] as number] as number;
  }
  return { vocabulary, terms, plain, of, example: rows.map((row) => offers[row] as Offer), rules };
}

/** Up to this many combinations of facets a flat table is used to number those that occur. */
const TABLE_MAX = 1 << 20;

/** Looks at traits once each, not at every offer that has them; numbered once more, as a trait may have lost its last offer. */
function numberByTraits(offers: readonly Offer[], traits: NonNullable<OfferColumns['traits']>, shared: Facet[], own: Facet[]): Int32Array {
  if (shared.length === 0) return numberBy(offers, own);
  const ofTrait = numberBy(traits.examples, shared);
  let most = 0;
  for (const number of ofTrait) if (number > most) most = number;
  const facet: Facet = { values: most + 1, of: (_, row) => ofTrait[traits.of[row] as number] as number };
  return numberBy(offers, [facet, ...own]);
}

/** Numbers the combinations of facets that occur, from 0, as they are met. */
function numberBy(offers: readonly Offer[], facets: readonly Facet[]): Int32Array {
  const of = new Int32Array(offers.length);
  if (facets.length === 0) return of;
  const combinations = facets.reduce((product, facet) => product * facet.values, 1);
  if (combinations > TABLE_MAX) return numberByPairs(offers, facets);
  for (const facet of facets)
    for (let i = 0; i < of.length; i++) of[i] = (of[i] as number) * facet.values + facet.of(offers[i] as Offer, i);
  const table = new Int32Array(combinations).fill(-1);
  let count = 0;
  for (let i = 0; i < of.length; i++) {
    const code = of[i] as number;
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

/** Gives every node that an order names a grade of its own. */
function setNodesApart({ offers, rowOf }: OfferColumns, nodes: ReadonlyMap<string, number>, of: Int32Array): void {
  if (nodes.size === 0) return;
  let next = 0;
  for (let i = 0; i < of.length; i++) if ((of[i] as number) >= next) next = (of[i] as number) + 1;
  if (rowOf) {
    for (const id of nodes.keys()) {
      const row = rowOf(id);
      if (row !== undefined) of[row] = next++;
    }
    return;
  }
  for (let i = 0; i < of.length; i++) if (nodes.has((offers[i] as Offer).id)) of[i] = next++;
}

/** The first offer of each number; a number that no offer has any more has none. */
function firstOfEach(offers: readonly Offer[], reserve: Float64Array, arrival: Float64Array, of: Int32Array): (number | undefined)[] {
  const first: (number | undefined)[] = [];
  for (let i = 0; i < of.length; i++) {
    const g = of[i] as number;
    while (first.length <= g) first.push(undefined);
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
