import { HeapError, type Micro } from '#units';
import { assign, type Pairs, soldSlots } from './assign.js';
import { type Book, makeBook } from './book.js';
import { orderExplainer } from './explain.js';
import { offerExplainer } from './explain-offers.js';
import { type Flow, matchUniform } from './flow.js';
import { matchWeighted } from './flow-weighted.js';
import { columnsOf, PRICE_LIMIT } from './offer-index.js';
import type { Outcome } from './outcome.js';
import { lowestPrices } from './prices.js';
import { rank } from './sort.js';
import type {
  Assignment,
  Clearing,
  ClearingRules,
  GradePrice,
  Offer,
  OfferColumns,
  Order,
  RoundInput,
  UnmatchedOffer,
  UnmatchedOrder,
} from './types.js';

export const DEFAULT_RULES: ClearingRules = { tick: 1n };

/** All-or-nothing orders are dropped one at a time, the lowest bid first, this often; then all that are short at once. */
const DROPS_ONE_BY_ONE = 32;

/**
 * Clears the markets of a round (market.md): the matching of greatest welfare at the lowest competitive prices. Nobody pays above
 * their maximum or is paid below their reserve; at these prices no order would rather have another grade and no idle slot is
 * offered below its price. For an order of one unit the true value is the best bid; an order of many units counts each of them as a bid, so
 * that it can lower its own price by asking for less (it can shade).
 *
 * An order that would get fewer slots than its minimum is left out and the round is cleared without it, which is the one exception
 * to "no envy". Ties go to incumbents, then to the earlier arrival, then to the smaller id: the result does not depend on the order of the input.
 * Ids of offers and of orders are unique within a market.
 * @throws HeapError `price_out_of_range`, `quantity_out_of_range`, `tick_out_of_range`.
 */
export function clear({ offers, orders, rules = DEFAULT_RULES }: RoundInput): Clearing {
  if (rules.tick < 1n || rules.tick >= PRICE_LIMIT)
    throw new HeapError('tick_out_of_range', `A tick of ${rules.tick} is not between 1 and 2^50 micro-units.`, 'platform');
  const rounds = byMarket(offers, orders).map(([market, asks, bids]) => clearMarket(makeBook(market, asks, bids, rules.tick)));
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

function clearMarket(book: Book): Clearing {
  const { flow, leftOut } = matchWithMinima(book);
  const prices = lowestPrices(book, flow, (order) => !leftOut.has(order));
  const sold = soldSlots(book, flow);
  const outcome = { filled: flow.filled, prices, sold, soldOf: flow.supply.sold, leftOut };
  const names = book.example.map((_, g) => `${book.market}/${g}`);
  const money = Array.from(prices, (ticks) => (ticks < 0 ? 0n : BigInt(ticks) * book.tick));
  let idle: readonly UnmatchedOffer[] | undefined;
  return {
    assignments: named(book, assign(book, flow, sold), names, money),
    prices: gradePrices(book, flow, prices, names, money),
    unmatched_orders: unmatchedOrders(book, outcome),
    get unmatched_offers() {
      idle ??= unmatchedOffers(book, outcome);
      return idle;
    },
  };
}

/** Matches, and matches again without the orders whose minimum was not reached, until every minimum is. */
function matchWithMinima(book: Book): { flow: Flow; leftOut: Map<number, number> } {
  const leftOut = new Map<number, number>();
  const takesPart = (order: number) => !leftOut.has(order);
  const match = book.classes.some((cls) => cls.penalty) ? matchWeighted : matchUniform;
  const minima = book.orders.some((order) => (order.min_quantity ?? 1) > 1);
  for (let drops = 0; ; drops++) {
    const flow = match(book, takesPart);
    if (!minima) return { flow, leftOut };
    const short: number[] = [];
    for (let b = book.bids.order.length - 1; b >= 0; b--) {
      const order = book.bids.order[b] as number;
      const got = flow.filled[order] as number;
      if (got > 0 && got < ((book.orders[order] as Order).min_quantity ?? 1) && !short.includes(order)) short.push(order);
      if (short.length > 0 && drops < DROPS_ONE_BY_ONE) break;
    }
    if (short.length === 0) return { flow, leftOut };
    for (const order of short) leftOut.set(order, flow.filled[order] as number);
  }
}

function named(book: Book, pairs: Pairs, names: readonly string[], money: readonly Micro[]): Assignment[] {
  const list: Assignment[] = [];
  for (let i = 0; i < pairs.order.length; i++) {
    const offer = pairs.offer[i] as number;
    const g = book.gradeOf[offer] as number;
    list.push({
      order_id: (book.orders[pairs.order[i] as number] as Order).id,
      offer_id: book.ids[offer] as string,
      slots: pairs.units[i] as number,
      price: money[g] as Micro,
      grade: names[g] as string,
    });
  }
  return list;
}

function gradePrices(book: Book, flow: Flow, prices: Float64Array, names: readonly string[], money: readonly Micro[]): GradePrice[] {
  const list: GradePrice[] = [];
  for (let g = 0; g < prices.length; g++) {
    if ((prices[g] as number) < 0) continue;
    list.push({
      market: book.market,
      grade: names[g] as string,
      price: money[g] as Micro,
      slots: book.slotsOf[g] as number,
      sold: flow.supply.sold[g] as number,
    });
  }
  return list;
}

function unmatchedOrders(book: Book, outcome: Outcome): UnmatchedOrder[] {
  const explain = orderExplainer(book, outcome);
  const list: UnmatchedOrder[] = [];
  const seen = new Uint8Array(book.orders.length);
  for (const row of book.bids.order) {
    const slots = (book.wanted[row] as number) - (outcome.filled[row] as number);
    if (slots === 0 || seen[row] === 1) continue;
    seen[row] = 1;
    list.push({ order_id: (book.orders[row] as Order).id, slots, reason: explain(row) });
  }
  return list;
}

function unmatchedOffers(book: Book, outcome: Outcome): UnmatchedOffer[] {
  const explain = offerExplainer(book, outcome);
  const ranked = rank(
    book.reserve,
    Float64Array.from(book.offers, (offer) => offer.arrival),
    (row) => (book.offers[row] as Offer).id,
  );
  const list: UnmatchedOffer[] = [];
  for (const row of ranked) {
    const slots = (book.slots[row] as number) - (outcome.sold[row] as number);
    if (slots > 0) list.push({ offer_id: (book.offers[row] as Offer).id, slots, reason: explain(row) });
  }
  return list;
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
