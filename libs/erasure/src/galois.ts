/** GF(2⁸) over x⁸ + x⁴ + x³ + x² + 1 (0x11d), the field of zfec, ISA-L and most Reed-Solomon codes; 2 generates it. */
const POLYNOMIAL = 0x11d;
const ORDER = 255;

const EXP = new Uint8Array(2 * ORDER);
const LOG = new Uint8Array(256);
for (let i = 0, power = 1; i < ORDER; i++) {
  EXP[i] = power;
  EXP[i + ORDER] = power;
  LOG[power] = i;
  power <<= 1;
  if (power > ORDER) power ^= POLYNOMIAL;
}
const at = (table: Uint8Array, i: number): number => table[i] as number;

export const multiply = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : at(EXP, at(LOG, a) + at(LOG, b)));

/** @param a Not 0, which has none. */
export const inverse = (a: number): number => at(EXP, ORDER - at(LOG, a));
