/**
 * SHA-256 (FIPS 180-4) for hosts whose own is asynchronous, as a browser's is. Node.js hosts lend theirs, which is faster.
 */

/** The first 32 bits of the fraction of the `degree`-th root of each of the first `count` primes, by integers. */
function rootFractions(count: number, degree: 2 | 3): Int32Array {
  const out = new Int32Array(count);
  for (let prime = 2n, n = 0; n < count; prime++) {
    let composite = false;
    for (let d = 2n; d * d <= prime; d++) composite ||= prime % d === 0n;
    if (!composite) out[n++] = Number(BigInt.asIntN(32, integerRoot(prime << BigInt(32 * degree), degree)));
  }
  return out;
}

function integerRoot(value: bigint, degree: 2 | 3): bigint {
  let [low, high] = [0n, 1n << 64n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= value) low = middle;
    else high = middle;
  }
  return low;
}

const START = rootFractions(8, 2);
const ROUNDS = rootFractions(64, 3);

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));

function compress(state: Int32Array, view: DataView, at: number, w: Int32Array): void {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15] as number;
    const b = w[i - 2] as number;
    const small = (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10));
    w[i] = ((w[i - 16] as number) + (w[i - 7] as number) + small) | 0;
  }
  // By index: taking the state apart as an array would cost more than the rounds.
  let [a, b, c, d] = [state[0] as number, state[1] as number, state[2] as number, state[3] as number];
  let [e, f, g, h] = [state[4] as number, state[5] as number, state[6] as number, state[7] as number];
  for (let i = 0; i < 64; i++) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + (w[i] as number)) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

/** Lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  const state = START.slice();
  const w = new Int32Array(64);
  const whole = bytes.length & ~63;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += 64) compress(state, view, at, w);
  const rest = bytes.length - whole;
  const tail = new Uint8Array(rest < 56 ? 64 : 128);
  tail.set(bytes.subarray(whole));
  tail[rest] = 0x80;
  const end = new DataView(tail.buffer);
  end.setBigUint64(tail.length - 8, BigInt(bytes.length) * 8n);
  for (let at = 0; at < tail.length; at += 64) compress(state, end, at, w);
  return Array.from(state, (x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
