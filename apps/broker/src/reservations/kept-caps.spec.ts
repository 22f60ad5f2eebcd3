import fc from 'fast-check';
import { clear, type Offer, type Order } from '#auction';
import { assignedByNode, type Cap, partsFor } from './kept-caps.js';

const MARKET = 'storage:standard';
const offer = (id: string, slots: number, more: Partial<Offer> = {}): Offer => ({
  id,
  owner: `owner of ${id}`,
  market: MARKET,
  slots,
  reserve_price: 10n,
  attributes: { region: 'de', kind: 'phone', speed: 1, labels: [], trust: 0 },
  arrival: 1,
  ...more,
});
const order = (id: string, quantity: number, more: Partial<Order> = {}): Order => ({
  id,
  buyer: id,
  market: MARKET,
  quantity,
  max_price: 20n,
  arrival: 1,
  ...more,
});
const cap = (order_id: string, most: number, more: Partial<Cap> = {}): Cap => ({
  order_id,
  most,
  one_node_an_owner: false,
  held: new Map(),
  owners: new Set(),
  ...more,
});

function won(offers: Offer[], orders: Order[], caps: Cap[]): Map<string, Record<string, number>> {
  const parts = partsFor(offers, orders, caps);
  const by = new Map<string, Record<string, number>>();
  for (const { order_id, offer_id, slots } of assignedByNode(clear(parts).assignments, parts.nodeOf)) {
    const nodes = by.get(order_id) ?? {};
    nodes[offer_id] = (nodes[offer_id] ?? 0) + slots;
    by.set(order_id, nodes);
  }
  return by;
}

test('it takes so much of each node and no more, less what it has there', () => {
  const offers = ['a', 'b', 'c'].map((id) => offer(id, 100));
  expect(won(offers, [order('v', 12)], [cap('v', 4)]).get('v')).toEqual({ a: 4, b: 4, c: 4 });
  expect(won(offers, [order('v', 12)], [cap('v', 4, { held: new Map([['a', 3]]) })]).get('v')).toEqual({ a: 1, b: 4, c: 4 });
});

test('of each owner one node, where it asks for that: the cheapest, or the one it has', () => {
  const offers = [offer('dear', 9, { owner: 'ann', reserve_price: 12n }), offer('cheap', 9, { owner: 'ann' }), offer('bobs', 9)];
  const one = { one_node_an_owner: true };
  expect(won(offers, [order('v', 9)], [cap('v', 3, one)]).get('v')).toEqual({ cheap: 3, bobs: 3 });
  const held = { ...one, held: new Map([['dear', 1]]), owners: new Set(['ann']) };
  expect(won(offers, [order('v', 9)], [cap('v', 3, held)]).get('v')).toEqual({ dear: 2, bobs: 3 });
});

test('two of them and one without a cap raise no price while there is room for all', () => {
  const offers = [offer('a', 10), offer('b', 10)];
  const parts = partsFor(offers, [order('v', 4), order('w', 6), order('x', 10)], [cap('v', 2), cap('w', 3)]);
  const { assignments } = clear(parts);
  expect(new Set(assignments.map(({ price }) => price))).toEqual(new Set([10n]));
  expect(won(offers, [order('v', 4), order('w', 6), order('x', 10)], [cap('v', 2), cap('w', 3)])).toEqual(
    new Map([
      ['v', { a: 2, b: 2 }],
      ['w', { a: 3, b: 3 }],
      ['x', { a: 5, b: 5 }],
    ]),
  );
});

test('on a node too small for all they bid against each other', () => {
  const got = won([offer('a', 2)], [order('v', 2), order('w', 2, { max_price: 30n })], [cap('v', 2), cap('w', 2)]);
  expect(got).toEqual(new Map([['w', { a: 2 }]]));
});

test('who holds units of a node keeps them', () => {
  const holder = order('x', 3, { incumbents: ['a', 'a', 'a'] });
  const capped = order('v', 2, { incumbents: ['a', 'a'] });
  expect(won([offer('a', 5), offer('b', 5)], [holder, capped], [cap('v', 2)])).toEqual(
    new Map([
      ['x', { a: 3 }],
      ['v', { a: 2 }],
    ]),
  );
});

test('never more than its cap of a node, of no owner two nodes, and nothing is sold twice', () => {
  const offers = fc.array(
    fc.record({ slots: fc.integer({ min: 0, max: 12 }), owner: fc.integer({ min: 0, max: 4 }), price: fc.bigInt(1n, 30n) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  const orders = fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 30 }),
      most: fc.option(fc.integer({ min: 1, max: 5 })),
      one: fc.boolean(),
      price: fc.bigInt(1n, 40n),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(offers, orders, (supply, demand) => {
      const book = supply.map(({ slots, owner, price }, i) =>
        offer(`n${i}`, slots, { owner: `o${owner}`, reserve_price: price, arrival: i }),
      );
      const bids = demand.map(({ quantity, price }, i) => order(`v${i}`, quantity, { max_price: price, arrival: i }));
      const caps = demand.flatMap(({ most, one }, i) => (most === null ? [] : [cap(`v${i}`, most, { one_node_an_owner: one })]));
      const got = won(book, bids, caps);
      for (const one of caps) {
        const nodes = Object.entries(got.get(one.order_id) ?? {});
        for (const [, units] of nodes) expect(units).toBeLessThanOrEqual(one.most);
        const owners = nodes.map(([node_id]) => book.find(({ id }) => id === node_id)?.owner);
        if (one.one_node_an_owner) expect(new Set(owners).size).toBe(owners.length);
      }
      for (const { id, slots } of book)
        expect([...got.values()].reduce((sum, nodes) => sum + (nodes[id] ?? 0), 0)).toBeLessThanOrEqual(slots);
    }),
  );
});
