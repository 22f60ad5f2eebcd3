import type { Micro } from '#units';
import { assign } from './assign.js';
import { type Book, makeBook } from './book.js';
import { pricesByBuyer } from './buyer-prices.js';
import { orderExplainer } from './explain.js';
import { offerExplainer } from './explain-offers.js';
import type { Flow } from './flow.js';
import { Losing } from './losing.js';
import { match } from './match.js';
import type { Outcome } from './outcome.js';
import { useOwn } from './own-use.js';
import type { OwnUse, Pairs } from './pairs.js';
import { lowestPrices } from './prices.js';
import { rank } from './sort.js';
import type { Assignment, Clearing, GradePrice, Offer, OfferColumns, Order, UnmatchedOffer, UnmatchedOrder } from './types.js';

/** Orders that are short of their minimum are dropped one at a time, the lowest bid first, this often; then all that are short at once. */
const DROPS_ONE_BY_ONE = 32;

/** Clears one market: own slots first (`useOwn`), then the matching, then the prices. */
export function clearMarket(market: string, columns: OfferColumns, orders: readonly Order[], tick: Micro): Clearing {
  const { book, own, flow, leftOut } = matchWithMinima(market, columns, orders, tick);
  const losing = new Losing(book, flow, (order) => !leftOut.has(order));
  const prices = lowestPrices(book, flow, losing);
  const { pairs, sold } = assign(book, flow);
  const outcome: Outcome = { flow, own, prices: prices.of, sold, leftOut };
  const names = book.example.map((_, g) => `${market}/${g}`);
  const deals = assignments(book, pairs, prices.of, names, pricesByBuyer(book, flow, losing, prices));
  let idle: readonly UnmatchedOffer[] | undefined;
  return {
    assignments: own ? [...ownAssignments(book, own, names), ...deals] : deals,
    prices: gradePrices(book, outcome, names),
    unmatched_orders: unmatchedOrders(book, outcome),
    get unmatched_offers() {
      idle ??= unmatchedOffers(book, outcome);
      return idle;
    },
  };
}

interface Matching {
  readonly book: Book;
  readonly own: OwnUse | undefined;
  readonly flow: Flow;
  readonly leftOut: ReadonlyMap<number, number>;
}

/**
 * Matches, and matches again without the orders whose minimum was not reached, until every minimum is. Of those that are short
 * the lowest bid goes first, as it is the least likely to be made whole by another's leaving. The others then trade as if
 * the order had never come, with every guarantee towards each other; an order that was left out may see prices it would have liked.
 */
function matchWithMinima(market: string, columns: OfferColumns, orders: readonly Order[], tick: Micro): Matching {
  const leftOut = new Map<number, number>();
  const takesPart = (order: number) => !leftOut.has(order);
  const minima = orders.some((order) => (order.min_quantity ?? 1) > 1);
  let own = useOwn(columns, orders, tick, takesPart);
  let book = makeBook(market, columns, orders, tick, own);
  for (let drops = 0; ; drops++) {
    const flow = match(book, takesPart);
    const short = minima ? shortOrders(book, own, flow, drops < DROPS_ONE_BY_ONE) : [];
    if (short.length === 0) return { book, own, flow, leftOut };
    for (const order of short) leftOut.set(order, (flow.filled[order] as number) + (own?.filled[order] ?? 0));
    if (own && short.some((order) => (own?.filled[order] ?? 0) > 0)) {
      own = useOwn(columns, orders, tick, takesPart);
      book = makeBook(market, columns, orders, tick, own);
    }
  }
}

/** The orders with some slots but fewer than they take, lowest bid first; only the first of them, if so asked. */
function shortOrders(book: Book, own: OwnUse | undefined, flow: Flow, one: boolean): number[] {
  const short = new Set<number>();
  const look = (order: number) => {
    const got = (flow.filled[order] as number) + (own?.filled[order] ?? 0);
    if (got > 0 && got < (book.least[order] as number)) short.add(order);
  };
  for (let b = book.bids.order.length - 1; b >= 0 && !(one && short.size > 0); b--) look(book.bids.order[b] as number);
  return [...short];
}

function ownAssignments(book: Book, { pairs }: OwnUse, names: readonly string[]): Assignment[] {
  return Array.from({ length: pairs.length }, (_, i) => {
    const offer = pairs.offer[i] as number;
    return {
      order_id: book.orderIds[pairs.order[i] as number] as string,
      offer_id: book.ids[offer] as string,
      slots: pairs.units[i] as number,
      price: BigInt(book.reserve[offer] as number) * book.tick,
      grade: names[book.gradeOf[offer] as number] as string,
      own: true,
    };
  });
}

function assignments(
  book: Book,
  pairs: Pairs,
  prices: Float64Array,
  names: readonly string[],
  pricesOf: ((buyer: string) => Float64Array) | undefined,
): Assignment[] {
  const list = new Array<Assignment>(pairs.length);
  const usual = moneyOf(prices, book.tick);
  for (let i = 0; i < list.length; i++) {
    const offer = pairs.offer[i] as number;
    const order = pairs.order[i] as number;
    const g = book.gradeOf[offer] as number;
    const ticks = (pricesOf ? pricesOf((book.orders[order] as Order).buyer)[g] : prices[g]) as number;
    list[i] = {
      order_id: book.orderIds[order] as string,
      offer_id: book.ids[offer] as string,
      slots: pairs.units[i] as number,
      price: ticks === prices[g] ? (usual[g] as Micro) : BigInt(ticks) * book.tick,
      grade: names[g] as string,
    };
  }
  return list;
}

function moneyOf(prices: Float64Array, tick: Micro): Micro[] {
  return Array.from(prices, (ticks) => (ticks < 0 ? 0n : BigInt(ticks) * tick));
}

function gradePrices(book: Book, { prices, flow }: Outcome, names: readonly string[]): GradePrice[] {
  const money = moneyOf(prices, book.tick);
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

/** In the order of bids; those without a bid, as their budget is used up, come last and by id. */
function unmatchedOrders(book: Book, outcome: Outcome): UnmatchedOrder[] {
  const { own, flow } = outcome;
  const explain = orderExplainer(book, outcome);
  const list: UnmatchedOrder[] = [];
  const seen = new Uint8Array(book.orders.length);
  const look = (row: number) => {
    if (seen[row] === 1) return;
    seen[row] = 1;
    const slots = (book.quantity[row] as number) - (flow.filled[row] as number) - (own ? (own.filled[row] as number) : 0);
    if (slots > 0) list.push({ order_id: book.orderIds[row] as string, slots, reason: explain(row) });
  };
  for (let b = 0; b < book.bids.order.length; b++) look(book.bids.order[b] as number);
  const rest: number[] = [];
  for (let row = 0; row < seen.length; row++) if (seen[row] === 0) rest.push(row);
  const id = (row: number) => book.orderIds[row] as string;
  for (const row of rest.sort((a, b) => (id(a) < id(b) ? -1 : 1))) look(row);
  return list;
}

function unmatchedOffers(book: Book, outcome: Outcome): UnmatchedOffer[] {
  const explain = offerExplainer(book, outcome);
  const ranked = rank(
    book.reserve,
    Float64Array.from(book.offers, (offer) => offer.arrival),
    (row) => (book.offers[row] as Offer).id,
  );
  const sold = outcome.sold();
  const list: UnmatchedOffer[] = [];
  for (const row of ranked) {
    const slots = (book.slots[row] as number) - (sold[row] as number);
    if (slots > 0) list.push({ offer_id: (book.offers[row] as Offer).id, slots, reason: explain(row) });
  }
  return list;
}
