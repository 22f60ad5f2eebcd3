import { formatMajor, type Micro } from '#units';

/** Why an order, or the rest of it, got no slot. Amounts are micro-units per unit of the market. */
export type OrderReason =
  | { readonly code: 'no_supply' }
  | { readonly code: 'all_leased'; readonly nodes: number; readonly until_ms: number | null }
  /** `nodes_without_it`: how many nodes there would be if this one constraint were dropped. */
  | { readonly code: 'no_node_satisfies'; readonly constraint: string; readonly nodes_without_it: number }
  | { readonly code: 'excluded_by_order'; readonly nodes: number }
  | { readonly code: 'denied_by_owner'; readonly nodes: number }
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
      return 'No node offers slots in this market at present.';
    case 'all_leased':
      return `All slots of the ${count(reason.nodes, 'node')} that would do are leased${
        reason.until_ms === null ? '' : `; the next is due to be free at ${new Date(reason.until_ms).toISOString()}`
      }.`;
    case 'no_node_satisfies':
      return `No node satisfies "${reason.constraint}"${
        reason.nodes_without_it > 0 ? `; without it ${count(reason.nodes_without_it, 'node')} would do` : ''
      }.`;
    case 'excluded_by_order':
      return 'orders' in reason
        ? `${capital(count(reason.orders, 'order'))} would fit, but the buyers exclude this node.`
        : `The order itself excludes the ${count(reason.nodes, 'node')} that would do.`;
    case 'denied_by_owner':
      return 'orders' in reason
        ? `${capital(count(reason.orders, 'order'))} would fit, but the owner's rules refuse the buyer or the class of work.`
        : `The owners of the ${count(reason.nodes, 'node')} that would do refuse this buyer or class of work.`;
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

function count(n: number, noun: string): string {
  return n === 1 ? `one ${noun}` : `${n} ${noun}s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
