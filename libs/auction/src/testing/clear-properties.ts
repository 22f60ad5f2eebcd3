import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { bestWelfare, lowestPrice, slotsOf, worth } from '../../../../test/support/exact-market.js';
import { clear } from '../clear.js';
import type { Clearing, Offer, Order } from '../types.js';
import { type Claim, claim } from './claim.js';
import { anyRound, offer, order, price, type Round, round } from './rounds.js';

const cleared = ({ offers, orders, tick }: Round): Clearing => clear({ offers, orders, rules: { tick } });
const by = <T extends { id: string }>(list: readonly T[]) => new Map(list.map((item) => [item.id, item]));
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the round names something that was not in its input');
  return value;
};

/** Slots per id, of the buyers' own or of the market. */
function slotsBy(result: Clearing, side: 'order_id' | 'offer_id', own: boolean): Map<string, number> {
  const sums = new Map<string, number>();
  for (const a of result.assignments) if ((a.own ?? false) === own) sums.set(a[side], (sums.get(a[side]) ?? 0) + a.slots);
  return sums;
}

/** The round that the market saw: without the slots that buyers used of their own, and what those orders got of them. */
function marketOf(input: Round, result: Clearing): Round {
  const [used, filled] = [slotsBy(result, 'offer_id', true), slotsBy(result, 'order_id', true)];
  return {
    tick: input.tick,
    offers: input.offers.map((o) => ({ ...o, slots: o.slots - (used.get(o.id) ?? 0) })),
    orders: input.orders.map((o) => ({ ...o, quantity: o.quantity - (filled.get(o.id) ?? 0) })).filter(({ quantity }) => quantity > 0),
  };
}

const reserveOf = (node: Offer, tick: bigint) => ((node.reserve_price + tick - 1n) / tick) * tick;

function surplus(input: Round, result: Clearing, own: boolean): bigint {
  const [offers, orders] = [by(input.offers), by(input.orders)];
  let sum = 0n;
  for (const a of result.assignments) {
    if ((a.own ?? false) !== own) continue;
    const node = must(offers.get(a.offer_id));
    sum += BigInt(a.slots) * (must(worth(must(orders.get(a.order_id)), node, input.tick)) - reserveOf(node, input.tick));
  }
  return sum;
}

/** Individual rationality, balance (one price is what the buyer pays and what the owner gets), greatest welfare, and everything accounted for. */
function checkRound(input: Round, result: Clearing): void {
  const [offers, orders] = [by(input.offers), by(input.orders)];
  const [sold, got] = [new Map<string, number>(), new Map<string, number>()];
  for (const { order_id, offer_id, slots, price, own } of result.assignments) {
    const [buyer, node] = [must(orders.get(order_id)), must(offers.get(offer_id))];
    const value = must(worth(buyer, node, input.tick));
    assert(price <= value && value <= buyer.max_price);
    assert(price >= node.reserve_price);
    assert.equal(price % input.tick, 0n);
    assert(slots > 0);
    assert.equal(own ?? false, buyer.buyer === node.owner);
    if (own) assert.equal(price, reserveOf(node, input.tick));
    sold.set(offer_id, (sold.get(offer_id) ?? 0) + slots);
    got.set(order_id, (got.get(order_id) ?? 0) + slots);
  }
  for (const [id, slots] of sold) assert(slots <= must(offers.get(id)).slots);
  for (const [id, slots] of got) assert(slots <= must(orders.get(id)).quantity);
  const market = marketOf(input, result);
  assert.equal(surplus(input, result, false), bestWelfare(slotsOf(market.offers, input.tick), market.orders, input.tick));
  checkTicks(market, result);
  for (const cluster of new Set(input.orders.map((o) => o.buyer))) {
    const own = {
      ...input,
      offers: input.offers.filter((o) => o.owner === cluster),
      orders: input.orders.filter((o) => o.buyer === cluster),
    };
    const part = { ...result, assignments: result.assignments.filter((a) => a.own && must(orders.get(a.order_id)).buyer === cluster) };
    assert.equal(surplus(own, part, true), bestWelfare(slotsOf(own.offers, input.tick), own.orders, input.tick));
  }
  const unmatched = new Map(result.unmatched_orders.map((u) => [u.order_id, u.slots]));
  for (const { id, quantity } of input.orders) assert.equal((got.get(id) ?? 0) + (unmatched.get(id) ?? 0), quantity);
  const idle = new Map(result.unmatched_offers.map((u) => [u.offer_id, u.slots]));
  for (const { id, slots } of input.offers) assert.equal((sold.get(id) ?? 0) + (idle.get(id) ?? 0), slots);
}

/**
 * In true money, not in ticks: a unit may lose less than a tick of welfare for each price that is rounded to one: its maximum, its
 * reserve, and what is preferred.
 */
function checkTicks(market: Round, result: Clearing): void {
  const [offers, orders] = [by(market.offers), by(market.orders)];
  let gained = 0n;
  for (const a of result.assignments)
    if (!a.own) {
      const node = must(offers.get(a.offer_id));
      gained += BigInt(a.slots) * (must(worth(must(orders.get(a.order_id)), node, 1n)) - node.reserve_price);
    }
  const prices = 2 + Math.max(0, ...market.orders.map(({ preferences = [] }) => preferences.length));
  const units = market.orders.reduce((sum, { quantity }) => sum + quantity, 0);
  const lost = bestWelfare(slotsOf(market.offers, 1n), market.orders, 1n) - gained;
  assert(lost <= (market.tick - 1n) * BigInt(prices * units));
}

/** What a slot like `node` costs the buyer: Leonard's price in the market without the units that orders of the buyer did not get. */
function priceFor(buyer: string | undefined, node: Offer, market: Round, result: Clearing): bigint {
  const got = slotsBy(result, 'order_id', false);
  const orders = market.orders.map((o) => (o.buyer === buyer ? { ...o, quantity: got.get(o.id) ?? 0 } : o));
  return lowestPrice(node, slotsOf(market.offers, market.tick), orders, market.tick);
}

/** The prices paid are the lowest competitive ones that each buyer faces; at them nobody envies, and no idle slot is below its price. */
function checkPrices(input: Round, result: Clearing): void {
  const [market, offers] = [marketOf(input, result), by(input.offers)];
  const got = slotsBy(result, 'order_id', false);
  const sold = slotsBy(result, 'offer_id', false);
  const bought = result.assignments.filter((a) => !a.own);
  const buyers = new Set(market.orders.map((o) => o.buyer));
  for (const node of market.offers.filter(({ slots }) => slots > 0)) {
    const usual = priceFor(undefined, node, market, result);
    if ((sold.get(node.id) ?? 0) < node.slots) assert(reserveOf(node, input.tick) >= usual);
    for (const loser of market.orders.filter((o) => (got.get(o.id) ?? 0) < o.quantity))
      assert((worth(loser, node, input.tick) ?? -1n) <= usual);
    for (const buyer of buyers) {
      const price = priceFor(buyer, node, market, result);
      assert(price <= usual);
      for (const mine of bought) {
        const order = must(market.orders.find((o) => o.id === mine.order_id) ?? input.orders.find((o) => o.id === mine.order_id));
        if (order.buyer !== buyer) continue;
        if (mine.offer_id === node.id) assert.equal(mine.price, price);
        const value = worth(order, node, input.tick);
        if (value !== undefined) assert(must(worth(order, must(offers.get(mine.offer_id)), input.tick)) - mine.price >= value - price);
      }
    }
  }
}

/** What each order got and at which prices; of nodes that cost the same, which one is a matter of ties. */
function dealt({ assignments }: Clearing): [string, [string, number][]][] {
  const orders = new Map<string, Map<string, number>>();
  for (const { order_id, slots, price } of assignments) {
    const prices = orders.get(order_id) ?? new Map<string, number>();
    orders.set(order_id, prices.set(String(price), (prices.get(String(price)) ?? 0) + slots));
  }
  return [...orders].map(([id, prices]): [string, [string, number][]] => [id, [...prices].sort()]).sort();
}

const distinctBuyers = (input: Round): Round => ({ ...input, orders: input.orders.map((o, i) => ({ ...o, buyer: `buyer${i}` })) });
const extra = { id: 'extra', market: 'work.micro' };

const shuffled = anyRound.chain((input) =>
  fc.record({
    input: fc.constant(input),
    offers: fc.shuffledSubarray(input.offers, { minLength: input.offers.length }),
    orders: fc.shuffledSubarray(input.orders, { minLength: input.orders.length }),
  }),
);

function checkTruth(input: Round, near: number, far: bigint, pick: number): void {
  const { offers, orders, tick } = distinctBuyers(input);
  const me = orders.map((o, i) => (i === pick % orders.length ? { ...o, quantity: 1 } : o))[pick % Math.max(1, orders.length)];
  if (!me) return;
  const gain = (bid: bigint) => {
    const result = cleared({ offers, tick, orders: orders.map((o) => (o.id === me.id ? { ...me, max_price: bid } : o)) });
    const won = result.assignments.find((a) => a.order_id === me.id);
    return won ? must(worth(me, must(by(offers).get(won.offer_id)), tick)) - won.price : 0n;
  };
  // Within a tick the bid is rounded, so the value is the rounded one.
  const truthful = gain((me.max_price / tick) * tick);
  const shaded = me.max_price + BigInt(near);
  assert(truthful >= gain(far));
  assert(truthful >= gain(shaded < 0n ? 0n : shaded));
}

function checkMonotony(input: Round, extraOffer: object, extraOrder: object): void {
  const before = new Map(cleared(input).assignments.map((a) => [a.offer_id, a.price]));
  const supplied = cleared({ ...input, offers: [...input.offers, { ...extraOffer, ...extra } as Offer] });
  for (const { offer_id, price } of supplied.assignments) assert(price <= (before.get(offer_id) ?? price));
  const demanded = cleared({ ...input, orders: [...input.orders, { ...extraOrder, ...extra, buyer: 'extra' } as Order] });
  for (const { offer_id, price } of demanded.assignments) assert(price >= (before.get(offer_id) ?? price));
}

function checkOwn(input: Round, mine: object): void {
  const others = { ...input, orders: input.orders.filter((o) => o.buyer !== 'ann') };
  const own = { ...mine, ...extra, buyer: 'ann', constraints: { owners: ['ann'] }, incumbents: [] } as unknown as Order;
  const result = cleared({ ...others, orders: [...others.orders, own] });
  const used = slotsBy(result, 'offer_id', true);
  const offers = others.offers.map((o) => ({ ...o, slots: o.slots - (used.get(o.id) ?? 0) }));
  const without = cleared({ ...others, offers });
  const notMine = (c: Clearing) => dealt(c).filter(([id]) => id !== 'extra');
  assert.deepEqual(notMine(result), notMine(without));
  assert(result.assignments.every((a) => a.order_id !== 'extra' || a.own));
}

const gotBy = (result: Clearing, id: string) =>
  result.assignments.filter((a) => a.order_id === id).reduce((sum, { slots }) => sum + slots, 0);

function checkOwnRivals(input: Round): void {
  const result = cleared(input);
  for (const buyer of new Set(input.orders.map((o) => o.buyer))) {
    const orders = input.orders.flatMap((o) => {
      const got = gotBy(result, o.id);
      return o.buyer !== buyer ? [o] : got > 0 ? [{ ...o, quantity: got }] : [];
    });
    const paid = (c: Clearing) =>
      c.assignments
        .filter((a) => input.orders.find((o) => o.id === a.order_id)?.buyer === buyer)
        .reduce((sum, a) => sum + BigInt(a.slots) * a.price, 0n);
    assert.equal(paid(result), paid(cleared({ ...input, orders })));
  }
}

const withMinima = anyRound.map((input) => ({
  ...input,
  orders: input.orders.map((o, i) => ({ ...o, min_quantity: i % 2 === 0 ? o.quantity : 1 })),
}));

function checkMinima(input: Round & { orders: (Order & { min_quantity: number })[] }): void {
  const result = cleared(input);
  for (const { id, min_quantity } of input.orders) {
    const got = gotBy(result, id);
    assert(got === 0 || got >= min_quantity);
  }
  const leftOut = (id: string) => result.unmatched_orders.find((u) => u.order_id === id)?.reason.code === 'below_minimum_quantity';
  const stay = { ...input, orders: input.orders.filter((o) => !leftOut(o.id)).map((o) => ({ ...o, min_quantity: 1 })) };
  const again = cleared(stay);
  checkRound(stay, again);
  assert.deepEqual(dealt(again), dealt(result));
}

const oneUnit = round({ preferences: true, quantity: 1 }).map(distinctBuyers);

/** What `clear` promises, on random rounds that are small enough for an exact solver. */
export const clearClaims: readonly Claim[] = [
  claim(
    'rational, balanced, of greatest welfare, and everything is accounted for',
    fc.property(anyRound, (input) => checkRound(input, cleared(input))),
  ),
  claim(
    'each buyer pays the lowest competitive prices that the others make, and nobody envies',
    fc.property(anyRound, (input) => checkPrices(input, cleared(input))),
  ),
  claim(
    'the same rows in another order give the same round',
    fc.property(shuffled, ({ input, offers, orders }) =>
      assert.deepEqual({ ...cleared({ ...input, offers, orders }) }, { ...cleared(input) }),
    ),
  ),
  claim(
    'a buyer of one unit gains nothing by bidding other than its value',
    fc.property(round({ preferences: true, quantity: 3 }), fc.integer({ min: -4, max: 4 }), price, fc.nat(), checkTruth),
  ),
  claim(
    'more supply never raises a price, more demand never lowers one',
    fc.property(oneUnit, offer, order({ preferences: false, quantity: 1 }), checkMonotony),
  ),
  claim(
    'a bid on own slots takes them off sale and changes nothing else for anybody',
    fc.property(anyRound, order({ preferences: false, quantity: 3 }), checkOwn),
  ),
  claim('what one job of a buyer did not get makes nothing dearer for the buyer', fc.property(anyRound, checkOwnRivals)),
  claim(
    'no order gets fewer slots than its minimum, and the others trade as if those left out had not come',
    fc.property(withMinima, checkMinima),
  ),
];
