import fc from 'fast-check';
import { bestWelfare, lowestPrice, slotsOf, worth } from '../../../test/support/exact-market.js';
import { clear } from './clear.js';
import type { Clearing, Constraints, Offer, Order } from './types.js';

/** `AUCTION_RUNS=5000 …` for the long version. */
const RUNS = Number(process.env.AUCTION_RUNS ?? 150);

const REGIONS = ['eu', 'us', 'asia'];
const KINDS = ['phone', 'server'] as const;
const OWNERS = ['ann', 'bob'];
const BUYERS = ['dev1', 'dev2', 'ann'];
const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const price = fc.bigInt({ min: 0n, max: 12n });

const constraints: fc.Arbitrary<Constraints> = fc.record(
  {
    regions: some(REGIONS),
    kinds: some(KINDS),
    min_speed: fc.integer({ min: 0, max: 4 }),
    labels: fc.subarray(['gpu', 'ssd']),
    min_trust: fc.integer({ min: 0, max: 2 }),
    owners: some(OWNERS),
    not_owners: fc.subarray(OWNERS, { maxLength: 1 }),
    nodes: some(['n0', 'n1', 'n2', 'n3']),
    not_nodes: fc.subarray(['n0', 'n1', 'n2'], { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const offer = fc.record({
  owner: fc.constantFrom(...OWNERS),
  slots: fc.integer({ min: 0, max: 2 }),
  reserve_price: price,
  arrival: fc.integer({ min: 0, max: 3 }),
  attributes: fc.record({
    region: fc.constantFrom(...REGIONS),
    kind: fc.constantFrom(...KINDS),
    speed: fc.integer({ min: 0, max: 4 }),
    labels: fc.subarray(['gpu', 'ssd']),
    trust: fc.integer({ min: 0, max: 2 }),
  }),
  rules: fc.option(
    fc.record(
      { deny_buyers: fc.subarray(BUYERS, { maxLength: 1 }), allow_buyers: some(BUYERS), workload_classes: some(['science', 'media']) },
      { requiredKeys: [] },
    ),
    { nil: undefined, freq: 3 },
  ),
});

const order = (with_: { preferences: boolean; quantity: number }) =>
  fc.record({
    buyer: fc.constantFrom(...BUYERS),
    quantity: fc.integer({ min: 1, max: with_.quantity }),
    max_price: price,
    arrival: fc.integer({ min: 0, max: 3 }),
    workload_class: fc.constantFrom('science', 'media', 'other'),
    constraints: fc.option(constraints, { nil: {}, freq: 3 }),
    incumbents: fc.subarray(['n0', 'n1', 'n2', 'n3'], { maxLength: 2 }),
    spread: fc.constantFrom(undefined, 'owner' as const, 'region' as const, 'node' as const),
    preferences: with_.preferences
      ? fc.array(fc.record({ prefer: constraints, weight: fc.bigInt({ min: 0n, max: 6n }) }), { maxLength: 2 })
      : fc.constant([]),
  });

const round = (with_: { preferences: boolean; quantity: number; simple?: boolean }) =>
  fc
    .record({
      offers: fc.array(offer, { maxLength: 6 }),
      orders: fc.array(order(with_), { maxLength: 5 }),
      tick: fc.constantFrom(1n, 1n, 3n),
    })
    .map(({ offers, orders, tick }) => ({
      tick,
      offers: offers.map(
        (o, i): Offer => ({ ...o, id: `n${i}`, market: 'work.micro', ...(o.rules ? { rules: o.rules } : { rules: undefined }) }) as Offer,
      ),
      orders: orders.map((o, i): Order => ({ ...o, id: `j${i}`, market: 'work.micro' }) as Order),
    }));
type Round = { offers: Offer[]; orders: Order[]; tick: bigint };

const cleared = ({ offers, orders, tick }: Round): Clearing => clear({ offers, orders, rules: { tick } });
const anyRound = fc.oneof(round({ preferences: false, quantity: 3 }), round({ preferences: true, quantity: 2 }));

const by = <T extends { id: string }>(list: readonly T[]) => new Map(list.map((item) => [item.id, item]));
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the round names something that was not in its input');
  return value;
};

/** Every grade's price, by offer, as far as the clearing tells it: sold slots have one. */
function check(input: Round, result: Clearing): void {
  const offers = by(input.offers);
  const orders = by(input.orders);
  const sold = new Map<string, number>();
  const got = new Map<string, number>();
  let welfare = 0n;
  for (const { order_id, offer_id, slots, price } of result.assignments) {
    const [buyer, node] = [must(orders.get(order_id)), must(offers.get(offer_id))];
    const value = must(worth(buyer, node, input.tick));
    // Individual rationality; the one price is what the buyer pays and what the owner gets, so the round balances.
    expect(price <= value && value <= buyer.max_price).toBe(true);
    expect(price >= node.reserve_price).toBe(true);
    expect(price % input.tick).toBe(0n);
    expect(slots).toBeGreaterThan(0);
    sold.set(offer_id, (sold.get(offer_id) ?? 0) + slots);
    got.set(order_id, (got.get(order_id) ?? 0) + slots);
    welfare += BigInt(slots) * (value - ((node.reserve_price + input.tick - 1n) / input.tick) * input.tick);
  }
  for (const [id, slots] of sold) expect(slots).toBeLessThanOrEqual(must(offers.get(id)).slots);
  for (const [id, slots] of got) expect(slots).toBeLessThanOrEqual(must(orders.get(id)).quantity);
  expect(welfare).toBe(bestWelfare(slotsOf(input.offers, input.tick), input.orders, input.tick));
  const unmatched = new Map(result.unmatched_orders.map((u) => [u.order_id, u.slots]));
  for (const { id, quantity } of input.orders) expect((got.get(id) ?? 0) + (unmatched.get(id) ?? 0)).toBe(quantity);
  const idle = new Map(result.unmatched_offers.map((u) => [u.offer_id, u.slots]));
  for (const { id, slots } of input.offers) expect((sold.get(id) ?? 0) + (idle.get(id) ?? 0)).toBe(slots);
}

test('property: rational, balanced, of greatest welfare, and everything is accounted for', () => {
  fc.assert(
    fc.property(anyRound, (input) => check(input, cleared(input))),
    { numRuns: RUNS },
  );
});

test('property: the prices are the lowest competitive ones, and nobody envies', () => {
  fc.assert(
    fc.property(anyRound, (input) => {
      const result = cleared(input);
      const slots = slotsOf(input.offers, input.tick);
      const prices = new Map<string, bigint>();
      for (const { offer_id, price } of result.assignments) prices.set(offer_id, price);
      for (const [id, price] of prices) expect(price).toBe(lowestPrice(must(by(input.offers).get(id)), slots, input.orders, input.tick));
      for (const node of input.offers) {
        if (node.slots === 0) continue;
        const at = prices.get(node.id) ?? lowestPrice(node, slots, input.orders, input.tick);
        const idle = result.unmatched_offers.some((u) => u.offer_id === node.id);
        if (idle) expect(((node.reserve_price + input.tick - 1n) / input.tick) * input.tick >= at).toBe(true);
        for (const buyer of input.orders) {
          const value = worth(buyer, node, input.tick);
          if (value === undefined) continue;
          if (result.unmatched_orders.some((u) => u.order_id === buyer.id)) expect(value <= at).toBe(true);
          for (const mine of result.assignments.filter((a) => a.order_id === buyer.id))
            expect(must(worth(buyer, must(by(input.offers).get(mine.offer_id)), input.tick)) - mine.price >= value - at).toBe(true);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('property: the same rows in another order give the same round', () => {
  const shuffled = anyRound.chain((input) =>
    fc.record({
      input: fc.constant(input),
      offers: fc.shuffledSubarray(input.offers, { minLength: input.offers.length }),
      orders: fc.shuffledSubarray(input.orders, { minLength: input.orders.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ input, offers, orders }) => {
      expect({ ...cleared({ ...input, offers, orders }) }).toEqual({ ...cleared(input) });
    }),
    { numRuns: RUNS },
  );
});

test('property: an order of one unit gains nothing by bidding other than its value', () => {
  fc.assert(
    fc.property(round({ preferences: true, quantity: 1 }), price, fc.nat(), ({ offers, orders, tick }, lie, pick) => {
      const me = orders[pick % Math.max(1, orders.length)];
      if (!me) return;
      const gain = (bid: bigint) => {
        const result = cleared({ offers, tick, orders: orders.map((o) => (o === me ? { ...me, max_price: bid } : o)) });
        const won = result.assignments.find((a) => a.order_id === me.id);
        return won ? must(worth(me, must(by(offers).get(won.offer_id)), tick)) - won.price : 0n;
      };
      // Within a tick the bid is rounded, so the value is the rounded one.
      expect(gain((me.max_price / tick) * tick) >= gain(lie)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('property: more supply never raises a price, more demand never lowers one', () => {
  fc.assert(
    fc.property(anyRound, offer, order({ preferences: false, quantity: 2 }), (input, extraOffer, extraOrder) => {
      const before = new Map(cleared(input).assignments.map((a) => [a.offer_id, a.price]));
      const more = { ...extraOffer, id: 'extra', market: 'work.micro' } as Offer;
      const supplied = cleared({ ...input, offers: [...input.offers, more] });
      for (const { offer_id, price } of supplied.assignments) {
        const was = before.get(offer_id);
        if (was !== undefined) expect(price <= was).toBe(true);
      }
      const demanded = cleared({ ...input, orders: [...input.orders, { ...extraOrder, id: 'extra', market: 'work.micro' } as Order] });
      for (const { offer_id, price } of demanded.assignments) {
        const was = before.get(offer_id);
        if (was !== undefined) expect(price >= was).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
});

test('property: no order gets fewer slots than its minimum, and those left out say so', () => {
  const withMinima = round({ preferences: false, quantity: 3 }).map((input) => ({
    ...input,
    orders: input.orders.map((o, i) => ({ ...o, min_quantity: i % 2 === 0 ? o.quantity : 1 })),
  }));
  fc.assert(
    fc.property(withMinima, (input) => {
      const result = cleared(input);
      for (const { id, quantity, min_quantity } of input.orders) {
        const got = result.assignments.filter((a) => a.order_id === id).reduce((sum, a) => sum + a.slots, 0);
        expect(got === 0 || got >= min_quantity).toBe(true);
        expect(got).toBeLessThanOrEqual(quantity);
      }
      const stay = input.orders.filter(
        (o) => result.unmatched_orders.find((u) => u.order_id === o.id)?.reason.code !== 'below_minimum_quantity',
      );
      // Without those left out the round is an ordinary one.
      check({ ...input, orders: stay }, cleared({ ...input, orders: stay.map((o) => ({ ...o, min_quantity: 1 })) }));
    }),
    { numRuns: RUNS },
  );
});
