import fc from 'fast-check';
import { clear } from './clear.js';
import { OfferIndex } from './offer-index.js';
import type { Offer, Order, OwnerRules } from './types.js';

const MARKET = 'work.micro';
const RULES: OwnerRules[] = [{ deny_buyers: ['dev'] }, { workload_classes: ['science'] }];
const orders: Order[] = [
  { id: 'a', buyer: 'dev', market: MARKET, quantity: 3, max_price: 7n, arrival: 0 },
  {
    id: 'b',
    buyer: 'ann',
    market: MARKET,
    quantity: 2,
    max_price: 5n,
    arrival: 1,
    workload_class: 'science',
    constraints: { regions: ['eu'] },
  },
];
const offer = fc
  .record({
    n: fc.nat(5),
    slots: fc.nat(2),
    reserve_price: fc.bigInt({ min: 0n, max: 8n }),
    arrival: fc.nat(9),
    region: fc.constantFrom('eu', 'us'),
    rule: fc.nat(4),
  })
  .map(({ n, slots, reserve_price, arrival, region, rule }): Offer => {
    const rules = RULES[rule];
    const attributes = { region, kind: 'phone' as const, speed: 1, labels: [], trust: 0 };
    return { id: `n${n}`, owner: 'o', market: MARKET, slots, reserve_price, arrival, attributes, ...(rules ? { rules } : {}) };
  });

test('property: after any puts and removals an index clears as the plain offers do', () => {
  const step = fc.oneof({ weight: 3, arbitrary: offer }, fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const index = new OfferIndex();
      const plain = new Map<string, Offer>();
      for (const s of steps) {
        if (typeof s === 'number') {
          expect(index.remove(`n${s}`)).toBe(plain.delete(`n${s}`));
        } else {
          index.put(s);
          plain.set(s.id, s);
        }
      }
      expect(index.size).toBe(plain.size);
      expect({ ...clear({ offers: index, orders }) }).toEqual({ ...clear({ offers: [...plain.values()], orders }) });
    }),
  );
});

test('it grows beyond its first size and keeps to one market', () => {
  const many = Array.from(
    { length: 200 },
    (_, i): Offer => ({
      id: `n${i}`,
      owner: 'o',
      market: MARKET,
      slots: 1,
      reserve_price: BigInt(i),
      arrival: i,
      attributes: { region: 'eu', kind: 'phone', speed: 1, labels: [], trust: 0 },
    }),
  );
  const index = new OfferIndex(many);
  expect(index.price.length).toBe(200);
  expect(index.price[199]).toBe(199);
  expect(clear({ offers: index, orders }).assignments.length).toBe(5);
  expect(() => index.put({ ...(many[0] as Offer), market: 'work.large' })).toThrow(expect.objectContaining({ code: 'market_mixed' }));
});
