import { Injectable } from '@nestjs/common';
import type { Candle } from '#auction';
import { CANDLE_TERMS_MS } from '#protocol';
import type { MarketName } from '#units';
import { type Idle, IdleService } from './idle.service.js';
import { PricesStore } from './prices.store.js';

export type { Idle } from './idle.service.js';
export { leverSentence } from './lever-sentence.js';
export { orderOf } from './order-of.js';

/** What later stations may know of the markets. */
@Injectable()
export class AuctionsQuery {
  constructor(
    private readonly prices: PricesStore,
    private readonly idle: IdleService,
  ) {}

  /** The last whole minutes with a trade, oldest first. */
  async minutes(market: MarketName, count: number): Promise<Candle[]> {
    const term_ms = CANDLE_TERMS_MS['1m'];
    const candles = await this.prices.candles(market, term_ms, undefined, count + 1);
    return candles.filter(({ from_ms }) => from_ms + term_ms <= Date.now()).slice(-count);
  }

  /** Why free slots of an owner's devices find nobody in these markets. */
  idleOf(owner_id: string, markets: readonly MarketName[]): Promise<Idle[]> {
    return this.idle.in(owner_id, markets);
  }
}
