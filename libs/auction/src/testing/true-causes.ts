import { bestWelfare, type ExactSlot, lowestPrice, meets, slotsOf, worth } from '../../../../test/support/exact-market.js';
import type { Clearing, Constraints, Offer, Order } from '../types.js';
import type { Round } from './rounds.js';

/**
 * Why an order or an offer is left with something, worked out by trying, without the auction's code: which nodes meet what, and by the exact
 * solver what one more slot would take.
 */
export type Cause =
  | { readonly code: 'no_supply' | 'no_demand' }
  | { readonly code: 'no_node_satisfies'; readonly nodes_without_it: number; readonly ruled_out: readonly number[] }
  | { readonly code: 'excluded_by_order' | 'buyer_blocked' | 'denied_by_owner' | 'used_by_owner'; readonly nodes: number }
  | { readonly code: 'all_leased'; readonly nodes: number; readonly until_ms: number | null }
  | { readonly code: 'budget_exhausted'; readonly slots: number; readonly wanted: number }
  | { readonly code: 'too_few_slots'; readonly slots: number; readonly wanted: number }
  /** `bid`: at which one more slot would be won or tied for. */
  | { readonly code: 'price'; readonly bid: bigint };

const EXCLUSIONS = ['not_nodes', 'not_owners'] as const;

export function causeOf(order: Order, input: Round, result: Clearing): Cause {
  const { offers } = input;
  const mine = result.assignments.filter((a) => a.order_id === order.id);
  const got = mine.reduce((sum, a) => sum + a.slots, 0);
  const { budget_slots = order.quantity } = order;
  if (offers.length === 0) return { code: 'no_supply' };
  if (budget_slots < 1 || (got === budget_slots && got < order.quantity))
    return { code: 'budget_exhausted', slots: budget_slots, wanted: order.quantity };
  const all = order.constraints ?? {};
  const parts = attributesOf(all);
  const fit = offers.filter((node) => parts.every((part) => meets(node, part)));
  if (fit.length === 0) {
    const without = parts.map((one) => offers.filter((node) => parts.every((part) => part === one || meets(node, part))).length);
    return {
      code: 'no_node_satisfies',
      nodes_without_it: Math.max(...without),
      ruled_out: parts.map((part) => offers.filter((node) => !meets(node, part)).length),
    };
  }
  const left = fit.filter((node) => meets(node, all));
  if (left.length === 0) return { code: 'excluded_by_order', nodes: fit.length };
  const admitted = left.filter((node) => worth({ ...order, preferences: [] }, node, input.tick) !== undefined);
  if (admitted.length === 0) {
    const blocked = left.every((node) => node.rules?.deny_buyers?.includes(order.buyer));
    return { code: blocked ? 'buyer_blocked' : 'denied_by_owner', nodes: left.length };
  }
  const used = new Map<string, number>();
  for (const a of result.assignments) if (a.own) used.set(a.offer_id, (used.get(a.offer_id) ?? 0) + a.slots);
  const own = mine.filter((a) => a.own).reduce((sum, a) => sum + a.slots, 0);
  const free = admitted.reduce((sum, node) => sum + node.slots - (used.get(node.id) ?? 0), 0);
  if (got > 0 && got === free + own) return { code: 'too_few_slots', slots: got, wanted: order.quantity };
  if (free === 0 && admitted.every((node) => used.has(node.id))) return { code: 'used_by_owner', nodes: admitted.length };
  if (free === 0) {
    const ends = admitted.flatMap((node) => node.leased_until_ms ?? []);
    return { code: 'all_leased', nodes: admitted.length, until_ms: ends.length > 0 ? Math.min(...ends) : null };
  }
  return { code: 'price', bid: bidForOneMore(order, got - own, marketSlots(input, used), others(order, input, result), input.tick) };
}

/** What an idle slot of the offer would fetch at most: undefined when no bid reaches it at any price. */
export function priceOf(offer: Offer, input: Round, result: Clearing): bigint | undefined {
  const used = new Map<string, number>();
  for (const a of result.assignments) if (a.own) used.set(a.offer_id, (used.get(a.offer_id) ?? 0) + a.slots);
  const orders = inMarket(input.orders, result);
  if (!orders.some((order) => (worth(order, offer, input.tick) ?? -1n) >= 0n)) return undefined;
  return lowestPrice(offer, marketSlots(input, used), orders, input.tick);
}

function attributesOf(constraints: Constraints): Constraints[] {
  const { labels, ...rest } = constraints;
  const single = Object.entries(rest).filter(([name]) => !EXCLUSIONS.some((exclusion) => exclusion === name));
  return [...single.map(([name, value]) => ({ [name]: value }) as Constraints), ...(labels ?? []).map((label) => ({ labels: [label] }))];
}

function marketSlots(input: Round, used: ReadonlyMap<string, number>): ExactSlot[] {
  return slotsOf(
    input.offers.map((node) => ({ ...node, slots: node.slots - (used.get(node.id) ?? 0) })),
    input.tick,
  );
}

/** The orders as the market saw them: without what their budget and their own slots had settled. */
function inMarket(orders: readonly Order[], result: Clearing): Order[] {
  return orders
    .map((order) => {
      const own = result.assignments.filter((a) => a.own && a.order_id === order.id).reduce((sum, a) => sum + a.slots, 0);
      return { ...order, quantity: Math.min(order.quantity, order.budget_slots ?? order.quantity) - own };
    })
    .filter(({ quantity }) => quantity > 0);
}

function others(order: Order, input: Round, result: Clearing): Order[] {
  return inMarket(
    input.orders.filter((other) => other.id !== order.id),
    result,
  );
}

/** What the others lose when the order takes one more slot than it has: from there on its bid wins. */
function bidForOneMore(order: Order, has: number, slots: readonly ExactSlot[], rivals: readonly Order[], tick: bigint): bigint {
  const eager = (1n << 30n) * tick;
  const worthTaking = (units: number) =>
    bestWelfare(slots, [...rivals, ...(units > 0 ? [{ ...order, quantity: units, max_price: eager }] : [])], tick) - BigInt(units) * eager;
  return worthTaking(has) - worthTaking(has + 1);
}
