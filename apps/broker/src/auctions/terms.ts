import { type Assignment, clear, type Offer, type Order, type OrderReason } from '#auction';
import { leaseEnded, type Reason } from '#lifecycle';
import type { Micro } from '#units';

/** A lease whose term is over: its slot is for sale in this round, and its job bids to keep it. */
export interface EndingTerm {
  id: string;
  job_id: string;
  node_id: string;
  price_micro: Micro;
  /** Otherwise it keeps the slot for its notice, and its tasks may finish after that. */
  interruptible: boolean;
  /** The notice that its order asked for. */
  notice_ms: number;
  /** Tasks are out on it. */
  busy: boolean;
  /** Its fuel quota is used up before its time. */
  by_quota: boolean;
}

/** The order that has won a slot which is still to be left. */
export interface Successor {
  job_id: string;
  price_micro: Micro;
}

/** A lease that is not renewed in place: why, and who has won its slot. */
export interface Leaving {
  lease_id: string;
  reason: Reason;
  /** It gives way to another order; otherwise nobody presses. */
  displaced: boolean;
  notice_ms: number;
  interruptible: boolean;
  next: Successor | null;
}

/** So many free slots of a node go to a job. */
export interface Grant {
  job_id: string;
  node_id: string;
  slots: number;
  price_micro: Micro;
}

/** What a round makes of the leases whose term is over and of the free slots. */
export interface Terms {
  /** Ids of leases that go on at their price. */
  renewed: string[];
  leaving: Leaving[];
  grants: Grant[];
}

export interface RoundOutcome {
  /** With the slots of the ending leases among the free ones. */
  offers: readonly Offer[];
  orders: readonly Order[];
  assignments: readonly Assignment[];
  /** Why orders did not get all that they wanted, by order. */
  unmatched: ReadonlyMap<string, OrderReason>;
  /** Why jobs do not bid though they have work. */
  resting: ReadonlyMap<string, string>;
  /** Jobs that did without slots for other jobs of their developer. */
  gave_way?: ReadonlySet<string>;
}

/**
 * Divides what a round assigned between renewals, slots that are free now and slots that must be left first. A holder that won its slot
 * at the price it pays keeps its lease. At another price it goes on as a new lease, as soon as the tasks that are out are done: a lease has
 * one price for life, which its receipt lines are recomputed from.
 */
export function settleTerms(ending: readonly EndingTerm[], round: RoundOutcome): Terms {
  const won = round.assignments.map(({ order_id, offer_id, slots, price }) => ({
    job_id: order_id,
    node_id: offer_id,
    slots,
    price_micro: price,
  }));
  const take = (lease: EndingTerm, at_its_price: boolean): Grant | undefined => {
    const found = won.find(
      (w) =>
        w.slots > 0 && w.job_id === lease.job_id && w.node_id === lease.node_id && (!at_its_price || w.price_micro === lease.price_micro),
    );
    if (found) found.slots -= 1;
    return found;
  };
  // Those with tasks out come first: who moves, moves with the least to interrupt.
  const open = [...ending].sort((a, b) => Number(b.busy) - Number(a.busy));
  const renewed: string[] = [];
  const leaving: Leaving[] = [];
  const lost: EndingTerm[] = [];
  const atNewPrice: EndingTerm[] = [];
  for (const lease of open) {
    if (take(lease, true)) renewed.push(lease.id);
    else atNewPrice.push(lease);
  }
  for (const lease of atNewPrice) {
    const again = take(lease, false);
    if (again) leaving.push(goesOn(lease, again.price_micro));
    else lost.push(lease);
  }
  const { grants, next } = dealSlots(ending, lost, won, round.offers);
  for (const lease of lost) leaving.push(gives(lease, next.get(lease.id) ?? null, round));
  return { renewed, leaving, grants };
}

const goesOn = (lease: EndingTerm, price_micro: Micro): Leaving => ({
  lease_id: lease.id,
  reason: leaseEnded('repriced', { price_micro }),
  displaced: false,
  notice_ms: lease.notice_ms,
  interruptible: lease.interruptible,
  next: { job_id: lease.job_id, price_micro },
});

const gives = (lease: EndingTerm, next: Successor | null, round: RoundOutcome): Leaving => ({
  lease_id: lease.id,
  reason: whyLost(lease, next, round),
  displaced: next !== null,
  notice_ms: lease.notice_ms,
  interruptible: lease.interruptible,
  next,
});

/** Slots that are free go first, then those of the leases that lost, the soonest to be left first. */
function dealSlots(
  ending: readonly EndingTerm[],
  lost: readonly EndingTerm[],
  won: readonly Grant[],
  offers: readonly Offer[],
): { grants: Grant[]; next: Map<string, Successor> } {
  const free = new Map(offers.map((offer) => [offer.id, offer.slots]));
  for (const { node_id } of ending) free.set(node_id, (free.get(node_id) ?? 0) - 1);
  const patience = (lease: EndingTerm) => (lease.busy || !lease.interruptible ? lease.notice_ms + 1 : 0);
  const toLeave = [...lost].sort((a, b) => patience(a) - patience(b));
  const grants: Grant[] = [];
  const next = new Map<string, Successor>();
  for (const { job_id, node_id, slots, price_micro } of won) {
    const now = Math.min(slots, Math.max(0, free.get(node_id) ?? 0));
    free.set(node_id, (free.get(node_id) ?? 0) - now);
    if (now > 0) grants.push({ job_id, node_id, slots: now, price_micro });
    for (let later = slots - now; later > 0; later--) {
      const lease = toLeave.find((l) => l.node_id === node_id && !next.has(l.id));
      if (lease) next.set(lease.id, { job_id, price_micro });
    }
  }
  return { grants, next };
}

/** Why a lease lost its slot: what its order and its node alone would say, and where they suit each other, what the round said. */
function whyLost(lease: EndingTerm, next: Successor | null, round: RoundOutcome): Reason {
  if (round.gave_way?.has(lease.job_id)) return leaseEnded('own_priority');
  const order = round.orders.find((o) => o.id === lease.job_id);
  if (!order) return round.resting.get(lease.job_id) === 'day_cap' ? leaseEnded('day_cap') : leaseEnded('job_done');
  const offer = round.offers.find((o) => o.id === lease.node_id);
  if (!offer) return leaseEnded('owner_rules');
  const { min_quantity: _, incumbents: __, ...alone } = order;
  const pair = clear({ offers: [{ ...offer, slots: 1 }], orders: [{ ...alone, quantity: 1 }] }).unmatched_orders[0]?.reason;
  switch (pair?.code) {
    case undefined:
      return next ? leaseEnded('displaced', { price_micro: next.price_micro }) : whyUnsold(order, lease, round);
    case 'price_too_low':
      return leaseEnded('price_above_maximum', { price_micro: pair.lowest_reserve });
    case 'denied_by_owner':
    case 'buyer_blocked':
      return leaseEnded('owner_rules');
    case 'no_node_satisfies':
    case 'excluded_by_order':
      return leaseEnded('order_rules');
    default:
      return whyUnsold(order, lease, round);
  }
}

/** The order could have kept the slot, nobody else took it, and still it did not win it. */
function whyUnsold(order: Order, lease: EndingTerm, round: RoundOutcome): Reason {
  if (round.unmatched.get(order.id)?.code === 'below_minimum_quantity') return leaseEnded('below_minimum');
  const elsewhere = round.assignments.some((a) => a.order_id === order.id && a.offer_id !== lease.node_id);
  if (elsewhere) return leaseEnded('moved');
  return round.unmatched.has(order.id) ? leaseEnded(lease.by_quota ? 'fuel_quota_used' : 'term_over') : leaseEnded('job_done');
}
