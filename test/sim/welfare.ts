import type { Clearing, Offer, Order } from '#auction';
import { meets } from '../support/exact-market.js';
import type { Device } from './owners.js';

/**
 * What a round gained, and the most that any matching could have gained. The second is by duality (Shapley and Shubik 1971): at any prices p, no matching
 * gains more than Σ orders quantity × max(0, maximum − cheapest p that fits) + Σ slots max(0, p − reserve). Where the two are equal the round is the
 * exact optimum, proved without the code that found it.
 * @returns micro-units per unit of the market, over all slots.
 */
export function welfareOf(
  clearing: Clearing,
  orders: readonly Order[],
  free: readonly Device[],
): { readonly gained: number; readonly most: number } {
  const byOrder = new Map(orders.map((order) => [order.id, order]));
  const byNode = new Map(free.map((device) => [device.offer.id, device]));
  const gradePrices = new Map(clearing.prices.map(({ grade, price }) => [grade, Number(price)]));
  const prices = new Map<string, { price: number; example: Offer; sold: boolean }>();
  for (const { offer, trait } of free) {
    const known = prices.get(trait);
    const reserve = Number(offer.reserve_price);
    if (!known) prices.set(trait, { price: reserve, example: offer, sold: false });
    else if (reserve < known.price) known.price = reserve;
  }
  let gained = 0;
  for (const { order_id, offer_id, slots, grade } of clearing.assignments) {
    const [order, device] = [byOrder.get(order_id) as Order, byNode.get(offer_id) as Device];
    gained += slots * Number(order.max_price - device.offer.reserve_price);
    const trait = prices.get(device.trait) as { price: number; sold: boolean };
    trait.price = gradePrices.get(grade) as number;
    trait.sold = true;
  }
  let most = 0;
  for (const { offer, trait } of free) most += Math.max(0, (prices.get(trait)?.price as number) - Number(offer.reserve_price));
  const cheapest = cheapestBy([...prices.values()]);
  for (const order of orders) most += order.quantity * Math.max(0, Number(order.max_price) - cheapest(order));
  return { gained, most };
}

/** The cheapest price among the traits that an order admits; orders with the same constraints are asked once. */
function cheapestBy(traits: readonly { price: number; example: Offer }[]): (order: Order) => number {
  const known = new Map<string, number>();
  return ({ constraints }) => {
    const key = JSON.stringify(constraints ?? {});
    let price = known.get(key);
    if (price === undefined) {
      price = traits.reduce((least, { price: p, example }) => (p < least && meets(example, constraints ?? {}) ? p : least), Infinity);
      known.set(key, price);
    }
    return price;
  };
}
