import fc from 'fast-check';
import type { Constraints, Offer, Order } from '../types.js';

/** Random small rounds: few enough slots for the exact solver, and so alike that ties and rivals are common. */
const REGIONS = ['eu', 'us', 'asia'];
const KINDS = ['phone', 'server'] as const;
const OWNERS = ['ann', 'bob'];
/** One of them owns nodes as well. */
const BUYERS = ['dev1', 'dev2', 'dev3', 'ann'];
const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
export const price = fc.bigInt({ min: 0n, max: 12n });

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

export const offer = fc.record({
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

export const order = (with_: { preferences: boolean; quantity: number }) =>
  fc.record({
    buyer: fc.constantFrom(...BUYERS),
    quantity: fc.integer({ min: 1, max: with_.quantity }),
    max_price: price,
    arrival: fc.integer({ min: 0, max: 3 }),
    workload_class: fc.constantFrom('science', 'media', 'other'),
    constraints: fc.option(constraints, { nil: {}, freq: 3 }),
    incumbents: fc.subarray(['n0', 'n1', 'n2', 'n3'], { maxLength: 2 }),
    spread: fc.constantFrom(undefined, 'owner' as const, 'region' as const, 'power' as const, 'node' as const),
    preferences: with_.preferences
      ? fc.array(fc.record({ prefer: constraints, weight: fc.bigInt({ min: 0n, max: 6n }) }), { maxLength: 2 })
      : fc.constant([]),
  });

export const round = (with_: { preferences: boolean; quantity: number }) =>
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
export type Round = { offers: Offer[]; orders: Order[]; tick: bigint };

export const anyRound = fc.oneof(round({ preferences: false, quantity: 3 }), round({ preferences: true, quantity: 2 }));
