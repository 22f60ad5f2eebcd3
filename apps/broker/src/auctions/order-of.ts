import type { Constraints, Order } from '#auction';
import type { BodyOf, OrderView, ROUTES } from '#protocol';
import type { Micro, WorkloadClass } from '#units';

/** A job that wants slots, as the book reads it. */
export interface Demand {
  id: string;
  person_id: string;
  /** The name of the cluster of linked accounts that the buyer is of: work on its devices is work for oneself. */
  cluster?: string;
  /** Slots that it lacks or whose term is ending, and has tasks for. */
  wanted: number;
  /** Slots that it holds beyond this round. */
  held: number;
  /** The nodes of those whose term is ending, one entry a slot. */
  incumbents?: readonly string[];
  max_price_micro: Micro;
  arrival: bigint;
  workload_class: WorkloadClass;
  order_terms: Pick<OrderView, 'constraints' | 'preferences' | 'spread' | 'min_slots'>;
  /** For how many more slots at its maximum price the budget lasts; for all where it is absent. */
  budget_slots?: number;
  /** The developer's block list for all jobs. */
  not_owners: readonly string[];
  not_nodes: readonly string[];
}

/** A buyer's proxy never bids for more slots than are free: nobody raises the price against himself. */
export const bidQuantity = (wanted: number, free: number): number => Math.min(wanted, Math.max(1, free));

/** The bid of a job for the slots that it lacks. A minimum counts what it holds already, and never asks for more than it has tasks for. */
export function orderOf(demand: Demand, market: string, free: number): Order {
  const { constraints, preferences, spread, min_slots } = demand.order_terms;
  const min_quantity = Math.min(demand.wanted, Math.max(1, min_slots - demand.held));
  const hard = constraintsOf(constraints, demand);
  const quantity = Math.max(min_quantity, bidQuantity(demand.wanted, free));
  return {
    id: demand.id,
    buyer: demand.person_id,
    ...(demand.cluster !== undefined && { cluster: demand.cluster }),
    market,
    quantity,
    ...(min_quantity > 1 && { min_quantity }),
    max_price: demand.max_price_micro,
    ...(demand.budget_slots !== undefined && demand.budget_slots < quantity && { budget_slots: demand.budget_slots }),
    workload_class: demand.workload_class,
    ...(hard && { constraints: hard }),
    ...(preferences.length > 0 && {
      preferences: preferences.map(({ prefer, weight_micro }) => ({ prefer: factsOf(prefer), weight: BigInt(weight_micro) })),
    }),
    ...(spread && { spread }),
    ...(demand.incumbents && demand.incumbents.length > 0 && { incumbents: demand.incumbents }),
    arrival: Number(demand.arrival),
  };
}

/** What an order would say that is only asked about. It comes last. */
export const probe = (
  person_id: string,
  ask: BodyOf<typeof ROUTES.estimate> & { max_price_micro: Micro },
  blocked: Pick<Demand, 'not_owners' | 'not_nodes'>,
): Demand => ({
  id: 'estimate',
  person_id,
  wanted: ask.slots,
  held: 0,
  max_price_micro: ask.max_price_micro,
  arrival: BigInt(Number.MAX_SAFE_INTEGER),
  workload_class: ask.workload_class,
  order_terms: {
    constraints: ask.constraints,
    preferences: ask.preferences.map(({ prefer, weight_micro }) => ({ prefer, weight_micro: String(weight_micro) })),
    spread: ask.spread,
    min_slots: ask.min_slots,
  },
  ...blocked,
});

type Facts = OrderView['preferences'][number]['prefer'];

function factsOf({ regions, kinds, min_speed_fuel_per_ms, labels, min_trust, owners, nodes }: Facts): Constraints {
  return {
    ...(regions && { regions }),
    ...(kinds && { kinds }),
    ...(min_speed_fuel_per_ms !== undefined && { min_speed: min_speed_fuel_per_ms }),
    ...(labels && { labels }),
    ...(min_trust !== undefined && { min_trust }),
    ...(owners && { owners }),
    ...(nodes && { nodes }),
  };
}

function constraintsOf({ own, not_owners = [], not_nodes = [], ...facts }: OrderView['constraints'], demand: Demand): Constraints | null {
  const refused = { owners: [...not_owners, ...demand.not_owners], nodes: [...not_nodes, ...demand.not_nodes] };
  const constraints: Constraints = {
    ...factsOf(facts),
    ...(own && { owners: [demand.person_id] }),
    ...(refused.owners.length > 0 && { not_owners: refused.owners }),
    ...(refused.nodes.length > 0 && { not_nodes: refused.nodes }),
  };
  return Object.keys(constraints).length > 0 ? constraints : null;
}
