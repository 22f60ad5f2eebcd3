import { clear, type Offer, type Order } from '#auction';
import { type EndingLease, settleKept } from './kept-terms.js';

const attributes = { region: 'de', kind: 'server' as const, speed: 1, labels: [], trust: 0 };
const offer = (id: string, slots: number, reserve_price = 50n): Offer => ({
  id,
  owner: `owner of ${id}`,
  market: 'standing:micro',
  slots,
  reserve_price,
  attributes,
  arrival: 1,
});
const order = (id: string, quantity: number, max_price = 90n, more: Partial<Order> = {}): Order => ({
  id,
  buyer: id,
  market: 'standing:micro',
  quantity,
  max_price,
  arrival: 1,
  ...more,
});
const lease = (id: string, reservation_id: string, quantity: number, more: Partial<EndingLease> = {}): EndingLease => ({
  id,
  reservation_id,
  node_id: 'n',
  quantity,
  price_micro: 50n,
  notice_ms: 0,
  ...more,
});
function settle(ending: EndingLease[], offers: Offer[], orders: Order[], resting: [string, string][] = []) {
  const { assignments, unmatched_orders } = clear({ offers, orders });
  return settleKept(ending, {
    offers,
    orders,
    assignments,
    unmatched: new Map(unmatched_orders.map(({ order_id, reason }) => [order_id, reason])),
    resting: new Map(resting),
  });
}

test('who wins all it had at its price is renewed; what it wins besides is a new lease', () => {
  expect(settle([lease('l', 'a', 2)], [offer('n', 3)], [order('a', 3)])).toEqual({
    renewed: ['l'],
    ended: [],
    leaving: [],
    grants: [{ reservation_id: 'a', node_id: 'n', quantity: 1, price_micro: 50n }],
  });
});

test('at another price it goes on as a new lease', () => {
  const terms = settle([lease('l', 'a', 2, { price_micro: 40n })], [offer('n', 2)], [order('a', 2)]);
  expect(terms.ended).toMatchObject([{ lease_id: 'l', reason: { code: 'repriced' } }]);
  expect(terms.grants).toEqual([{ reservation_id: 'a', node_id: 'n', quantity: 2, price_micro: 50n }]);
});

test('without a notice lost units change hands at once, and what is kept goes on', () => {
  const terms = settle([lease('l', 'a', 3)], [offer('n', 3)], [order('a', 3, 60n), order('b', 1, 90n)]);
  expect(terms.ended).toMatchObject([{ lease_id: 'l', reason: { code: 'displaced' } }]);
  expect(terms.leaving).toEqual([]);
  expect(terms.grants.map(({ reservation_id, quantity }) => [reservation_id, quantity])).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
});

test('with a notice the whole lease stays, and who has won its units has a claim, the holder too', () => {
  const terms = settle([lease('l', 'a', 3, { notice_ms: 1_000 })], [offer('n', 3)], [order('a', 3, 60n), order('b', 1, 90n)]);
  expect(terms.ended).toEqual([]);
  expect(terms.grants).toEqual([]);
  expect(terms.leaving).toMatchObject([
    {
      lease_id: 'l',
      notice_ms: 1_000,
      reason: { code: 'displaced' },
      claims: [
        { reservation_id: 'b', quantity: 1 },
        { reservation_id: 'a', quantity: 2 },
      ],
    },
  ]);
});

test('free units go first, so that nobody leaves who need not', () => {
  const terms = settle([lease('l', 'a', 1, { notice_ms: 1_000 })], [offer('n', 2)], [order('b', 1, 90n)], [['a', 'budget_exhausted']]);
  expect(terms.grants).toMatchObject([{ reservation_id: 'b', quantity: 1 }]);
  expect(terms.ended).toMatchObject([{ lease_id: 'l', reason: { code: 'budget_exhausted' } }]);
});

test.each<[string, Offer[], Order[], [string, string][]]>([
  ['price_above_maximum', [offer('n', 1, 100n)], [order('a', 1)], []],
  ['owner_rules', [{ ...offer('n', 1), rules: { deny_buyers: ['a'] } }], [order('a', 1)], []],
  ['order_rules', [offer('n', 1)], [order('a', 1, 90n, { constraints: { regions: ['fr'] } })], []],
  ['owner_yield', [], [order('a', 1)], []],
  ['moved', [offer('n', 1, 80n), offer('m', 1, 50n)], [order('a', 1)], []],
  ['below_minimum', [offer('n', 1)], [order('a', 3, 90n, { min_quantity: 2 })], []],
  ['day_cap', [offer('n', 1)], [], [['a', 'day_cap']]],
  ['hours_over', [offer('n', 1)], [], [['a', 'hours_over']]],
  ['reservation_over', [offer('n', 1)], [], []],
])('a lease that is lost says why: %s', (code, offers, orders, resting) => {
  const { ended } = settle([lease('l', 'a', 1)], offers, orders, resting);
  expect(ended).toMatchObject([{ lease_id: 'l', reason: { code } }]);
});
