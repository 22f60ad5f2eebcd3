import type { Micro } from '#units';
import { affordable } from './book.js';
import { DEFAULT_RULES } from './clear.js';
import type { ClearingRules, Offer, Order } from './types.js';

export interface DepthLevel {
  /** In whole ticks: a maximum counts as the tick below it, a reserve as the tick above it. */
  readonly price: Micro;
  /** Slots at exactly this price, and at this price or a better one. */
  readonly slots: number;
  readonly total: number;
}

/** How much is wanted and offered at which price, constraints aside. */
export interface Depth {
  readonly market: string;
  /** Highest first. */
  readonly bids: readonly DepthLevel[];
  /** Cheapest first. */
  readonly asks: readonly DepthLevel[];
}

/** The depth of one market's book; slots that are leased and orders whose budget is used up do not count. `levels_max` cuts off the far end of each side. */
export function depth(
  market: string,
  offers: readonly Offer[],
  orders: readonly Order[],
  { tick }: ClearingRules = DEFAULT_RULES,
  levels_max = Infinity,
): Depth {
  const [bids, asks] = [new Map<Micro, number>(), new Map<Micro, number>()];
  for (const order of orders) if (order.market === market) add(bids, (order.max_price / tick) * tick, affordable(order));
  for (const offer of offers) if (offer.market === market) add(asks, ((offer.reserve_price + tick - 1n) / tick) * tick, offer.slots);
  return { market, bids: levels(bids, (a, b) => (a > b ? -1 : 1), levels_max), asks: levels(asks, (a, b) => (a < b ? -1 : 1), levels_max) };
}

function add(side: Map<Micro, number>, price: Micro, slots: number): void {
  if (slots > 0) side.set(price, (side.get(price) ?? 0) + slots);
}

function levels(side: ReadonlyMap<Micro, number>, better: (a: Micro, b: Micro) => number, most: number): DepthLevel[] {
  let total = 0;
  return [...side]
    .sort(([a], [b]) => better(a, b))
    .slice(0, most)
    .map(([price, slots]) => {
      total += slots;
      return { price, slots, total };
    });
}
