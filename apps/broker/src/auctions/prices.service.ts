import { Injectable } from '@nestjs/common';
import { type Candle, type DepthLevel, depth, type Order } from '#auction';
import { CANDLE_TERMS_MS, type ParamsOf, type QueryOf, type ResponseOf, type ROUTES } from '#protocol';
import { type MarketName, slotClassOf } from '#units';
import { Goods, type PublicBook } from './goods.commands.js';
import { PricesStore } from './prices.store.js';

/** What is paid and what is wanted: charts, depth, and each market at a glance. */
@Injectable()
export class PricesService {
  constructor(
    private readonly store: PricesStore,
    private readonly goods: Goods,
  ) {}

  async markets(): Promise<ResponseOf<typeof ROUTES.listMarkets>> {
    return { markets: await Promise.all(this.goods.markets.map((market) => this.market(market))) };
  }

  private async market(market: MarketName): Promise<ResponseOf<typeof ROUTES.listMarkets>['markets'][number]> {
    const [last, day, book] = await Promise.all([this.store.last(market), this.store.day(market), this.goods.of(market).look(market)]);
    const { bids, asks } = depth(market, book.offers, wanting(book));
    return {
      market,
      slot_class: slotClassOf(market),
      price_micro: last && String(last.price_micro),
      traded_at: last?.closed_at.toISOString() ?? null,
      day: day && viewOf(day),
      slots_free: asks.at(-1)?.total ?? 0,
      slots_wanted: bids.at(-1)?.total ?? 0,
      bid_micro: bids[0] ? String(bids[0].price) : null,
      ask_micro: asks[0] ? String(asks[0].price) : null,
    };
  }

  async candles(
    { market }: ParamsOf<typeof ROUTES.listCandles>,
    { term, before, limit }: QueryOf<typeof ROUTES.listCandles>,
  ): Promise<ResponseOf<typeof ROUTES.listCandles>> {
    const term_ms = CANDLE_TERMS_MS[term];
    const candles = await this.store.candles(market, term_ms, before, limit);
    return { market, term_ms, candles: candles.map((candle) => ({ from: new Date(candle.from_ms).toISOString(), ...viewOf(candle) })) };
  }

  async depth(
    { market }: ParamsOf<typeof ROUTES.getDepth>,
    { levels }: QueryOf<typeof ROUTES.getDepth>,
  ): Promise<ResponseOf<typeof ROUTES.getDepth>> {
    const book = await this.goods.of(market).look(market);
    const { bids, asks } = depth(market, book.offers, wanting(book), undefined, levels);
    return { market, bids: bids.map(levelOf), asks: asks.map(levelOf) };
  }
}

/** The orders with all they want: in a round a bid is for no more slots than are free, which would hide demand. */
const wanting = ({ orders, wanted }: PublicBook): Order[] =>
  orders.map((order) => ({ ...order, quantity: wanted.get(order.id) ?? order.quantity }));

const levelOf = ({ price, slots, total }: DepthLevel) => ({ price_micro: String(price), slots, total });

const viewOf = ({ open, close, high, low, volume, rounds, fill_ms_median, fill_ms_most }: Candle) => ({
  open_micro: String(open),
  close_micro: String(close),
  high_micro: String(high),
  low_micro: String(low),
  volume,
  rounds,
  fill_ms_median,
  fill_ms_most,
});
