import type { Candle } from './candles.js';
import { type EstimateInput, estimate } from './estimate.js';
import { comeTrue } from './testing/come-true.js';
import type { Offer, Order } from './types.js';
import { boundOf, swing, waitFor } from './volatility.js';

const MARKET = 'work.micro';
const node = (id: string, reserve_price: bigint, more: Partial<Offer> = {}): Offer => ({
  id,
  owner: id,
  market: MARKET,
  slots: 1,
  reserve_price,
  arrival: 0,
  attributes: { region: 'eu', kind: 'phone', speed: 10, labels: [], trust: 0 },
  ...more,
});
const bid = (id: string, max_price: bigint, more: Partial<Order> = {}): Order => ({
  id,
  buyer: id,
  market: MARKET,
  quantity: 1,
  max_price,
  arrival: 0,
  ...more,
});
const candle = (at: number, low: bigint, high: bigint, close = high): Candle => ({
  market: MARKET,
  from_ms: at * 1_000,
  term_ms: 1_000,
  open: low,
  close,
  high,
  low,
  volume: 1,
  rounds: 1,
  fill_ms_median: null,
  fill_ms_most: null,
});
const flat = (count: number, price: bigint) => Array.from({ length: count }, (_, i) => candle(i, price, price));
const ask = (order: Order, more: Partial<EstimateInput> = {}) =>
  estimate({
    offers: [],
    orders: [],
    candles: flat(20, 5n),
    amount: { low: 3_000n, high: 3_000n },
    per: 1_000n,
    round_interval_ms: 250,
    run_ms: { low: 10, high: 20 },
    order,
    ...more,
  });

test('a free slot in a market that does not move: one price, and a result after the next round', () => {
  expect(ask(bid('j', 9n), { offers: [node('n', 5n)] })).toEqual({
    confidence: 0.9,
    slots_now: 1,
    reason: undefined,
    price: { low: 5n, high: 5n },
    cost: { low: 15n, high: 15n },
    first_result_ms: { low: 10, high: 270 },
    levers: [],
  });
});

test('without candles nothing but its own maximum bounds the price, and nothing the wait', () => {
  const { price, cost, first_result_ms } = ask(bid('j', 9n), { offers: [node('n', 5n)], candles: [] });
  expect({ price, cost, first_result_ms }).toEqual({
    price: { low: 0n, high: 9n },
    cost: { low: 0n, high: 27n },
    first_result_ms: { low: 10, high: null },
  });
});

test.each<[string, Order, Partial<EstimateInput>, object[]]>([
  ['raise the maximum to the next free slot', bid('j', 3n), { offers: [node('n', 5n)] }, [{ code: 'raise_max_price', to: 5n, slots: 1 }]],
  [
    'raise it above the bid that must give way',
    bid('j', 6n),
    { offers: [node('n', 5n)], orders: [bid('k', 8n)] },
    [{ code: 'raise_max_price', to: 9n, slots: 1 }],
  ],
  [
    'drop what no node satisfies',
    bid('j', 6n, { constraints: { regions: ['us'], min_speed: 5 } }),
    { offers: [node('n', 5n)] },
    [{ code: 'drop_constraint', constraint: 'regions', slots: 1 }],
  ],
  [
    'drop a preference that makes the slot too dear',
    bid('j', 6n, { preferences: [{ prefer: { regions: ['us'] }, weight: 3n }] }),
    { offers: [node('n', 5n)] },
    [
      { code: 'raise_max_price', to: 8n, slots: 1 },
      { code: 'drop_constraint', constraint: 'preferences', slots: 1 },
    ],
  ],
  [
    'wait for the next lease to end',
    bid('j', 6n),
    { offers: [node('n', 5n, { slots: 0, leased_until_ms: 7_000 }), node('m', 5n, { slots: 0, leased_until_ms: 9_000 })] },
    [{ code: 'wait_until', at_ms: 7_000, slots: 1 }],
  ],
  [
    'take fewer',
    bid('j', 6n, { quantity: 3, min_quantity: 3 }),
    { offers: [node('n', 5n, { slots: 2 })] },
    [{ code: 'lower_min_quantity', to: 2, slots: 2 }],
  ],
  [
    'add to the budget',
    bid('j', 6n, { quantity: 2, budget_slots: 1 }),
    { offers: [node('n', 5n, { slots: 2 })] },
    [{ code: 'raise_budget', to_slots: 2, slots: 2 }],
  ],
  ['nothing would help', bid('j', 6n, { buyer: 'eve' }), { offers: [node('n', 5n, { rules: { deny_buyers: ['eve'] } })] }, []],
])('lever: %s', (_, order, book, levers) => {
  expect(ask(order, book).levers).toEqual(levers);
});

test.each([
  [[5, 1, 4, 2, 3, 9, 8, 7, 6], 0.9, 9],
  [[5, 1, 4, 2, 3, 9, 8, 7, 6], 0.5, 5],
  [[5, 1, 4, 2, 3, 8, 7, 6], 0.9, undefined],
])('of %p, with confidence %p the next does not exceed %p', (values, confidence, bound) => {
  expect(boundOf(values, confidence, (a, b) => a - b)).toBe(bound);
});

test('a swing is how far a candle went from the close before it', () => {
  const moved = [candle(0, 5n, 5n), candle(1, 4n, 7n, 6n), candle(2, 1n, 6n), candle(5, 6n, 8n)];
  expect(swing(moved, 0.5)).toBe(2n);
  expect(swing(moved, 0.75)).toBe(5n);
});

test('a wait is how long it took from a candle that closed as the market stands now to one that closed at the price', () => {
  const closes = [5n, 9n, 9n, 4n, 4n, 9n, 6n].map((close, at) => candle(at, close, 9n, close));
  expect(waitFor(5n, true, closes, 0.25)).toBe(1_000);
  expect(waitFor(5n, true, closes, 0.5)).toBe(3_000);
  expect(waitFor(5n, true, closes, 0.75)).toBe(Infinity);
  expect(waitFor(5n, false, closes, 0.5)).toBe(2_000);
  expect(waitFor(5n, false, closes, 0.75)).toBe(Infinity);
  // No candle closed as low as that: all of them are counted.
  expect(waitFor(3n, true, closes, 0.5)).toBe(Infinity);
  expect(waitFor(3n, true, closes, 0.9)).toBeUndefined();
});

test('who gets nothing now may have a slot in the next round, and waits as long as others did who got nothing', () => {
  const candles = Array.from({ length: 30 }, (_, at) => candle(at, at % 3 === 0 ? 4n : 8n, 9n, at % 3 === 0 ? 4n : 9n));
  const waits = ask(bid('j', 5n), { offers: [node('n', 7n)], candles });
  expect(waits.first_result_ms).toEqual({ low: 10, high: 2_270 });
  const never = ask(bid('j', 3n), { offers: [node('n', 7n)], candles });
  expect(never.first_result_ms).toEqual({ low: 10, high: null });
});

test('in a market that lives, what comes true lies in the stated ranges at least nine times in ten', () => {
  for (const [inside, all] of Object.values(comeTrue([1], 40))) {
    expect(all).toBeGreaterThan(25);
    expect(inside / all).toBeGreaterThanOrEqual(0.9);
  }
});
