import { NODE_KINDS, PRICE_LIMIT } from '#units';
import { electricityReserve } from './reserve.js';

describe('the price below which the electricity is not paid', () => {
  test('is watts by time by price per kWh and a quarter more', () => {
    // 120 W for a thousand seconds are 33.3 Wh, at 0.35 a kWh 11,667 micro-units, with the margin 14,584.
    expect(electricityReserve('server', 1_000_000)).toBe(14_584n);
  });

  test('falls with speed and is never nothing', () => {
    expect(electricityReserve('phone', 1_000)).toBeGreaterThan(electricityReserve('phone', 10_000));
    for (const kind of NODE_KINDS) expect(electricityReserve(kind, 1e12)).toBe(1n);
  });

  test.each([0, -5, 5e-324, Number.MAX_VALUE])('is a price whatever speed a node claims: %p', (speed) => {
    const price = electricityReserve('console', speed);
    expect(price).toBeGreaterThanOrEqual(1n);
    expect(price).toBeLessThan(PRICE_LIMIT);
  });
});
