/**
 * Seeded randomness for tasks: xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018), its state filled
 * from the seed's UTF-8 bytes by FNV-1a and the finaliser of MurmurHash3. Not for secrets: a task has none to make.
 */
export type RandomState = readonly [number, number, number, number];

const encoder = new TextEncoder();

export function seedState(seed: string): RandomState {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
  const next = () => {
    hash = (hash + 0x9e3779b9) | 0;
    let x = hash;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  };
  return [next(), next(), next(), next() | 1];
}

const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));

export class Random {
  private s0 = 0;
  private s1 = 0;
  private s2 = 0;
  private s3 = 1;

  seed(text: string): void {
    [this.s0, this.s1, this.s2, this.s3] = seedState(text);
  }

  u32(): number {
    const result = Math.imul(rotate(Math.imul(this.s1, 5), 7), 9);
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = rotate(this.s3, 11);
    return result >>> 0;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.u32();
      for (let k = 0; k < 4 && i + k < bytes.length; k++) bytes[i + k] = word >>> (8 * k);
    }
  }
}
