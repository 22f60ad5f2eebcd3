import { NODE_KINDS, PRICE_LIMIT } from '#units';
import { electricityOfHour, electricityReserve } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';

const terms = { price_per_kwh_micro: 350_000n, margin_percent: 25 };

describe('the price below which the electricity is not paid', () => {
  test.each([
    // 120 W for a thousand seconds are 33.3 Wh, at 0.35 a kWh 11,667 micro-units, with the margin 14,584.
    ['server', 1_000_000, terms, 14_584n],
    ['server', 1_000_000, { ...terms, margin_percent: 0 }, 11_667n],
    // A phone burns 10¹² in 500 s: 2,000 J, 0.56 Wh.
    ['phone', 2_000_000, terms, 244n],
    ['phone', 2_000_000, { ...terms, price_per_kwh_micro: 700_000n }, 487n],
    ['laptop', 10_000_000, { price_per_kwh_micro: 426_000n, margin_percent: 25 }, 370n],
    ['phone', 2_000_000, { price_per_kwh_micro: 0n, margin_percent: 25 }, 1n],
  ] as const)('%s at %d fuel a ms, %o', (kind, speed, electricity, expected) => {
    expect(electricityReserve(kind, speed, electricity)).toBe(expected);
  });

  test('falls with speed and is never nothing', () => {
    expect(electricityReserve('phone', 1_000, terms)).toBeGreaterThan(electricityReserve('phone', 10_000, terms));
    for (const kind of NODE_KINDS) expect(electricityReserve(kind, 1e12, terms)).toBe(1n);
  });

  test.each([0, -5, 5e-324, Number.MAX_VALUE])('is a price whatever speed a node claims: %p', (speed) => {
    const price = electricityReserve('console', speed, { price_per_kwh_micro: PRICE_LIMIT - 1n, margin_percent: 10_000 });
    expect(price).toBeGreaterThanOrEqual(1n);
    expect(price).toBeLessThan(PRICE_LIMIT);
  });
});

describe('the price of a kWh', () => {
  test.each([
    [200_000n, 'de', 200_000n, 'owner'],
    [0n, 'de', 0n, 'owner'],
    [null, 'de', 426_000n, 'region'],
    [null, 'us-ca', 165_000n, 'region'],
    [null, 'fr', 317_000n, 'region'],
    [null, 'es', 311_000n, 'region'],
    [null, 'zz', 430_000n, 'anywhere'],
    [null, null, 430_000n, 'anywhere'],
  ] as const)('%p in %p', (own, region, price_per_kwh_micro, source) => {
    expect(electricityPrice(own, region)).toEqual({ price_per_kwh_micro, source });
  });
});

describe('the price of a slot that is kept for an hour', () => {
  test.each([
    // 120 W for an hour at 0.35 a kWh are 42,000 micro-units, with the margin 52,500.
    ['server', terms, 52_500n],
    ['phone', { ...terms, price_per_kwh_micro: 0n }, 1n],
  ] as const)('%s, %o', (kind, electricity, expected) => {
    expect(electricityOfHour(kind, electricity)).toBe(expected);
  });
});
