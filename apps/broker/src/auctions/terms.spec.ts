import { clear, type Offer, type Order } from '#auction';
import { type EndingTerm, settleTerms, type Terms } from './terms.js';

const offer = (id: string, slots: number, more: Partial<Offer> = {}): Offer => ({
  id,
  owner: `owner of ${id}`,
  market: 'm',
  slots,
  reserve_price: 50n,
  attributes: { region: 'de', kind: 'server', speed: 1, labels: [], trust: 0 },
  arrival: 1,
  ...more,
});
const order = (id: string, quantity: number, max_price: bigint, more: Partial<Order> = {}): Order => ({
  id,
  buyer: `buyer of ${id}`,
  market: 'm',
  quantity,
  max_price,
  arrival: 1,
  ...more,
});
const lease = (id: string, job_id: string, node_id: string, more: Partial<EndingTerm> = {}): EndingTerm => ({
  id,
  job_id,
  node_id,
  price_micro: 50n,
  interruptible: true,
  notice_ms: 0,
  busy: true,
  by_quota: false,
  ...more,
});

/** Clears the round as the market does, and says what becomes of the leases. */
function settled(ending: EndingTerm[], offers: Offer[], orders: Order[], resting: [string, string][] = []): Terms {
  const bids = orders.map((one) => {
    const incumbents = ending.filter((l) => l.job_id === one.id).map((l) => l.node_id);
    return incumbents.length > 0 ? { ...one, incumbents } : one;
  });
  const { assignments, unmatched_orders } = clear({ offers, orders: bids });
  const unmatched = new Map(unmatched_orders.map(({ order_id, reason }) => [order_id, reason]));
  return settleTerms(ending, { offers, orders: bids, assignments, unmatched, resting: new Map(resting) });
}

/** `lease → code → follower at price`, what the leases come to, in short. */
const inShort = ({ renewed, leaving, grants }: Terms): string[] => [
  ...renewed.map((id) => `${id} renewed`),
  ...leaving.map(
    ({ lease_id, reason, next, displaced }) =>
      `${lease_id} ${reason.code}${next ? ` → ${next.job_id} at ${next.price_micro}` : ''}${displaced ? ' (displaced)' : ''}`,
  ),
  ...grants.map(({ job_id, node_id, slots, price_micro }) => `${job_id} gets ${slots} of ${node_id} at ${price_micro}`),
];

const first = lease('l1', 'holder', 'n');

test.each<[string, EndingTerm[], Offer[], Order[], string[]]>([
  ['nobody else wants the slot: renewed at the same price', [first], [offer('n', 1)], [order('holder', 1, 90n)], ['l1 renewed']],
  [
    'a newcomer who bids as much: the holder keeps it, at what the newcomer would pay',
    [first],
    [offer('n', 1)],
    [order('new', 1, 90n, { arrival: 0 }), order('holder', 1, 90n, { arrival: 5 })],
    ['l1 repriced → holder at 90'],
  ],
  [
    'a tie at the price it pays: renewed in place',
    [lease('l1', 'holder', 'n', { price_micro: 90n })],
    [offer('n', 1)],
    [order('new', 1, 90n, { arrival: 0 }), order('holder', 1, 90n, { arrival: 5 })],
    ['l1 renewed'],
  ],
  [
    'a newcomer a tick above displaces the holder',
    [first],
    [offer('n', 1)],
    [order('new', 1, 91n), order('holder', 1, 90n)],
    ['l1 displaced → new at 90 (displaced)'],
  ],
  [
    'a slot that is free goes to the newcomer at once, and the holder stays',
    [first],
    [offer('n', 2)],
    [order('new', 1, 91n), order('holder', 1, 90n)],
    ['l1 renewed', 'new gets 1 of n at 50'],
  ],
  [
    'what is free is given before what must be left',
    [first, lease('l2', 'other', 'n')],
    [offer('n', 3)],
    [order('new', 2, 99n), order('holder', 1, 90n), order('other', 1, 80n)],
    ['l1 repriced → holder at 80', 'l2 displaced → new at 80 (displaced)', 'new gets 1 of n at 80'],
  ],
  [
    'the owner asks for more, within the maximum',
    [first],
    [offer('n', 1, { reserve_price: 70n })],
    [order('holder', 1, 90n)],
    ['l1 repriced → holder at 70'],
  ],
  ['the owner asks for too much', [first], [offer('n', 1, { reserve_price: 91n })], [order('holder', 1, 90n)], ['l1 price_above_maximum']],
  [
    'the owner refuses the buyer now',
    [first],
    [offer('n', 1, { rules: { deny_buyers: ['buyer of holder'] } })],
    [order('holder', 1, 90n)],
    ['l1 owner_rules'],
  ],
  [
    'the owner refuses the buyer, and another gets the slot',
    [first],
    [offer('n', 1, { rules: { deny_buyers: ['buyer of holder'] } })],
    [order('holder', 1, 90n), order('new', 1, 60n)],
    ['l1 owner_rules → new at 50 (displaced)'],
  ],
  ['the device is off the market', [first], [offer('elsewhere', 1)], [order('holder', 1, 40n)], ['l1 owner_rules']],
  [
    'the developer blocked the node',
    [first],
    [offer('n', 1)],
    [order('holder', 1, 90n, { constraints: { not_nodes: ['n'] } })],
    ['l1 order_rules'],
  ],
  [
    'the job has nothing left to do',
    [lease('l1', 'holder', 'n', { busy: false })],
    [offer('n', 1)],
    [order('new', 1, 60n)],
    ['l1 job_done → new at 50 (displaced)'],
  ],
  [
    'a cheaper slot came: the job moves to it',
    [lease('l1', 'holder', 'n', { price_micro: 80n })],
    [offer('n', 1, { reserve_price: 80n }), offer('cheap', 1)],
    [order('holder', 1, 90n)],
    ['l1 moved', 'holder gets 1 of cheap at 50'],
  ],
  [
    'fewer slots than its least: it gives up those that it holds, too',
    [first],
    [offer('n', 1)],
    [order('holder', 2, 90n, { min_quantity: 2 })],
    ['l1 below_minimum'],
  ],
  [
    'less work than slots: the one with tasks out is kept',
    [lease('l1', 'holder', 'n', { busy: false }), lease('l2', 'holder', 'n')],
    [offer('n', 2)],
    [order('holder', 1, 90n)],
    ['l2 renewed', 'l1 job_done'],
  ],
])('%s', (_, ending, offers, orders, expected) => {
  expect(inShort(settled(ending, offers, orders))).toEqual(expected);
});

test("a job that rests for its day's cap is said to", () => {
  expect(inShort(settled([first], [offer('n', 1)], [], [['holder', 'day_cap']]))).toEqual(['l1 day_cap']);
});

test('the slot that is left the soonest goes to who comes first', () => {
  const ending = [
    lease('firm', 'a', 'n', { interruptible: false, notice_ms: 5_000 }),
    lease('idle', 'b', 'n', { busy: false, notice_ms: 9_000 }),
  ];
  const terms = settled(ending, [offer('n', 2)], [order('new', 1, 99n), order('newer', 1, 98n, { arrival: 2 })]);
  expect(terms.leaving.map(({ lease_id, next }) => [lease_id, next?.job_id])).toEqual([
    ['firm', 'newer'],
    ['idle', 'new'],
  ]);
});
