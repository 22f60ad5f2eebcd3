import fc from 'fast-check';
import { auditedCost, GB_BYTES, keptCost, keptTimeFor, keptUnitUs, MONTH_HOURS } from './kept.js';

const HOUR_US = 3_600_000_000n;

test.each([
  ['standing:micro', 1, HOUR_US, 5_000n, 5_000n],
  ['standing:micro', 3, HOUR_US / 2n, 5_000n, 7_500n],
  ['standing:large', 1, 1n, 5_000n, 0n],
  ['storage:cold', 100, 720n * HOUR_US, 2_000n, 200_000n],
  ['storage:standard', 1, HOUR_US, 720_000n, 1_000n],
])('%s: %i for %i µs at %i costs %i', (market, quantity, kept_us, price, cost) => {
  expect(keptCost(market, quantity, kept_us, price)).toBe(cost);
});

test('audited bytes cost what the same bytes cost by the clock', () => {
  expect(auditedCost(7n * GB_BYTES * MONTH_HOURS, 3_000n)).toBe(keptCost('storage:cold', 7, keptUnitUs('storage:cold'), 3_000n));
  expect(auditedCost(GB_BYTES * MONTH_HOURS - 1n, 3_000n)).toBe(2_999n);
});

test('what an amount pays for never costs more than the amount', () => {
  const market = fc.constantFrom('standing:nano', 'storage:standard');
  fc.assert(
    fc.property(
      market,
      fc.integer({ min: 1, max: 10_000 }),
      fc.bigInt(1n, 1n << 40n),
      fc.bigInt(0n, 1n << 50n),
      (name, quantity, price, amount) => {
        const us = keptTimeFor(name, quantity, price, amount);
        expect(keptCost(name, quantity, us, price)).toBeLessThanOrEqual(amount);
        expect(keptCost(name, quantity, us + 1n, price)).toBeGreaterThanOrEqual(amount);
      },
    ),
    { seed: 20261129, numRuns: 300 },
  );
});
