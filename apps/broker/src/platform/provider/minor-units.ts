import { HeapError, type Micro } from '#units';

const MICRO_DIGITS = 6;

/** Decimals of the minor unit where they are not two (ISO 4217, and the currencies that Stripe treats as having none). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  MGA: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  OMR: 3,
  TND: 3,
};

/** Micro-units in the smallest amount of a currency that can be charged or paid. */
export function minorUnit(currency: string): Micro {
  return 10n ** BigInt(MICRO_DIGITS - (EXPONENTS[currency] ?? 2));
}

/** @throws HeapError `amount_not_whole` where the amount is no multiple of the minor unit, or too large for a JSON number. */
export function toMinor(amount: Micro, currency: string): number {
  const unit = minorUnit(currency);
  const minor = Number(amount / unit);
  if (amount % unit !== 0n || !Number.isSafeInteger(minor))
    throw new HeapError('amount_not_whole', `${amount} micro-units of ${currency} are not a whole number of its minor unit.`, 'platform');
  return minor;
}

export const toMicro = (minor: number, currency: string): Micro => BigInt(minor) * minorUnit(currency);
