import fc from 'fast-check';
import type { Offer } from '#auction';
import { SupplyBook } from './supply-book.js';

const OWNERS = ['ada', 'bob'];
const offer = (id: string, slots: number, price: number, owner: string, denies: boolean): Offer => ({
  id,
  owner,
  market: 'work:micro',
  slots,
  reserve_price: BigInt(price),
  attributes: { region: 'de', kind: 'laptop', speed: 5, labels: [], trust: 0 },
  rules: { workload_classes: ['general'], ...(denies && { deny_buyers: ['eve'] }) },
  arrival: 1,
});

const nodes = fc.constantFrom('n1', 'n2', 'n3', 'n4');
const change = fc.oneof(
  fc.record({
    is: fc.constant('put' as const),
    node: nodes,
    slots: fc.nat(3),
    price: fc.nat(3),
    owner: fc.constantFrom(...OWNERS),
    denies: fc.boolean(),
  }),
  fc.record({ is: fc.constant('gone' as const), node: nodes }),
  fc.record({ is: fc.constant('read' as const), forget: fc.boolean(), whole: fc.boolean(), by_owner: fc.boolean() }),
);

test('whatever comes and goes, a book that has read what it was told of holds what there is', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const truth = new Map<string, Offer>();
      const book = new SupplyBook();
      const readAll = () => {
        book.begin();
        book.replace([...truth.values()], 0);
        book.end();
      };
      readAll();
      for (const one of changes) {
        if (one.is === 'put') {
          const owners = [one.owner, truth.get(one.node)?.owner ?? []].flat();
          truth.set(one.node, offer(one.node, one.slots, one.price, one.owner, one.denies));
          book.mark({ nodes: [one.node], owners });
        } else if (one.is === 'gone') {
          truth.delete(one.node);
          book.mark({ nodes: [one.node] });
        } else if (one.forget) {
          book.forget();
          expect(book.ageAt(1)).toBe(Number.POSITIVE_INFINITY);
          readAll();
        } else if (one.whole) readAll();
        else {
          const marks = book.begin();
          const owners = new Set(marks.owners);
          book.update(
            marks,
            [...truth.values()].filter(({ id, owner }) => marks.nodes.includes(id) || owners.has(owner)),
          );
          book.end();
        }
        if (one.is !== 'read') continue;
        const held = [...book.index.offers].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(held).toEqual([...truth.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
        expect(book.free).toBe(held.reduce((sum, { slots }) => sum + slots, 0));
        expect(book.index.slots.reduce((sum, slots) => sum + slots, 0)).toBe(book.free);
      }
    }),
    { seed: 20261129, numRuns: 500 },
  );
});

test('rules that say the same are the same to the auction; what would not change a clearing is no change', () => {
  const book = new SupplyBook();
  book.begin();
  book.replace([offer('n1', 1, 5, 'ada', true), offer('n2', 1, 5, 'bob', true)], 0);
  book.end();
  const of = { nodes: ['n1'], owners: [] };
  expect(book.update(of, [offer('n1', 1, 5, 'ada', true)])).toBe(false);
  expect(book.update(of, [{ ...offer('n1', 1, 5, 'ada', true), leased_until_ms: 7 }])).toBe(false);
  expect(book.index.offers[0]?.leased_until_ms).toBe(7);
  expect(book.index.rules.size).toBe(2);
  expect(book.update(of, [offer('n1', 1, 5, 'ada', false)])).toBe(true);
  expect(book.update(of, [])).toBe(true);
  expect(book.update(of, [])).toBe(false);
  expect(book.free).toBe(1);
});

test('news that comes while a book is read is not lost, nor is the order to forget it', () => {
  const book = new SupplyBook();
  book.mark({ nodes: ['before'] });
  expect(book.begin()).toEqual({ nodes: [], owners: [] });
  book.mark({ nodes: ['n1'], owners: ['ada'] });
  book.replace([], 0);
  book.end();
  expect(book.begin()).toEqual({ nodes: ['n1'], owners: ['ada'] });
  book.forget();
  book.replace([], 0);
  book.end();
  expect(book.ageAt(0)).toBe(Number.POSITIVE_INFINITY);
});
