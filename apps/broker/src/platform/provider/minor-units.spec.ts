import { minorUnit, toMicro, toMinor } from './minor-units.js';

test.each([
  ['USD', 12_340_000n, 1234],
  ['JPY', 12_000_000n, 12],
  ['KWD', 1_234_000n, 1234],
  ['EUR', -10_000n, -1],
])('%s: %d micro-units are %d minor units, and back', (currency, micro, minor) => {
  expect(toMinor(micro, currency)).toBe(minor);
  expect(toMicro(minor, currency)).toBe(micro);
});

test('a fraction of a minor unit and an unsafe number are refused', () => {
  expect(minorUnit('USD')).toBe(10_000n);
  expect(() => toMinor(10_001n, 'USD')).toThrow(expect.objectContaining({ code: 'amount_not_whole' }));
  expect(() => toMinor(1n << 62n, 'USD')).toThrow(expect.objectContaining({ code: 'amount_not_whole' }));
});
