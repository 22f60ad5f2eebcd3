import { HeapError } from '#units';
import { clearMarket } from './clear-market.js';
import { columnsOf, PRICE_LIMIT } from './offer-index.js';
import type { Clearing, ClearingRules, Offer, OfferColumns, Order, RoundInput } from './types.js';

export const DEFAULT_RULES: ClearingRules = { tick: 1n };

/**
 * Clears the markets of a round (market.md): the matching of greatest welfare at the lowest competitive prices (Shapley and Shubik
 * 1971; Demange, Gale and Sotomayor 1986). Nobody pays above their maximum or is paid below their reserve; at the prices it faces no
 * order would rather have another grade, and no idle slot is offered below its price.
 *
 * What a buyer faces are the prices without the buyer's own losing bids (`pricesByBuyer`), so that jobs of one developer do not bid
 * against each other. Slots of a buyer's own cluster are used before the market opens, at their reserve (`useOwn`). For an order of one unit, of
 * a buyer with no other order, the true value is the best bid (Leonard 1983); who wants many units can still lower the price by asking for
 * fewer of them.
 *
 * An order that would get fewer slots than its `min_quantity` is left out, and the round is cleared as if it had never come: the
 * guarantees hold for and among all others, and the order itself neither pays nor gets anything. It may envy: with a minimum there need be no prices at
 * which nobody does. Which orders are left out is fixed by the rule, not the best choice of all, which is hard to find (a knapsack).
 *
 * Ties go to incumbents, then to the earlier arrival, then to the smaller id: the result does not depend on the order of the input.
 * Ids of offers and of orders are unique within a market.
 * @throws HeapError `price_out_of_range`, `quantity_out_of_range`, `tick_out_of_range`.
 */
export function clear({ offers, orders, rules = DEFAULT_RULES }: RoundInput): Clearing {
  if (rules.tick < 1n || rules.tick >= PRICE_LIMIT)
    throw new HeapError('tick_out_of_range', `A tick of ${rules.tick} is not between 1 and 2^50 micro-units.`, 'platform');
  const rounds = byMarket(offers, orders).map(([market, asks, bids]) => clearMarket(market, asks, bids, rules.tick));
  if (rounds.length === 1) return rounds[0] as Clearing;
  return {
    assignments: rounds.flatMap((round) => round.assignments),
    prices: rounds.flatMap((round) => round.prices),
    unmatched_orders: rounds.flatMap((round) => round.unmatched_orders),
    get unmatched_offers() {
      return rounds.flatMap((round) => round.unmatched_offers);
    },
  };
}

type Side = [market: string, offers: OfferColumns, orders: readonly Order[]];

function byMarket(offers: readonly Offer[] | OfferColumns, orders: readonly Order[]): Side[] {
  const indexed = 'price' in offers;
  const list = indexed ? offers.offers : offers;
  const first = list[0]?.market ?? orders[0]?.market;
  if (first === undefined) return [];
  const same = (row: { market: string }) => row.market === first;
  if (orders.every(same) && (indexed || list.every(same))) return [[first, indexed ? offers : columnsOf(list), orders]];
  const markets = [...new Set([...orders, ...list].map((row) => row.market))].sort();
  return markets.map((market) => {
    const asks = list.filter((offer) => offer.market === market);
    return [market, columnsOf(asks), orders.filter((order) => order.market === market)];
  });
}
