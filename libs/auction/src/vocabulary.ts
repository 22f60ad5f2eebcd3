import type { Constraints, Order } from './types.js';

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

/** An order's constraints with every member present, so that all have one shape: reading ten thousand of many shapes takes longer than matching them. */
export class Terms implements Shape {
  constructor(
    readonly regions: Constraints['regions'] | undefined,
    readonly kinds: Constraints['kinds'] | undefined,
    readonly min_speed: number | undefined,
    readonly labels: Constraints['labels'] | undefined,
    readonly min_trust: number | undefined,
    readonly owners: Constraints['owners'] | undefined,
    readonly not_owners: Constraints['not_owners'] | undefined,
    readonly nodes: Constraints['nodes'] | undefined,
    readonly not_nodes: Constraints['not_nodes'] | undefined,
  ) {}
}

type Shape = { readonly [K in keyof Required<Constraints>]: Constraints[K] | undefined };

export function termsOf(c: Constraints): Terms {
  return new Terms(c.regions, c.kinds, c.min_speed, c.labels, c.min_trust, c.owners, c.not_owners, c.nodes, c.not_nodes);
}

/** Everything the orders of a round may look at: two nodes that agree on all of it are the same to all of them; and each order's own terms. */
export function mentioned(orders: readonly Order[]): { vocabulary: Vocabulary; terms: (Terms | undefined)[]; plain: boolean } {
  const terms: (Terms | undefined)[] = new Array(orders.length).fill(undefined);
  const vocabulary: Vocabulary = {
    regions: new Map(),
    kinds: new Map(),
    labels: new Map(),
    owners: new Map(),
    nodes: new Map(),
    speeds: new Set(),
    trusts: new Set(),
  };
  let plain = true;
  for (let i = 0; i < orders.length; i++) {
    const { constraints, preferences } = orders[i] as Order;
    if (constraints) {
      plain = false;
      const own = termsOf(constraints);
      terms[i] = own;
      mention(vocabulary, own);
    }
    if (preferences?.length) {
      plain = false;
      for (const { prefer } of preferences) mention(vocabulary, termsOf(prefer));
    }
  }
  return { vocabulary, terms, plain };
}

function mention(known: Vocabulary, c: Terms): void {
  const { regions, kinds, labels, owners, not_owners, nodes, not_nodes, min_speed, min_trust } = c;
  if (regions) note(known.regions, regions);
  if (kinds) note(known.kinds, kinds);
  if (labels) note(known.labels, labels);
  if (owners) note(known.owners, owners);
  if (not_owners) note(known.owners, not_owners);
  if (nodes) note(known.nodes, nodes);
  if (not_nodes) note(known.nodes, not_nodes);
  if (min_speed !== undefined) known.speeds.add(min_speed);
  if (min_trust !== undefined) known.trusts.add(min_trust);
}

function note(map: Map<string, number>, values: readonly string[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as string;
    if (!map.has(value)) map.set(value, map.size + 1);
  }
}
