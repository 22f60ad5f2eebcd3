import fc from 'fast-check';
import { formatJoules, joulesEstimate, WATTS } from './energy.js';
import { NODE_KINDS } from './resources.js';

const work = fc.record({
  fuel: fc.bigInt({ min: 0n, max: 1n << 53n }),
  kind: fc.constantFrom(...NODE_KINDS),
  speed_fuel_per_ms: fc.double({ min: 1, max: 1e8, noNaN: true }),
});

describe('joulesEstimate', () => {
  test.each([
    // A board of 7 W burning 10⁷ fuel a millisecond works a second on 10¹⁰.
    [{ fuel: 10_000_000_000n, kind: 'board', speed_fuel_per_ms: 1e7 }, 7],
    [{ fuel: 30_000_000_000n, kind: 'phone', speed_fuel_per_ms: 1e7 }, 12],
    [{ fuel: 1_000_000n, kind: 'server', speed_fuel_per_ms: 2e7 }, 0.006],
    [{ fuel: 123_456_000_000n, kind: 'phone', speed_fuel_per_ms: 4e6 }, 120],
  ] as const)('%j takes %d J', (done, joules) => {
    expect(joulesEstimate([done])).toBe(joules);
  });

  test('is watts times the time the work takes at that speed, within its rounding', () => {
    fc.assert(
      fc.property(work, (done) => {
        const exact = (WATTS[done.kind] * Number(done.fuel)) / (done.speed_fuel_per_ms * 1000);
        const estimate = joulesEstimate([done]) as number;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(exact * 0.0501);
        expect(joulesEstimate([{ ...done, fuel: done.fuel * 2n }]) as number).toBeGreaterThanOrEqual(estimate);
        expect(joulesEstimate([{ ...done, speed_fuel_per_ms: done.speed_fuel_per_ms * 2 }]) as number).toBeLessThanOrEqual(estimate);
      }),
    );
  });

  test('of a whole is the sum of its parts, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(work, { maxLength: 20 }), (all) => {
        const sum = all.reduce((joules, one) => joules + (joulesEstimate([one]) as number), 0);
        const whole = joulesEstimate(all) as number;
        expect(Math.abs(whole - sum)).toBeLessThanOrEqual(sum * 0.11);
        expect(Math.abs((joulesEstimate([...all].reverse()) as number) - whole)).toBeLessThanOrEqual(whole * 0.11);
      }),
    );
  });

  test('is not known of work at an unknown speed, and no work takes nothing', () => {
    expect(joulesEstimate([{ fuel: 1n, kind: 'phone', speed_fuel_per_ms: 0 }])).toBeNull();
    expect(joulesEstimate([{ fuel: 0n, kind: 'phone', speed_fuel_per_ms: 0 }])).toBe(0);
    expect(joulesEstimate([])).toBe(0);
  });
});

test.each([
  [12, 'about 12 J'],
  [0.0061, 'about 6.1 mJ'],
  [1200, 'about 1.2 kJ'],
  [3_400_000, 'about 3.4 MJ'],
  [0.00002, 'less than 1 mJ'],
  [0, 'less than 1 mJ'],
  [null, 'unknown'],
])('%p J is told as "%s"', (joules, told) => {
  expect(formatJoules(joules)).toBe(told);
});
