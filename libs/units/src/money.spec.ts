import { AMOUNT_LIMIT, charge, FUEL_PER_PRICE_UNIT, fee, formatMajor, PRICE_LIMIT, parseMajor } from './money.js';

describe('what work costs', () => {
  test.each<[string, bigint, bigint, bigint]>([
    ['a unit of work at a price of one', FUEL_PER_PRICE_UNIT, 1n, 1n],
    ['one fuel less than that rounds down for the payer', FUEL_PER_PRICE_UNIT - 1n, 1n, 0n],
    ['a second of a phone at its electricity', 2_000_000_000n, 300n, 0n],
    ['an hour of it', 7_200_000_000_000n, 300n, 2_160n],
    ['the most fuel of a task at the highest price', 2n ** 53n - 1n, PRICE_LIMIT - 1n, 10_141_204_801_825_825_078n],
  ])('%s', (_, fuel, price, expected) => {
    expect(charge(fuel, price, FUEL_PER_PRICE_UNIT)).toBe(expected);
  });

  test('a fee rounds down, and to nothing where the charge is small', () => {
    expect([9n, 10n, 19n, 20n].map((amount) => fee(amount, 1_000n))).toEqual([0n, 1n, 1n, 2n]);
  });

  test('a negative factor or no denominator is refused', () => {
    expect(() => charge(-1n, 1n, 1n)).toThrow(RangeError);
    expect(() => charge(1n, -1n, 1n)).toThrow(RangeError);
    expect(() => charge(1n, 1n, 0n)).toThrow(RangeError);
  });

  test('a price is exact as a double and far below what the ledger takes', () => {
    expect(BigInt(Number(PRICE_LIMIT - 1n))).toBe(PRICE_LIMIT - 1n);
    expect(PRICE_LIMIT).toBeLessThan(AMOUNT_LIMIT);
  });
});

test.each([
  ['0.000001', 1n],
  ['1.50', 1_500_000n],
  ['0.00', 0n],
  ['12.345678', 12_345_678n],
])('%s is written and read as it is', (text, micro) => {
  expect(formatMajor(micro)).toBe(text);
  expect(parseMajor(text)).toBe(micro);
});
