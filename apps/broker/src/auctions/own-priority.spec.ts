import { byOwnPriority, type Caps } from './own-priority.js';

interface Bid {
  id: string;
  person_id: string;
  priority: number;
  wants: number;
  price: number;
  /** Which slots suit it; without, all. */
  only?: string;
}

/** The dearest bid first, then the earlier: as the auction has it, for slots that are all alike but for their names. */
function market(slots: readonly string[], bids: readonly Bid[]) {
  const cleared: Caps[] = [];
  const clear = (caps: Caps) => {
    cleared.push(caps);
    const free = [...slots];
    const assignments: { order_id: string; offer_id: string; slots: number; price: bigint; grade: string }[] = [];
    const unmatched_orders: { order_id: string; slots: number }[] = [];
    for (const { id, wants, only } of [...bids].sort((a, b) => b.price - a.price)) {
      let left = Math.min(wants, caps.get(id) ?? wants);
      for (const slot of free.filter((name) => only === undefined || name === only)) {
        if (left === 0) break;
        free.splice(free.indexOf(slot), 1);
        assignments.push({ order_id: id, offer_id: slot, slots: 1, price: 1n, grade: 'a' });
        left -= 1;
      }
      if (left > 0) unmatched_orders.push({ order_id: id, slots: left });
    }
    return { assignments, unmatched_orders };
  };
  const { clearing, caps } = byOwnPriority(bids, clear);
  const got = Object.fromEntries(bids.map(({ id }) => [id, clearing.assignments.filter((a) => a.order_id === id).length]));
  return { got, caps: Object.fromEntries(caps), rounds: cleared.length };
}

const ada = { person_id: 'ada', priority: 0, price: 10, wants: 2 };
const bea = { person_id: 'bea', priority: 100, price: 5, wants: 2 };
const SLOTS = ['a', 'b'];

test.each<[string, readonly Bid[], Record<string, number>, Record<string, number>, number]>([
  [
    'without priorities the round stands as it is',
    [
      { ...ada, id: 'a1' },
      { ...ada, id: 'a2' },
    ],
    { a1: 2, a2: 0 },
    {},
    1,
  ],
  [
    'the higher goes first though it came later',
    [
      { ...ada, id: 'low' },
      { ...ada, id: 'high', priority: 1 },
    ],
    { low: 0, high: 2 },
    { low: 0 },
    2,
  ],
  [
    'and takes no more than it wants',
    [
      { ...ada, id: 'low' },
      { ...ada, id: 'high', priority: 1, wants: 1 },
    ],
    { low: 1, high: 1 },
    { low: 1 },
    2,
  ],
  [
    "another developer's priority says nothing",
    [
      { ...ada, id: 'a1' },
      { ...bea, id: 'b1' },
    ],
    { a1: 2, b1: 0 },
    {},
    1,
  ],
  [
    'nobody gives way for a slot that somebody else would get',
    [
      { ...ada, id: 'low' },
      { ...ada, id: 'high', priority: 1, price: 1 },
      { ...bea, id: 'b1' },
    ],
    { low: 2, high: 0, b1: 0 },
    {},
    2,
  ],
  [
    'or that does not suit',
    [
      { ...ada, id: 'low' },
      { ...ada, id: 'high', priority: 1, only: 'c' },
    ],
    { low: 2, high: 0 },
    {},
    2,
  ],
  [
    'the lowest gives way first, and each developer alone',
    [
      { ...ada, id: 'low', wants: 1 },
      { ...ada, id: 'middle', priority: 1, wants: 1 },
      { ...ada, id: 'high', priority: 2, wants: 1 },
      { ...bea, id: 'b1', priority: -5 },
      { ...bea, id: 'b2', priority: 5 },
    ],
    { low: 0, middle: 1, high: 1, b1: 0, b2: 0 },
    { low: 0 },
    2,
  ],
])('%s', (_, bids, got, caps, rounds) => {
  expect(market(SLOTS, bids)).toEqual({ got, caps, rounds });
});

test('one who helped keeps giving way when another gave way for nothing', () => {
  const bids = [
    { ...ada, id: 'low' },
    { ...ada, id: 'high', priority: 1 },
    { ...bea, id: 'b1', price: 20, wants: 1 },
    { ...bea, id: 'b2', price: 20, wants: 1, priority: 200, only: 'z' },
  ];
  expect(market(['a', 'b', 'c'], bids)).toEqual({ got: { low: 0, high: 2, b1: 1, b2: 0 }, caps: { low: 0 }, rounds: 3 });
});
