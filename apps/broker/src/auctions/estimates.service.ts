import { Inject, Injectable } from '@nestjs/common';
import { type Candle, clear, estimate, type Order, sentence } from '#auction';
import { type BodyOf, CANDLE_TERMS_MS, type ParamsOf, type QueryOf, type ResponseOf, ROUTES } from '#protocol';
import { FUEL_PER_PRICE_UNIT, type Micro, PRICE_LIMIT, slotClassOf, TASK_BASE_FUEL, workMarket } from '#units';
import { levelTerms } from '#verification';
import { OrdersQuery } from '../orders/orders.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';

import { leverSentence } from './lever-sentence.js';
import { orderOf, probe } from './order-of.js';
import { PricesStore } from './prices.store.js';
import { WorkMarket, type WorkView } from './work-market.js';
import { workOf } from './work-of.js';

type Ask = BodyOf<typeof ROUTES.estimate>;
type Answer = ResponseOf<typeof ROUTES.estimate>;

/** A default order goes on when the price rises, but not beyond twice of what it was. */
const PRICE_HEADROOM = 2n;
/** With no offer there is no price to go by: about ten times what a second of a virtual machine costs. */
const PRICE_WITHOUT_OFFER_MICRO: Micro = 100_000n;
/** Two hours of trading, and as many tasks and jobs as bounds of 97.5 % need several times over. */
const CANDLES = 120;
const SAMPLES = 200;

/** What an order may expect before it is placed. */
@Injectable()
export class EstimatesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly market: WorkMarket,
    private readonly prices: PricesStore,
    private readonly jobs: OrdersQuery,
  ) {}

  /** A dry clearing of the present book with the order as it would be placed, and around it what recent prices and work bound. */
  async estimate(person_id: string, ask: Ask): Promise<Answer> {
    const { slot_class, module_hash, tasks } = ask;
    const [book, blocked, candles, firsts, measured] = await Promise.all([
      this.market.look(workMarket(slot_class)),
      this.jobs.blockedBy(person_id),
      this.completeCandles(ask),
      this.prices.firstResults(workMarket(slot_class), SAMPLES),
      module_hash === null ? [] : this.prices.measured(person_id, module_hash, SAMPLES),
    ]);
    const at = (max_price_micro: Micro) =>
      orderOf(probe(person_id, { ...ask, max_price_micro }, blocked), workMarket(slot_class), book.free);
    const order = at(ask.max_price_micro ?? defaultMaximum(book, at(PRICE_LIMIT - 1n)));
    const work = workOf(ask, measured, firsts);
    const level = levelTerms(ask.verification);
    const count = BigInt(tasks ?? 1) * BigInt(level.price_factor);
    const said = estimate({
      ...book,
      order,
      candles,
      amount: { low: count * fuelOf(work.fuel.low), high: count * fuelOf(work.fuel.high) },
      per: FUEL_PER_PRICE_UNIT,
      round_interval_ms: this.config.round_interval_ms,
      run_ms: work.run_ms,
    });
    const price = pricePaid(book, order);
    return {
      slots_now: said.slots_now,
      price_micro: price === null ? null : String(price),
      reason: said.reason
        ? { code: said.reason.code, sentence: sentence(said.reason) }
        : { code: 'slots_free', sentence: `${said.slots_now} of the ${ask.slots} slots would be leased at once.` },
      max_price_micro: String(order.max_price),
      confidence: said.confidence,
      price_range: spanOf(said.price),
      cost_range: tasks === null ? null : spanOf(said.cost),
      first_result_ms: said.first_result_ms,
      work: { source: work.source, tasks_measured: work.tasks_measured, fuel: work.fuel, candles: candles.length },
      verification: level,
      levers: said.levers.map((lever) => ({ code: lever.code, slots: lever.slots, sentence: leverSentence(lever) })),
    };
  }

  /** The same for an order that says no more than its size. */
  plain(
    person_id: string,
    { market }: ParamsOf<typeof ROUTES.getEstimate>,
    { max_price_micro, ...query }: QueryOf<typeof ROUTES.getEstimate>,
  ): Promise<Answer> {
    const defaults = ROUTES.estimate.body.parse({ slot_class: slotClassOf(market) });
    return this.estimate(person_id, { ...defaults, ...query, max_price_micro: max_price_micro ?? null });
  }

  /** The candle of this minute may still rise and fall. */
  private async completeCandles({ slot_class }: Ask): Promise<Candle[]> {
    const term_ms = CANDLE_TERMS_MS['1m'];
    const candles = await this.prices.candles(workMarket(slot_class), term_ms, undefined, CANDLES + 1);
    return candles.filter(({ from_ms }) => from_ms + term_ms <= Date.now()).slice(-CANDLES);
  }
}

const fuelOf = (fuel: number): bigint => BigInt(fuel) + TASK_BASE_FUEL;

function pricePaid({ offers, orders }: WorkView, order: Order): Micro | null {
  const prices = clear({ offers, orders: [...orders, order] }).assignments.filter((a) => a.order_id === order.id);
  return prices.length === 0 ? null : prices.reduce((most, { price }) => (price > most ? price : most), 0n);
}

function defaultMaximum(book: WorkView, unbounded: Order): Micro {
  const price = pricePaid(book, unbounded);
  return price === null ? PRICE_WITHOUT_OFFER_MICRO : price * PRICE_HEADROOM || 1n;
}

const spanOf = ({ low, high }: { low: Micro; high: Micro }) => ({ low_micro: String(low), high_micro: String(high) });
