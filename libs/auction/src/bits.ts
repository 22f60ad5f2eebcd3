/** Sets of small whole numbers as words of 32 bits. */
export type Bits = Uint32Array;

export function wordsFor(size: number): number {
  return (size + 31) >>> 5;
}

export function has(bits: Bits, i: number): boolean {
  return (((bits[i >>> 5] as number) >>> (i & 31)) & 1) === 1;
}

export function put(bits: Bits, i: number): void {
  bits[i >>> 5] = (bits[i >>> 5] as number) | (1 << (i & 31));
}

export function drop(bits: Bits, i: number): void {
  bits[i >>> 5] = (bits[i >>> 5] as number) & ~(1 << (i & 31));
}

export function full(size: number): Bits {
  const bits = new Uint32Array(wordsFor(size)).fill(0xffffffff);
  if (size & 31) bits[bits.length - 1] = (1 << (size & 31)) - 1;
  return bits;
}

/** By hand: a handful of words is copied before a call of `set` has begun. */
export function copy(from: Bits, into: Bits): void {
  for (let w = 0; w < from.length; w++) into[w] = from[w] as number;
}

/** into ∩= other */
export function keepOnly(into: Bits, other: Bits): Bits {
  for (let w = 0; w < into.length; w++) into[w] = (into[w] as number) & (other[w] as number);
  return into;
}

/** into ∪= other */
export function addAll(into: Bits, other: Bits): Bits {
  for (let w = 0; w < into.length; w++) into[w] = (into[w] as number) | (other[w] as number);
  return into;
}

export function sizeOf(bits: Bits): number {
  let size = 0;
  for (const word of bits) for (let rest = word; rest !== 0; rest &= rest - 1) size++;
  return size;
}

export function isEmpty(bits: Bits): boolean {
  for (const word of bits) if (word !== 0) return false;
  return true;
}

export function members(bits: Bits): number[] {
  const list: number[] = [];
  for (let w = 0; w < bits.length; w++) for (let word = bits[w] as number; word !== 0; word &= word - 1) list.push((w << 5) + lowest(word));
  return list;
}

/** The index of the lowest set bit of a word that is not 0. */
export function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}
