import { clear } from './clear.js';
import type { Offer, Order } from './types.js';

/** Storage is sold by the same rules: a slot is a GB kept and audited for a month, and each class is a market. */
const attributes = { region: 'eu', kind: 'server' as const, speed: 0, labels: [], trust: 1 };
const disk = (id: string, market: string, gb: number, reserve_price: bigint, owner = id): Offer => ({
  id,
  owner,
  market,
  slots: gb,
  reserve_price,
  attributes,
  arrival: 0,
});
const volume = (id: string, market: string, gb: number, max_price: bigint, more: Partial<Order> = {}): Order => ({
  id,
  buyer: id,
  market,
  quantity: gb,
  max_price,
  arrival: 0,
  ...more,
});

test('standard and cold storage clear apart, each at its own price', () => {
  const { assignments, prices } = clear({
    offers: [
      disk('fast', 'storage:standard', 500, 8_000n),
      disk('slow', 'storage:cold', 4_000, 2_000n),
      disk('slower', 'storage:cold', 1_000, 1_500n),
    ],
    orders: [volume('a', 'storage:standard', 300, 9_000n), volume('b', 'storage:cold', 3_000, 5_000n)],
  });
  expect(assignments.map((a) => [a.order_id, a.offer_id, a.slots, a.price])).toEqual([
    ['b', 'slower', 1_000, 2_000n],
    ['b', 'slow', 2_000, 2_000n],
    ['a', 'fast', 300, 8_000n],
  ]);
  expect(prices.map(({ market, price, sold }) => [market, price, sold])).toEqual([
    ['storage:cold', 2_000n, 3_000],
    ['storage:standard', 8_000n, 300],
  ]);
});

test('a volume that wants different owners is dealt to them in equal shares, as far as they have room', () => {
  const offers = [
    disk('a1', 'storage:cold', 400_000, 1n, 'ann'),
    disk('a2', 'storage:cold', 400_000, 1n, 'ann'),
    disk('b', 'storage:cold', 50_000, 1n),
    disk('c', 'storage:cold', 400_000, 1n),
    disk('d', 'storage:cold', 1, 1n),
  ];
  const { assignments } = clear({ offers, orders: [volume('v', 'storage:cold', 1_000_000, 5n, { spread: 'owner' })] });
  const perNode = new Map(assignments.map((a) => [a.offer_id, a.slots]));
  expect([...perNode].sort()).toEqual([
    ['a1', 400_000],
    ['a2', 149_999],
    ['b', 50_000],
    ['c', 400_000],
    ['d', 1],
  ]);
});
