import { type Assignment, clear, type Offer, type Order, type OrderReason } from '#auction';
import { keptEnded, type Reason } from '#lifecycle';
import type { Micro } from '#units';

/** A lease whose term is over: its units are for sale in this round, and its reservation bids to keep them. */
export interface EndingLease {
  id: string;
  reservation_id: string;
  node_id: string;
  quantity: number;
  price_micro: Micro;
  /** The time between losing units to a higher bid and having to leave them. */
  notice_ms: number;
}

/** So many units of a node go to a reservation now. */
export interface Grant {
  reservation_id: string;
  node_id: string;
  quantity: number;
  price_micro: Micro;
}

/** Units that a reservation has won and gets when the lease that keeps them has left. */
export type Claim = Omit<Grant, 'node_id'>;

export interface Ending {
  lease_id: string;
  reason: Reason;
}

/** What a round makes of the leases whose term is over and of what is free. */
export interface KeptTerms {
  /** Ids of leases that go on at their price. */
  renewed: string[];
  /** Over now. */
  ended: Ending[];
  /** These lost units to others and keep them through their notice. */
  leaving: (Ending & { notice_ms: number; claims: Claim[] })[];
  grants: Grant[];
}

export interface KeptRound {
  /** With the units of the ending leases among the free ones. */
  offers: readonly Offer[];
  orders: readonly Order[];
  assignments: readonly Assignment[];
  unmatched: ReadonlyMap<string, OrderReason>;
  /** Why reservations do not bid though they hold something, by reservation. */
  resting: ReadonlyMap<string, string>;
}

interface Lost {
  lease: EndingLease;
  /** Units of it that its reservation won again. */
  kept: Grant | undefined;
  units: number;
}

/**
 * Divides what a round assigned between renewals, units that are free now and units that must be left first. A holder that won all its
 * units at the price it pays keeps its lease; at another price, or with fewer units, it goes on as a new lease: a lease has one price
 * and one size for life. Whoever loses units to somebody else keeps them through the notice, when one was asked for.
 */
export function settleKept(ending: readonly EndingLease[], round: KeptRound): KeptTerms {
  const won: Grant[] = round.assignments.map((a) => ({
    reservation_id: a.order_id,
    node_id: a.offer_id,
    quantity: a.slots,
    price_micro: a.price,
  }));
  const terms: KeptTerms = { renewed: [], ended: [], leaving: [], grants: [] };
  const lost: Lost[] = [];
  for (const lease of ending) {
    const kept = takeAgain(won, lease);
    if (kept?.quantity === lease.quantity && kept.price_micro === lease.price_micro) terms.renewed.push(lease.id);
    else if (kept?.quantity === lease.quantity) {
      terms.ended.push({ lease_id: lease.id, reason: keptEnded('repriced', { price_micro: kept.price_micro }) });
      terms.grants.push(kept);
    } else lost.push({ lease, kept, units: lease.quantity - (kept?.quantity ?? 0) });
  }
  const free = freeUnits(ending, lost, round.offers);
  for (const grant of won) deal(grant, free, lost, terms);
  for (const { lease, kept } of lost) {
    const pressed = terms.leaving.find((leaving) => leaving.lease_id === lease.id);
    if (pressed) {
      if (kept) pressed.claims.push({ reservation_id: kept.reservation_id, quantity: kept.quantity, price_micro: kept.price_micro });
      continue;
    }
    terms.ended.push({ lease_id: lease.id, reason: whyLost(lease, terms.grants, round) });
    if (kept) terms.grants.push(kept);
  }
  return terms;
}

/** What a reservation won on the node of its own ending lease goes to that lease first. */
function takeAgain(won: readonly Grant[], lease: EndingLease): Grant | undefined {
  const found = won.find((w) => w.quantity > 0 && w.reservation_id === lease.reservation_id && w.node_id === lease.node_id);
  if (!found) return undefined;
  const quantity = Math.min(found.quantity, lease.quantity);
  found.quantity -= quantity;
  return { ...found, quantity };
}

/** Units by node that can be had at once: those that no lease kept, and those lost by leases without a notice. */
function freeUnits(ending: readonly EndingLease[], lost: readonly Lost[], offers: readonly Offer[]): Map<string, number> {
  const free = new Map(offers.map((offer) => [offer.id, offer.slots]));
  const add = (node_id: string, units: number) => free.set(node_id, (free.get(node_id) ?? 0) + units);
  for (const { node_id, quantity } of ending) add(node_id, -quantity);
  for (const { lease, units } of lost) if (lease.notice_ms === 0) add(lease.node_id, units);
  return free;
}

/** Gives a winner what is free, and for the rest a claim on the leases that must leave, the soonest first. */
function deal(won: Grant, free: Map<string, number>, lost: Lost[], terms: KeptTerms): void {
  const { reservation_id, node_id, price_micro } = won;
  const now = Math.min(won.quantity, Math.max(0, free.get(node_id) ?? 0));
  if (now > 0) terms.grants.push({ ...won, quantity: now });
  free.set(node_id, (free.get(node_id) ?? 0) - now);
  let later = won.quantity - now;
  const soonest = lost.filter(({ lease }) => lease.node_id === node_id && lease.notice_ms > 0);
  for (const of of soonest.sort((a, b) => a.lease.notice_ms - b.lease.notice_ms)) {
    const quantity = Math.min(later, of.units);
    if (quantity === 0) continue;
    of.units -= quantity;
    later -= quantity;
    const leaving = terms.leaving.find(({ lease_id }) => lease_id === of.lease.id);
    const claim = { reservation_id, quantity, price_micro };
    if (leaving) leaving.claims.push(claim);
    else
      terms.leaving.push({
        lease_id: of.lease.id,
        reason: keptEnded('displaced', { price_micro }),
        notice_ms: of.lease.notice_ms,
        claims: [claim],
      });
  }
}

/** Why a lease lost units: what its order and its node alone would say, and where they suit each other, what the round said. */
function whyLost(lease: EndingLease, grants: readonly Grant[], round: KeptRound): Reason {
  const order = round.orders.find(({ id }) => id === lease.reservation_id);
  if (!order) return whyNoBid(round.resting.get(lease.reservation_id));
  const offer = round.offers.find(({ id }) => id === lease.node_id);
  if (!offer) return keptEnded('owner_yield');
  const { min_quantity: _, incumbents: __, budget_slots: ___, ...alone } = order;
  const pair = clear({ offers: [{ ...offer, slots: 1 }], orders: [{ ...alone, quantity: 1 }] }).unmatched_orders[0]?.reason;
  if (pair?.code === 'price_too_low') return keptEnded('price_above_maximum', { price_micro: pair.lowest_reserve });
  if (pair?.code === 'denied_by_owner' || pair?.code === 'buyer_blocked') return keptEnded('owner_rules');
  if (pair?.code === 'no_node_satisfies' || pair?.code === 'excluded_by_order') return keptEnded('order_rules');
  const taken = grants.find((g) => g.node_id === lease.node_id && g.reservation_id !== lease.reservation_id);
  if (taken) return keptEnded('displaced', { price_micro: taken.price_micro });
  const why = round.unmatched.get(order.id)?.code;
  if (why === 'below_minimum_quantity') return keptEnded('below_minimum');
  if (why === 'budget_exhausted') return keptEnded('budget_exhausted');
  return keptEnded(round.assignments.some((a) => a.order_id === order.id && a.offer_id !== lease.node_id) ? 'moved' : 'term_over');
}

function whyNoBid(code: string | undefined): Reason {
  if (code === 'day_cap' || code === 'budget_exhausted' || code === 'hours_over') return keptEnded(code);
  return keptEnded('reservation_over');
}
