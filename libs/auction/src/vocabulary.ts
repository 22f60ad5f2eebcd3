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

/** Everything the orders of a round may look at: two nodes that agree on all of it are the same to all of them. */
export function mentioned(orders: readonly Order[]): Vocabulary {
  const vocabulary: Vocabulary = {
    regions: new Map(),
    kinds: new Map(),
    labels: new Map(),
    owners: new Map(),
    nodes: new Map(),
    speeds: new Set(),
    trusts: new Set(),
  };
  for (let i = 0; i < orders.length; i++) {
    const { constraints, preferences } = orders[i] as Order;
    if (constraints) mention(vocabulary, constraints);
    if (preferences) for (const { prefer } of preferences) mention(vocabulary, prefer);
  }
  return vocabulary;
}

function mention(known: Vocabulary, c: Constraints): void {
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
