import { formatMajor, type Micro } from '#units';

/** A constraint of an order and how many nodes of the market fail it. */
export interface RuledOut {
  readonly constraint: string;
  readonly nodes: number;
}

/** Why an order, or the rest of it, got no slot. Amounts are micro-units per unit of the market. */
export type OrderReason =
  | { readonly code: 'no_supply' }
  | { readonly code: 'all_leased'; readonly nodes: number; readonly until_ms: number | null }
  /** `nodes_without_it`: how many nodes there would be if this one constraint were dropped. `ruled_out`: what each rules out by itself. */
  | {
      readonly code: 'no_node_satisfies';
      readonly constraint: string;
      readonly nodes_without_it: number;
      readonly ruled_out: readonly RuledOut[];
    }
  | { readonly code: 'excluded_by_order'; readonly nodes: number }
  | { readonly code: 'denied_by_owner'; readonly nodes: number }
  | { readonly code: 'buyer_blocked'; readonly nodes: number }
  | { readonly code: 'used_by_owner'; readonly nodes: number }
  | { readonly code: 'budget_exhausted'; readonly slots: number; readonly wanted: number }
  /** `by`: what the maximum must rise by to win one more slot; where a bid must give way, up to a tick less may do, as ties go by arrival. */
  | { readonly code: 'price_too_low'; readonly by: Micro; readonly max_price: Micro; readonly lowest_reserve: Micro }
  | { readonly code: 'outbid'; readonly by: Micro; readonly max_price: Micro; readonly price: Micro }
  | { readonly code: 'too_few_slots'; readonly slots: number; readonly wanted: number }
  | { readonly code: 'below_minimum_quantity'; readonly slots: number; readonly min_quantity: number };

/** Why an offer, or the rest of its slots, stays idle. */
export type OfferReason =
  | { readonly code: 'no_demand' }
  | { readonly code: 'no_order_fits'; readonly constraint: string; readonly orders: number }
  | { readonly code: 'excluded_by_order'; readonly orders: number }
  | { readonly code: 'denied_by_owner'; readonly orders: number }
  | { readonly code: 'needs_more_slots'; readonly orders: number }
  | { readonly code: 'reserve_too_high'; readonly by: Micro; readonly reserve_price: Micro; readonly price: Micro }
  | { readonly code: 'enough_supply'; readonly price: Micro };

/** The reason as a sentence a person can act on. */
export function sentence(reason: OrderReason | OfferReason): string {
  switch (reason.code) {
    case 'no_supply':
      return 'No node offers anything in this market at present.';
    case 'all_leased':
      return `All slots of the ${count(reason.nodes, 'node')} that would do are leased${
        reason.until_ms === null ? '' : `; the next is due to be free at ${new Date(reason.until_ms).toISOString()}`
      }.`;
    case 'no_node_satisfies':
      return `No node satisfies "${reason.constraint}"${
        reason.nodes_without_it > 0 ? `; without it ${count(reason.nodes_without_it, 'node')} would do` : ''
      }.${alone(reason.ruled_out)}`;
    case 'excluded_by_order':
      return 'orders' in reason
        ? `${capital(count(reason.orders, 'order'))} would fit, but the buyers exclude this node.`
        : `The order itself excludes the ${count(reason.nodes, 'node')} that would do.`;
    case 'denied_by_owner':
      return 'orders' in reason
        ? `${capital(count(reason.orders, 'order'))} would fit, but the owner's rules refuse the buyer or the class of work.`
        : `The owners of the ${count(reason.nodes, 'node')} that would do refuse this buyer or class of work.`;
    case 'buyer_blocked':
      return `The owners of the ${count(reason.nodes, 'node')} that would do have blocked this buyer.`;
    case 'used_by_owner':
      return `The ${count(reason.nodes, 'node')} that would do ${reason.nodes === 1 ? 'works' : 'work'} for their own owner at present.`;
    case 'budget_exhausted':
      return reason.slots === 0
        ? 'The budget does not last for a slot at the maximum price; add to it or lower the maximum.'
        : `Wants ${count(reason.wanted, 'slot')}, but the budget lasts for ${reason.slots} at the maximum price.`;
    case 'price_too_low':
      return `The maximum price of ${formatMajor(reason.max_price)} is too low by ${formatMajor(reason.by)}: the next free slot costs ${formatMajor(reason.lowest_reserve)}.`;
    case 'outbid':
      return `Others bid more: the price is ${formatMajor(reason.price)} and the maximum ${formatMajor(reason.max_price)}; raise it by ${formatMajor(reason.by)} or more.`;
    case 'too_few_slots':
      return `Wants ${count(reason.wanted, 'slot')}, but only ${reason.slots} ${reason.slots === 1 ? 'is' : 'are'} free among the nodes that would do.`;
    case 'below_minimum_quantity':
      return `Only ${count(reason.slots, 'slot')} could be had and the order takes no fewer than ${reason.min_quantity}.`;
    case 'no_demand':
      return 'Nobody wants a slot in this market at present.';
    case 'no_order_fits':
      return `None of the ${count(reason.orders, 'order')} fits; most often the node fails "${reason.constraint}".`;
    case 'needs_more_slots':
      return `${capital(count(reason.orders, 'order'))} would fit, but the slots together are fewer than they take.`;
    case 'reserve_too_high':
      return `The reserve price of ${formatMajor(reason.reserve_price)} is ${formatMajor(reason.by)} above the price of ${formatMajor(reason.price)}.`;
    case 'enough_supply':
      return `There are enough slots at the price of ${formatMajor(reason.price)}; cheaper or earlier offers went first.`;
  }
}

/** What each of several constraints rules out by itself. */
function alone(ruled_out: readonly RuledOut[]): string {
  if (ruled_out.length < 2) return '';
  return ` Alone, ${ruled_out.map(({ constraint, nodes }) => `"${constraint}" rules out ${count(nodes, 'node')}`).join(', ')}.`;
}

function count(n: number, noun: string): string {
  return n === 1 ? `one ${noun}` : `${n} ${noun}s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
