import type { Micro } from '#units';
import { clear } from './clear.js';
import type { OrderReason } from './reasons.js';
import type { Clearing, Constraints, Offer, Order, RoundInput } from './types.js';

/** What would bring an order more slots at present: `slots` is how many it would have then, found by clearing the book once more. */
export type Lever =
  | { readonly code: 'raise_max_price'; readonly to: Micro; readonly slots: number }
  | { readonly code: 'drop_constraint'; readonly constraint: ConstraintName; readonly slots: number }
  | { readonly code: 'lower_min_quantity'; readonly to: number; readonly slots: number }
  | { readonly code: 'raise_budget'; readonly to_slots: number; readonly slots: number }
  | { readonly code: 'wait_until'; readonly at_ms: number; readonly slots: number };

export type ConstraintName = keyof Constraints | 'preferences';

const CONSTRAINTS: readonly (keyof Constraints)[] = [
  'regions',
  'kinds',
  'min_speed',
  'labels',
  'min_trust',
  'owners',
  'not_owners',
  'nodes',
  'not_nodes',
];

/** Tries each lever on the book and keeps those that bring more slots than `slots_now`; those that change the order least come first. */
export function leversFor(
  input: RoundInput & { readonly offers: readonly Offer[] },
  order: Order,
  slots_now: number,
  reason: OrderReason,
): Lever[] {
  const levers: Lever[] = [];
  const tried = (changed: Order, offers = input.offers) =>
    slotsOf(clear({ ...input, offers, orders: [...input.orders, changed] }), order.id);
  const keep = (lever: Lever) => {
    if (lever.slots > slots_now) levers.push(lever);
  };
  if (reason.code === 'price_too_low' || reason.code === 'outbid') {
    const to = order.max_price + reason.by;
    keep({ code: 'raise_max_price', to, slots: tried({ ...order, max_price: to }) });
  }
  const { min_quantity = 1, budget_slots = order.quantity } = order;
  if (reason.code === 'below_minimum_quantity' && reason.slots > 0)
    keep({ code: 'lower_min_quantity', to: reason.slots, slots: tried({ ...order, min_quantity: reason.slots }) });
  if (budget_slots < order.quantity && reason.code === 'budget_exhausted')
    keep({ code: 'raise_budget', to_slots: order.quantity, slots: tried({ ...order, budget_slots: order.quantity }) });
  for (const constraint of CONSTRAINTS) {
    if (order.constraints?.[constraint] === undefined) continue;
    const { [constraint]: _, ...constraints } = order.constraints;
    keep({ code: 'drop_constraint', constraint, slots: tried({ ...order, constraints }) });
  }
  if (order.preferences?.length) keep({ code: 'drop_constraint', constraint: 'preferences', slots: tried({ ...order, preferences: [] }) });
  const at_ms = nextEnd(input.offers);
  if (at_ms !== undefined) keep({ code: 'wait_until', at_ms, slots: tried({ ...order, min_quantity }, freedAt(input.offers, at_ms)) });
  return levers;
}

export function slotsOf({ assignments }: Clearing, order_id: string): number {
  return assignments.reduce((sum, a) => sum + (a.order_id === order_id ? a.slots : 0), 0);
}

function nextEnd(offers: readonly Offer[]): number | undefined {
  let next: number | undefined;
  for (const { leased_until_ms } of offers)
    if (leased_until_ms !== undefined && leased_until_ms < (next ?? Infinity)) next = leased_until_ms;
  return next;
}

/** The offers as they will be when the next leases have ended, one slot of each node free again, if their holders do not renew. */
function freedAt(offers: readonly Offer[], at_ms: number): Offer[] {
  return offers.map((offer) => (offer.leased_until_ms === at_ms ? { ...offer, slots: offer.slots + 1 } : offer));
}
