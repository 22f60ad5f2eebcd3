import { charge, type Micro } from '#units';
import type { Candle } from './candles.js';
import { clear } from './clear.js';
import { type Lever, leversFor, slotsOf } from './levers.js';
import type { OrderReason } from './reasons.js';
import type { Clearing, ClearingRules, Offer, Order } from './types.js';
import { swing, waitFor } from './volatility.js';

export interface EstimateInput {
  /** The present book of the order's market, without the order. */
  readonly offers: readonly Offer[];
  readonly orders: readonly Order[];
  readonly rules?: ClearingRules;
  /** The order as it would be placed. */
  readonly order: Order;
  /** The market's recent candles, oldest first. With fewer than `1 ÷ (1 − confidence) − 1` changes between them only the order's own limits bound the range. */
  readonly candles: readonly Candle[];
  /** What all its work comes to at least and at most, in the market's measure (work: fuel), and how much of it the price is for. */
  readonly amount: { readonly low: bigint; readonly high: bigint };
  readonly per: bigint;
  /** The time between rounds, and what one piece of work takes from its slot to its result, as measured before; a high of null where nothing bounds it. */
  readonly round_interval_ms: number;
  readonly run_ms: { readonly low: number; readonly high: number | null };
  /** Of each range by itself. Default 0.9. */
  readonly confidence?: number;
}

export interface Span {
  readonly low: number;
  /** null where nothing that was seen bounds it. */
  readonly high: number | null;
}

export interface MoneySpan {
  readonly low: Micro;
  readonly high: Micro;
}

export interface Estimate {
  readonly confidence: number;
  /** Slots it would have if the market were cleared now, and why not all of them. */
  readonly slots_now: number;
  readonly reason: OrderReason | undefined;
  /** Per unit, when it gets its first slot: never above its maximum. */
  readonly price: MoneySpan;
  /** Of the whole amount at these prices. */
  readonly cost: MoneySpan;
  /** Until the first result, from now. */
  readonly first_result_ms: Span;
  /** What would bring it more slots at present. */
  readonly levers: readonly Lever[];
}

/**
 * What an order may expect: a dry clearing against the present book, and around it what the market's recent candles bound. The ranges
 * hold with the stated confidence as far as the next stretch of time is like those before it (see `boundOf`); one that needs more candles than there
 * are is as wide as the order's maximum.
 * @throws HeapError as `clear`.
 */
export function estimate(input: EstimateInput): Estimate {
  const { order, candles, confidence = 0.9 } = input;
  const clearing = clear({ ...input, orders: [...input.orders, order] });
  const slots_now = slotsOf(clearing, order.id);
  const reason = clearing.unmatched_orders.find((unmatched) => unmatched.order_id === order.id)?.reason;
  const now = pricePaid(clearing, order.id);
  const most = swing(candles, confidence);
  const price = priceSpan(order, now, most);
  // An order that wins now, and whose maximum stays above the price even if that swings up, wins in the next round.
  const certain = now !== undefined && most !== undefined && now.high + most <= order.max_price;
  return {
    confidence,
    slots_now,
    reason,
    price,
    cost: { low: charge(input.amount.low, price.low, input.per), high: charge(input.amount.high, price.high, input.per) },
    first_result_ms: resultSpan(input, now !== undefined, certain, confidence),
    levers: reason ? leversFor(input, order, slots_now, reason) : [],
  };
}

/** The lowest and highest price of what it would get now; undefined when that is nothing. */
function pricePaid({ assignments }: Clearing, order_id: string): MoneySpan | undefined {
  const prices = assignments.filter((a) => a.order_id === order_id).map(({ price }) => price);
  if (prices.length === 0) return undefined;
  return { low: prices.reduce((a, b) => (b < a ? b : a)), high: prices.reduce((a, b) => (b > a ? b : a)) };
}

/** An order that gets nothing now gets it when prices have come down to its maximum: so the range is counted from there. */
function priceSpan({ max_price }: Order, now: MoneySpan | undefined, most: Micro | undefined): MoneySpan {
  if (most === undefined) return { low: 0n, high: max_price };
  const low = (now?.low ?? max_price) - most;
  const high = (now?.high ?? max_price) + most;
  return { low: low > 0n ? low : 0n, high: high < max_price ? high : max_price };
}

function resultSpan(
  { order, candles, round_interval_ms, run_ms }: EstimateInput,
  wins: boolean,
  certain: boolean,
  confidence: number,
): Span {
  const wait_ms = certain ? 0 : (waitFor(order.max_price, wins, candles, confidence) ?? Infinity);
  const high = (run_ms.high ?? Infinity) + round_interval_ms + wait_ms;
  // The next round may come at once, and a slot be free in it that is not yet.
  return { low: run_ms.low, high: Number.isFinite(high) ? high : null };
}
