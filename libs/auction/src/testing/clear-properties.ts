import fc from 'fast-check';
import { bestWelfare, lowestPrice, slotsOf, worth } from '../../../../test/support/exact-market.js';
import { clear } from '../clear.js';
import type { Clearing, Offer, Order } from '../types.js';
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
    expect(price <= value && value <= buyer.max_price).toBe(true);
    expect(price >= node.reserve_price).toBe(true);
    expect(price % input.tick).toBe(0n);
    expect(slots).toBeGreaterThan(0);
    expect(own ?? false).toBe(buyer.buyer === node.owner);
    if (own) expect(price).toBe(reserveOf(node, input.tick));
    sold.set(offer_id, (sold.get(offer_id) ?? 0) + slots);
    got.set(order_id, (got.get(order_id) ?? 0) + slots);
  }
  for (const [id, slots] of sold) expect(slots).toBeLessThanOrEqual(must(offers.get(id)).slots);
  for (const [id, slots] of got) expect(slots).toBeLessThanOrEqual(must(orders.get(id)).quantity);
  const market = marketOf(input, result);
  expect(surplus(input, result, false)).toBe(bestWelfare(slotsOf(market.offers, input.tick), market.orders, input.tick));
  for (const cluster of new Set(input.orders.map((o) => o.buyer))) {
    const own = {
      ...input,
      offers: input.offers.filter((o) => o.owner === cluster),
      orders: input.orders.filter((o) => o.buyer === cluster),
    };
    const part = { ...result, assignments: result.assignments.filter((a) => a.own && must(orders.get(a.order_id)).buyer === cluster) };
    expect(surplus(own, part, true)).toBe(bestWelfare(slotsOf(own.offers, input.tick), own.orders, input.tick));
  }
  const unmatched = new Map(result.unmatched_orders.map((u) => [u.order_id, u.slots]));
  for (const { id, quantity } of input.orders) expect((got.get(id) ?? 0) + (unmatched.get(id) ?? 0)).toBe(quantity);
  const idle = new Map(result.unmatched_offers.map((u) => [u.offer_id, u.slots]));
  for (const { id, slots } of input.offers) expect((sold.get(id) ?? 0) + (idle.get(id) ?? 0)).toBe(slots);
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
    if ((sold.get(node.id) ?? 0) < node.slots) expect(reserveOf(node, input.tick) >= usual).toBe(true);
    for (const loser of market.orders.filter((o) => (got.get(o.id) ?? 0) < o.quantity))
      expect((worth(loser, node, input.tick) ?? -1n) <= usual).toBe(true);
    for (const buyer of buyers) {
      const price = priceFor(buyer, node, market, result);
      expect(price <= usual).toBe(true);
      for (const mine of bought) {
        const order = must(market.orders.find((o) => o.id === mine.order_id) ?? input.orders.find((o) => o.id === mine.order_id));
        if (order.buyer !== buyer) continue;
        if (mine.offer_id === node.id) expect(mine.price).toBe(price);
        const value = worth(order, node, input.tick);
        if (value !== undefined)
          expect(must(worth(order, must(offers.get(mine.offer_id)), input.tick)) - mine.price >= value - price).toBe(true);
      }
    }
  }
}

/** Seconds when the machine is quiet; it rarely is. */
const TIMEOUT_MS = 300_000;

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

/** The properties of `clear`, each on so many random rounds. */
export function describeClear(runs: number): void {
  const holds = <T>(property: fc.IProperty<T>) => fc.assert(property, { numRuns: runs });

  test(
    'property: rational, balanced, of greatest welfare, and everything is accounted for',
    () => {
      holds(fc.property(anyRound, (input) => checkRound(input, cleared(input))));
    },
    TIMEOUT_MS,
  );

  test(
    'property: each buyer pays the lowest competitive prices that the others make, and nobody envies',
    () => {
      holds(fc.property(anyRound, (input) => checkPrices(input, cleared(input))));
    },
    TIMEOUT_MS,
  );

  test(
    'property: the same rows in another order give the same round',
    () => {
      const shuffled = anyRound.chain((input) =>
        fc.record({
          input: fc.constant(input),
          offers: fc.shuffledSubarray(input.offers, { minLength: input.offers.length }),
          orders: fc.shuffledSubarray(input.orders, { minLength: input.orders.length }),
        }),
      );
      holds(
        fc.property(shuffled, ({ input, offers, orders }) => {
          expect({ ...cleared({ ...input, offers, orders }) }).toEqual({ ...cleared(input) });
        }),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'property: a buyer of one unit gains nothing by bidding other than its value',
    () => {
      holds(
        fc.property(
          round({ preferences: true, quantity: 3 }),
          fc.integer({ min: -4, max: 4 }),
          price,
          fc.nat(),
          (input, near, far, pick) => {
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
            expect(truthful >= gain(far)).toBe(true);
            expect(truthful >= gain(shaded < 0n ? 0n : shaded)).toBe(true);
          },
        ),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'property: more supply never raises a price, more demand never lowers one',
    () => {
      const oneUnit = round({ preferences: true, quantity: 1 }).map(distinctBuyers);
      holds(
        fc.property(oneUnit, offer, order({ preferences: false, quantity: 1 }), (input, extraOffer, extraOrder) => {
          const before = new Map(cleared(input).assignments.map((a) => [a.offer_id, a.price]));
          const supplied = cleared({ ...input, offers: [...input.offers, { ...extraOffer, ...extra } as Offer] });
          for (const { offer_id, price } of supplied.assignments) expect(price <= (before.get(offer_id) ?? price)).toBe(true);
          const demanded = cleared({ ...input, orders: [...input.orders, { ...extraOrder, ...extra, buyer: 'extra' } as Order] });
          for (const { offer_id, price } of demanded.assignments) expect(price >= (before.get(offer_id) ?? price)).toBe(true);
        }),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'property: a bid on own slots takes them off sale and changes nothing else for anybody',
    () => {
      const ownOrder = order({ preferences: false, quantity: 3 });
      holds(
        fc.property(anyRound, ownOrder, (input, mine) => {
          const others = { ...input, orders: input.orders.filter((o) => o.buyer !== 'ann') };
          const own = { ...mine, ...extra, buyer: 'ann', constraints: { owners: ['ann'] }, incumbents: [] } as Order;
          const result = cleared({ ...others, orders: [...others.orders, own] });
          const used = slotsBy(result, 'offer_id', true);
          const offers = others.offers.map((o) => ({ ...o, slots: o.slots - (used.get(o.id) ?? 0) }));
          const without = cleared({ ...others, offers });
          const notMine = (c: Clearing) => dealt(c).filter(([id]) => id !== 'extra');
          expect(notMine(result)).toEqual(notMine(without));
          expect(result.assignments.every((a) => a.order_id !== 'extra' || a.own)).toBe(true);
        }),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'property: what one job of a buyer did not get makes nothing dearer for the buyer',
    () => {
      holds(
        fc.property(anyRound, (input) => {
          const result = cleared(input);
          const got = (id: string) => result.assignments.filter((a) => a.order_id === id).reduce((sum, a) => sum + a.slots, 0);
          for (const buyer of new Set(input.orders.map((o) => o.buyer))) {
            const orders = input.orders.flatMap((o) => (o.buyer !== buyer ? [o] : got(o.id) > 0 ? [{ ...o, quantity: got(o.id) }] : []));
            const paid = (c: Clearing) =>
              c.assignments
                .filter((a) => input.orders.find((o) => o.id === a.order_id)?.buyer === buyer)
                .reduce((sum, a) => sum + BigInt(a.slots) * a.price, 0n);
            expect(paid(result)).toBe(paid(cleared({ ...input, orders })));
          }
        }),
      );
    },
    TIMEOUT_MS,
  );

  test(
    'property: no order gets fewer slots than its minimum, and the others trade as if those left out had not come',
    () => {
      const withMinima = anyRound.map((input) => ({
        ...input,
        orders: input.orders.map((o, i) => ({ ...o, min_quantity: i % 2 === 0 ? o.quantity : 1 })),
      }));
      holds(
        fc.property(withMinima, (input) => {
          const result = cleared(input);
          for (const { id, min_quantity } of input.orders) {
            const got = result.assignments.filter((a) => a.order_id === id).reduce((sum, a) => sum + a.slots, 0);
            expect(got === 0 || got >= min_quantity).toBe(true);
          }
          const leftOut = (id: string) => result.unmatched_orders.find((u) => u.order_id === id)?.reason.code === 'below_minimum_quantity';
          const stay = { ...input, orders: input.orders.filter((o) => !leftOut(o.id)).map((o) => ({ ...o, min_quantity: 1 })) };
          const again = cleared(stay);
          checkRound(stay, again);
          expect(dealt(again)).toEqual(dealt(result));
        }),
      );
    },
    TIMEOUT_MS,
  );
}
