import { HeapError, type Micro, parseMajor } from '#units';

/** Money as callers give it: a bigint of micro-units (a millionth of the currency), or a decimal string such as "1.50". */
export type Amount = Micro | string;

/** @throws HeapError `bad_amount`. */
export function microOf(amount: Amount, name: string): Micro {
  try {
    const micro = typeof amount === 'string' ? parseMajor(amount) : amount;
    if (typeof micro !== 'bigint' || micro < 0n)
      throw new RangeError(`${String(amount)} is not an amount: give a bigint of micro-units or "1.50"`);
    return micro;
  } catch (error) {
    throw new HeapError('bad_amount', `${name}: ${(error as Error).message}`, 'developer');
  }
}

/** Money in an answer: every `*_micro` member is a decimal string on the wire and a bigint here. */
export type Money<T> = T extends readonly (infer E)[]
  ? Money<E>[]
  : T extends object
    ? { [K in keyof T]: K extends `${string}_micro` ? (null extends T[K] ? Micro | null : Micro) : Money<T[K]> }
    : T;

export function withMoney<T>(value: T): Money<T> {
  if (Array.isArray(value)) return value.map(withMoney) as Money<T>;
  if (typeof value !== 'object' || value === null) return value as Money<T>;
  const entries = Object.entries(value).map(([key, member]) => [
    key,
    key.endsWith('_micro') && typeof member === 'string' ? BigInt(member) : withMoney(member),
  ]);
  return Object.fromEntries(entries) as Money<T>;
}
