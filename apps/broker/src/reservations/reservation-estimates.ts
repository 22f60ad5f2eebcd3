import { Inject, Injectable } from '@nestjs/common';
import { clear, estimate, type Order, sentence } from '#auction';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { isStorage, keptCost, keptUnitUs, type Micro, PRICE_LIMIT } from '#units';
import { AuctionsQuery, leverSentence } from '../auctions/auctions.query.js';
import { OrdersQuery } from '../orders/orders.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { labelOf, partsFor } from './kept-caps.js';
import { bidFor, KeptMarket } from './kept-market.js';
import { fullCost } from './reservations.service.js';

type Ask = BodyOf<typeof ROUTES.estimateReservation>;
type Answer = ResponseOf<typeof ROUTES.estimateReservation>;

/** A default reservation goes on when the price rises, but not beyond twice of what it was. */
const PRICE_HEADROOM = 2n;
/** With no offer there is no price to go by: about what the smallest virtual machine and a GB of object storage cost. */
const PRICE_WITHOUT_OFFER_MICRO: Micro = 20_000n;
/** Two hours of trading. */
const CANDLES = 120;
const HOUR_US = 3_600_000_000n;

/** What a reservation may expect before it is placed. */
@Injectable()
export class ReservationEstimates {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly market: KeptMarket,
    private readonly auctions: AuctionsQuery,
    private readonly orders: OrdersQuery,
  ) {}

  /** A dry clearing of the present book with the reservation as it would be placed, and around it what recent prices bound. */
  async estimate(person_id: string, ask: Ask): Promise<Answer> {
    const { market, quantity, hours } = ask;
    const [whole, blocked, candles] = await Promise.all([
      this.market.look(market),
      this.orders.blockedBy(person_id),
      this.auctions.minutes(market, CANDLES),
    ]);
    const at = (max_price_micro: Micro) => bidFor(market, probe(person_id, ask, blocked, max_price_micro), quantity, quantity, whole.free);
    const dearest = at(PRICE_LIMIT - 1n);
    const order = at(ask.max_price_micro ?? this.defaultMaximum(cutBook(whole, ask, dearest), dearest));
    const book = cutBook(whole, ask, order);
    const time_us = hours === null ? keptUnitUs(market) : BigInt(hours) * HOUR_US;
    const amount = BigInt(quantity) * time_us;
    const said = estimate({
      ...book,
      order,
      candles,
      amount: { low: amount, high: amount },
      per: keptUnitUs(market),
      round_interval_ms: this.config.round_interval_ms,
      run_ms: { low: 0, high: 0 },
    });
    const price = pricePaid(book, order);
    const unit = isStorage(market) ? 'GB' : quantity === 1 ? 'slot' : 'slots';
    const spanFor = (us: bigint) => ({
      low_micro: String(keptCost(market, quantity, us, said.price.low)),
      high_micro: String(keptCost(market, quantity, us, said.price.high)),
    });
    return {
      quantity_now: said.slots_now,
      price_micro: price === null ? null : String(price),
      reason: said.reason
        ? { code: said.reason.code, sentence: sentence(said.reason) }
        : { code: 'units_free', sentence: `${said.slots_now} of the ${quantity} ${unit} would be leased at once.` },
      max_price_micro: String(order.max_price),
      confidence: said.confidence,
      price_range: { low_micro: String(said.price.low), high_micro: String(said.price.high) },
      cost_per_unit_time: { unit: isStorage(market) ? 'month' : 'hour', ...spanFor(keptUnitUs(market)) },
      cost_range: hours === null ? null : spanFor(time_us),
      hold_micro: hours === null ? null : String(fullCost(market, quantity, hours, order.max_price)),
      first_lease_ms: said.first_result_ms,
      levers: said.levers.map((lever) => ({ code: lever.code, slots: lever.slots, sentence: leverSentence(lever) })),
    };
  }

  private defaultMaximum(book: Book, unbounded: Order): Micro {
    const price = pricePaid(book, unbounded);
    return price === null ? PRICE_WITHOUT_OFFER_MICRO : price * PRICE_HEADROOM || 1n;
  }
}

type Book = Awaited<ReturnType<KeptMarket['look']>>;

/**
 * The book as a round would cut it by the caps of the reservations in it, and by the asker's. Of a node the asker sees what it could have: what it cannot
 * would otherwise seem to be free for it, or to be wanted by others who have as much of it as they may.
 */
function cutBook(book: Book, ask: Ask, order: Order): Book {
  const own = ask.max_per_node === null ? [] : [capOf(ask, ask.max_per_node)];
  const { offers, orders } = partsFor(book.offers, [...book.orders, order], [...book.caps, ...own]);
  const label = labelOf(order.id);
  return {
    ...book,
    offers: own.length === 0 ? offers : offers.filter(({ slots, attributes }) => slots === 0 || attributes.labels.includes(label)),
    orders: orders.filter(({ id }) => id !== order.id),
  };
}

const capOf = ({ spread }: Ask, most: number) => ({
  order_id: 'estimate',
  most,
  one_node_an_owner: spread === 'owner',
  held: new Map(),
  owners: new Set<string>(),
});

/** What a reservation would say that is only asked about. It comes last. */
const probe = (person_id: string, ask: Ask, blocked: { not_owners: string[]; not_nodes: string[] }, max_price_micro: Micro) => ({
  id: 'estimate',
  person_id,
  held: 0,
  incumbents: [],
  max_price_micro,
  arrival: BigInt(Number.MAX_SAFE_INTEGER),
  order_terms: {
    constraints: ask.constraints,
    preferences: ask.preferences.map(({ prefer, weight_micro }) => ({ prefer, weight_micro: String(weight_micro) })),
    spread: ask.spread,
    min_quantity: ask.min_quantity,
  },
  ...blocked,
});

function pricePaid({ offers, orders }: Book, order: Order): Micro | null {
  const prices = clear({ offers, orders: [...orders, order] }).assignments.filter((a) => a.order_id === order.id);
  return prices.length === 0 ? null : prices.reduce((most, { price }) => (price > most ? price : most), 0n);
}
