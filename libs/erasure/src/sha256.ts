/** SHA-256 (FIPS 180-4), for where it must not wait: WebCrypto's answers by a promise, which costs more than a short message does. */
export const DIGEST_BYTES = 32;
const BLOCK_BYTES = 64;
const ROUNDS = 64;
const LENGTH_BYTES = 8;

const primes: number[] = [];
for (let n = 2; primes.length < ROUNDS; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);
/** First 32 bits of the fractions of the cube roots of the first 64 primes. */
export const ROUND_CONSTANTS = Uint32Array.from(primes, (p) => fraction(Math.cbrt(p)));
/** Of the square roots of the first eight. */
export const FIRST_STATE = Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));

/** How long a message of so many bytes is with its padding. */
export const paddedBytes = (bytes: number): number => Math.ceil((bytes + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;

/** Writes the padding of a message of `bytes` bytes that begins at `from`. */
export function pad(memory: Uint8Array, from: number, bytes: number): void {
  const end = from + paddedBytes(bytes);
  memory.fill(0, from + bytes, end);
  memory[from + bytes] = 0x80;
  const view = new DataView(memory.buffer, memory.byteOffset);
  view.setUint32(end - 8, Math.floor(bytes / 2 ** 29));
  view.setUint32(end - 4, (bytes * 8) >>> 0);
}

/** With signs, as JavaScript's machine words are. */
const words = new Int32Array(ROUNDS);
const constants = new Int32Array(ROUND_CONSTANTS);
const at = (table: Int32Array, i: number): number => table[i] as number;

function addBlock(state: Int32Array, view: DataView, from: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(from + 4 * i);
  for (let i = 16; i < ROUNDS; i++) {
    const x = at(words, i - 15);
    const y = at(words, i - 2);
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (((at(words, i - 16) + low) | 0) + ((at(words, i - 7) + high) | 0)) | 0;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < ROUNDS; i++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const one = (((h + high) | 0) + ((g ^ (e & (f ^ g))) | 0) + ((at(constants, i) + at(words, i)) | 0)) | 0;
    const two = (low + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
}

/** The digest of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const message = new Uint8Array(paddedBytes(bytes));
  let end = 0;
  for (const part of parts) {
    message.set(part, end);
    end += part.length;
  }
  pad(message, 0, bytes);
  const view = new DataView(message.buffer);
  const state = new Int32Array(FIRST_STATE);
  for (let from = 0; from < message.length; from += BLOCK_BYTES) addBlock(state, view, from);
  const digest = new Uint8Array(DIGEST_BYTES);
  const out = new DataView(digest.buffer);
  for (const [i, word] of state.entries()) out.setInt32(4 * i, word);
  return digest;
}
