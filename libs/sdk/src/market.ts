import { type ResponseOf, ROUTES, type RoundView } from '#protocol';
import { type MarketName, SLOT_CLASSES, type SlotClass, workMarket } from '#units';
import { type Money, withMoney } from './amount.js';
import type { HttpClient } from './http.js';

/** A market at a glance; `*_micro` members are bigints of micro-units, prices are per 10¹² fuel, per slot-hour of standing slots, per GB-month of storage. */
export type MarketInfo = Money<ResponseOf<typeof ROUTES.listMarkets>['markets'][number]>;
export type CandleInfo = Money<ResponseOf<typeof ROUTES.listCandles>['candles'][number]>;
export type DepthInfo = Money<ResponseOf<typeof ROUTES.getDepth>>;

/** The class of a slot alone names its market for work. */
const marketOf = (name: SlotClass | MarketName): MarketName => {
  const slot_class = SLOT_CLASSES.find((one) => one === name);
  return slot_class ? workMarket(slot_class) : (name as MarketName);
};

export interface CandlePage {
  /** Length of a candle: a minute, an hour (default) or a day of UTC. */
  term?: '1m' | '1h' | '1d';
  /** Only candles that begin before it. */
  before?: Date;
  /** Default 100, at most 1,000. */
  limit?: number;
}

export interface RoundsFrom {
  /** Only rounds with a higher number in the market's chain. */
  after?: number;
  /** Only rounds cleared then or later. */
  since?: Date;
  /** How many are asked for at a time. Default and most 20. */
  page?: number;
  signal?: AbortSignal;
}

export const listMarkets = async (http: HttpClient): Promise<MarketInfo[]> => withMoney((await http.call(ROUTES.listMarkets)).markets);

export async function listCandles(
  http: HttpClient,
  market: SlotClass | MarketName,
  { term, before, limit }: CandlePage,
): Promise<CandleInfo[]> {
  const query = { term, before: before?.toISOString(), limit };
  const { candles } = await http.call(ROUTES.listCandles, { params: { market: marketOf(market) }, query });
  return withMoney(candles);
}

export const getDepth = async (http: HttpClient, market: SlotClass | MarketName, levels?: number): Promise<DepthInfo> =>
  withMoney(await http.call(ROUTES.getDepth, { params: { market: marketOf(market) }, query: { levels } }));

export async function* eachRound(
  http: HttpClient,
  market: SlotClass | MarketName,
  from: RoundsFrom,
): AsyncGenerator<RoundView, void, void> {
  const params = { market: marketOf(market) };
  for (let after = from.after ?? 0; ; ) {
    const query = { after, since: from.since?.toISOString(), limit: from.page };
    const { rounds } = await http.call(ROUTES.listRounds, { params, query, signal: from.signal });
    yield* rounds;
    const last = rounds.at(-1);
    if (!last) return;
    after = last.number;
  }
}
