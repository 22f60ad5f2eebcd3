/**
 * Money is a `bigint` count of micro-units: 10⁻⁶ of the currency's major unit. JSON carries it as a decimal string.
 * Every rounding in the product goes through the two functions below: charges and fees round down, for the payer.
 */
export type Micro = bigint;

/** Work prices are micro-units per this much fuel: so much that the electricity of a phone for it is tens of micro-units. */
export const FUEL_PER_PRICE_UNIT = 1_000_000_000_000n;

/** A price is below this: 2⁵⁰ micro-units are a thousand million whole units of money, and as a double they are still exact. */
export const PRICE_LIMIT: Micro = 1n << 50n;

/** I10: no amount in the ledger may reach this. */
export const AMOUNT_LIMIT: Micro = 1n << 62n;

const MICRO_PER_MAJOR = 1_000_000n;

/**
 * floor(units × price / denominator).
 * @throws RangeError when a factor is negative or the denominator is not positive.
 */
export function charge(units: bigint, price_micro: Micro, denominator: bigint): Micro {
  if (units < 0n || price_micro < 0n || denominator <= 0n)
    throw new RangeError(`charge(${units}, ${price_micro}, ${denominator}): factors must not be negative, the denominator positive`);
  return (units * price_micro) / denominator;
}

/** floor(amount × basis points / 10⁴): the part of a charge that is the fee. */
export function fee(amount_micro: Micro, basis_points: bigint): Micro {
  return charge(amount_micro, basis_points, 10_000n);
}

/** "1.5" → 1500000n. Accepts at most six decimals and no sign; throws RangeError with a sentence otherwise. */
export function parseMajor(text: string): Micro {
  const m = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!m) throw new RangeError(`"${text}" is not an amount: write digits with at most six decimals, for example 1.50`);
  return BigInt(m[1] ?? '0') * MICRO_PER_MAJOR + BigInt((m[2] ?? '').padEnd(6, '0'));
}

/** 1500000n → "1.50"; 1n → "0.000001". At least two decimals, never rounded. */
export function formatMajor(amount_micro: Micro): string {
  const sign = amount_micro < 0n ? '-' : '';
  const abs = amount_micro < 0n ? -amount_micro : amount_micro;
  const cents = (abs % MICRO_PER_MAJOR)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${sign}${abs / MICRO_PER_MAJOR}.${cents}`;
}
