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

const words = new Uint32Array(ROUNDS);
const at = (table: Uint32Array, i: number): number => table[i] as number;
const turn = (value: number, bits: number): number => (value >>> bits) | (value << (32 - bits));

function addBlock(state: Uint32Array, view: DataView, from: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(from + 4 * i);
  for (let i = 16; i < ROUNDS; i++) {
    const [x, y] = [at(words, i - 15), at(words, i - 2)];
    const low = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const high = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    words[i] = at(words, i - 16) + low + at(words, i - 7) + high;
  }
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  let [e, f, g, h] = [at(state, 4), at(state, 5), at(state, 6), at(state, 7)];
  for (let i = 0; i < ROUNDS; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUND_CONSTANTS, i) + at(words, i)) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = at(state, i) + value;
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
  const state = FIRST_STATE.slice();
  for (let from = 0; from < message.length; from += BLOCK_BYTES) addBlock(state, view, from);
  const digest = new Uint8Array(DIGEST_BYTES);
  const out = new DataView(digest.buffer);
  for (const [i, word] of state.entries()) out.setUint32(4 * i, word);
  return digest;
}
