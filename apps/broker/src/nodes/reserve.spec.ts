import { NODE_KINDS } from '#units';
import { electricityReserve } from './reserve.js';

describe('the price below which the electricity is not paid', () => {
  test('is watts by time by price per kWh and a quarter more', () => {
    // 120 W for a second are 33.3 µkWh, at 0.35 a kWh 11.7 micro-units, with the margin 14.6.
    expect(electricityReserve('server', 1_000_000)).toBe(15n);
  });

  test('falls with speed and is never nothing', () => {
    expect(electricityReserve('phone', 1_000)).toBeGreaterThan(electricityReserve('phone', 10_000));
    for (const kind of NODE_KINDS) expect(electricityReserve(kind, 1e12)).toBe(1n);
  });

  test.each([0, -5, 5e-324, Number.MAX_VALUE])('is a price whatever speed a node claims: %p', (speed) => {
    const price = electricityReserve('console', speed);
    expect(price).toBeGreaterThanOrEqual(1n);
    expect(price).toBeLessThanOrEqual(1_000_000_000_000n);
  });
});
