import { type Bits, full, keepOnly, put, wordsFor } from './bits.js';
import { attributeClauses, type Clause, exclusionClauses, ruleClause } from './clauses.js';
import type { Grading, Vocabulary } from './grades.js';
import type { Constraints, Offer, Order, Preference } from './types.js';

/** Orders with the same conditions and preferences: to owners and to each other they differ only in price and size. */
export interface OrderClass {
  readonly attributes: readonly Clause[];
  readonly exclusions: readonly Clause[];
  readonly rule: Clause | undefined;
  /** The grades that satisfy all of these. */
  readonly accepts: Bits;
  /** What each grade is worth less than the best one, in ticks; absent when all it accepts are worth the same. */
  readonly penalty: Float64Array | undefined;
}

export interface Classing {
  readonly of: Int32Array;
  readonly classes: readonly OrderClass[];
}

const NONE: Constraints = {};

/** `ranked` gives the order in which classes are numbered, so that their numbers do not depend on the order of the input. */
export function classify(orders: readonly Order[], ranked: Uint32Array, grading: Grading, tick: bigint): Classing {
  const satisfying = memoSatisfying(grading.example);
  const known = new Map<string, number>();
  const classes: OrderClass[] = [];
  const of = new Int32Array(orders.length);
  for (let r = 0; r < ranked.length; r++) {
    const i = ranked[r] as number;
    const order = orders[i] as Order;
    const key = classKey(order, grading);
    let n = known.get(key);
    if (n === undefined) {
      n = classes.length;
      known.set(key, n);
      classes.push(makeClass(order, grading, satisfying, tick));
    }
    of[i] = n;
  }
  return { of, classes };
}

/** The grades that satisfy a clause, worked out once per clause. */
export type Satisfying = (clause: Clause) => Bits;

function memoSatisfying(example: readonly Offer[]): Satisfying {
  const known = new Map<string, Bits>();
  return (clause) => {
    let bits = known.get(clause.key);
    if (!bits) {
      bits = new Uint32Array(wordsFor(example.length));
      for (let g = 0; g < example.length; g++) if (clause.holds(example[g] as Offer)) put(bits, g);
      known.set(clause.key, bits);
    }
    return bits;
  };
}

function makeClass(order: Order, grading: Grading, satisfying: Satisfying, tick: bigint): OrderClass {
  const constraints = order.constraints ?? NONE;
  const attributes = attributeClauses(constraints);
  const exclusions = exclusionClauses(constraints);
  const rule = grading.hasRules ? ruleClause(grading.buyerOf(order), grading.workOf(order)) : undefined;
  const accepts = full(grading.example.length);
  for (const clause of attributes) keepOnly(accepts, satisfying(clause));
  for (const clause of exclusions) keepOnly(accepts, satisfying(clause));
  if (rule) keepOnly(accepts, satisfying(rule));
  return { attributes, exclusions, rule, accepts, penalty: penalties(order.preferences ?? [], grading.example, tick) };
}

function penalties(preferences: readonly Preference[], example: readonly Offer[], tick: bigint): Float64Array | undefined {
  if (preferences.every(({ weight }) => weight <= 0n)) return undefined;
  const lost = new Float64Array(example.length);
  for (const { prefer, weight } of preferences) {
    if (weight <= 0n) continue;
    const clauses = [...attributeClauses(prefer), ...exclusionClauses(prefer)];
    const ticks = Number((weight + tick - 1n) / tick);
    example.forEach((offer, g) => {
      if (!clauses.every((clause) => clause.holds(offer))) lost[g] = (lost[g] as number) + ticks;
    });
  }
  return lost;
}

function classKey(order: Order, grading: Grading): string {
  const rule = grading.hasRules ? JSON.stringify([grading.buyerOf(order), grading.workOf(order)]) : '';
  const c = order.constraints;
  if (!order.preferences?.length) return c ? constraintsKey(c, grading.vocabulary) + rule : rule;
  return `${constraintsKey(c ?? NONE, grading.vocabulary)}${rule}${order.preferences.map(({ prefer, weight }) => `~${weight}${constraintsKey(prefer, grading.vocabulary)}`).join('')}`;
}

/** Members in one fixed order and texts by their numbers, so that equal constraints have equal keys and others do not. */
function constraintsKey(c: Constraints, { regions, kinds, labels, owners, nodes }: Vocabulary): string {
  return (
    textsKey('r', c.regions, regions) +
    textsKey('k', c.kinds, kinds) +
    (c.min_speed === undefined ? '' : `s${c.min_speed};`) +
    textsKey('l', c.labels, labels) +
    (c.min_trust === undefined ? '' : `t${c.min_trust};`) +
    textsKey('o', c.owners, owners) +
    textsKey('p', c.not_owners, owners) +
    textsKey('n', c.nodes, nodes) +
    textsKey('m', c.not_nodes, nodes)
  );
}

function textsKey(what: string, values: readonly string[] | undefined, numbers: ReadonlyMap<string, number>): string {
  if (values === undefined) return '';
  if (numbers.size < 31) {
    let mask = 0;
    for (const value of values) mask |= 1 << (numbers.get(value) as number);
    return what + mask;
  }
  return `${what}${values.map((value) => numbers.get(value)).join()};`;
}
