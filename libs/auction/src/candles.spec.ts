import { candles, type RoundOutcome } from './candles.js';
import { depth } from './depth.js';
import type { Assignment, Offer, Order } from './types.js';

const deal = (slots: number, price: bigint, more: Partial<Assignment> = {}): Assignment => ({
  order_id: 'j',
  offer_id: 'n',
  slots,
  price,
  grade: 'g',
  ...more,
});
const round = (cleared_at_ms: number, assignments: Assignment[], fill_ms: number[] = [], market = 'work:micro'): RoundOutcome => ({
  market,
  cleared_at_ms,
  assignments,
  fill_ms,
});

test('a candle has the first and the last mean, the extremes, the volume and the waits', () => {
  const rounds = [
    round(1_900, [deal(1, 9n)], [400]),
    round(1_000, [deal(3, 4n), deal(1, 7n)], [0, 100, 300]),
    round(1_500, [deal(2, 2n)]),
    round(3_100, [deal(1, 5n)]),
  ];
  expect(candles(rounds, 1_000)).toEqual([
    {
      market: 'work:micro',
      from_ms: 1_000,
      term_ms: 1_000,
      open: 4n,
      close: 9n,
      high: 9n,
      low: 2n,
      volume: 7,
      rounds: 3,
      fill_ms_median: 100,
      fill_ms_most: 400,
    },
    {
      market: 'work:micro',
      from_ms: 3_000,
      term_ms: 1_000,
      open: 5n,
      close: 5n,
      high: 5n,
      low: 5n,
      volume: 1,
      rounds: 1,
      fill_ms_median: null,
      fill_ms_most: null,
    },
  ]);
});

test('own slots are not in it, markets do not mix, and a stretch without a trade has none', () => {
  const rounds = [
    round(0, [deal(5, 1n, { own: true }), deal(1, 4n)]),
    round(100, [deal(5, 100n, { own: true })]),
    round(2_000, []),
    round(10, [deal(1, 8n)], [], 'storage:cold'),
  ];
  expect(candles(rounds, 1_000).map(({ market, low, high, volume, rounds: n }) => ({ market, low, high, volume, n }))).toEqual([
    { market: 'storage:cold', low: 8n, high: 8n, volume: 1, n: 1 },
    { market: 'work:micro', low: 4n, high: 4n, volume: 1, n: 1 },
  ]);
});

const attributes = { region: 'eu', kind: 'phone' as const, speed: 1, labels: [], trust: 0 };
const ask = (id: string, reserve_price: bigint, slots: number, market = 'work:micro'): Offer => ({
  id,
  owner: id,
  market,
  slots,
  reserve_price,
  attributes,
  arrival: 0,
});
const bid = (id: string, max_price: bigint, quantity: number, more: Partial<Order> = {}): Order => ({
  id,
  buyer: id,
  market: 'work:micro',
  quantity,
  max_price,
  arrival: 0,
  ...more,
});

test('depth adds up what is wanted and offered at each price, the best first', () => {
  const offers = [ask('a', 5n, 2), ask('b', 3n, 1), ask('c', 5n, 1), ask('leased', 1n, 0), ask('other', 1n, 9, 'work:large')];
  const orders = [bid('x', 4n, 3), bid('y', 6n, 1), bid('poor', 9n, 3, { budget_slots: 0 }), bid('part', 6n, 9, { budget_slots: 2 })];
  expect(depth('work:micro', offers, orders)).toEqual({
    market: 'work:micro',
    bids: [
      { price: 6n, slots: 3, total: 3 },
      { price: 4n, slots: 3, total: 6 },
    ],
    asks: [
      { price: 3n, slots: 1, total: 1 },
      { price: 5n, slots: 3, total: 4 },
    ],
  });
  expect(depth('work:micro', offers, orders, { tick: 4n }, 1)).toEqual({
    market: 'work:micro',
    bids: [{ price: 4n, slots: 6, total: 6 }],
    asks: [{ price: 4n, slots: 1, total: 1 }],
  });
});
