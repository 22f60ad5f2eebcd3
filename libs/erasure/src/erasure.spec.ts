import fs from 'node:fs';
import fc from 'fast-check';
import { decode, encode, pieceLength, recover, wholeBytes } from './erasure.js';
import { inverse, multiply } from './galois.js';
import type { Kernel } from './kernel/kernel.js';
import { scalarKernel } from './kernel/scalar.js';
import { simdKernel } from './kernel/simd.js';

let simd: Kernel;
beforeAll(async () => {
  simd = (await simdKernel()) as Kernel;
});
const code = fc
  .integer({ min: 1, max: 24 })
  .chain((k) => fc.record({ k: fc.constant(k), n: fc.integer({ min: k, max: Math.min(255, 3 * k + 3) }) }));
const byte = fc.integer({ min: 0, max: 255 });
const chosen = (n: number, count: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: count, maxLength: count },
  );

test('the field has its laws', () => {
  fc.assert(
    fc.property(byte, byte, byte, (a, b, c) => {
      expect(multiply(a, b)).toBe(multiply(b, a));
      expect(multiply(a, multiply(b, c))).toBe(multiply(multiply(a, b), c));
      expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
      if (a !== 0) expect(multiply(a, inverse(a))).toBe(1);
    }),
  );
});

test('there are vectors here', () => {
  expect(simd.name).toBe('simd');
});

test('any k pieces give the data back, by both kernels', () => {
  fc.assert(
    fc.property(
      code.chain((c) => fc.record({ c: fc.constant(c), have: chosen(c.n, c.k), data: fc.uint8Array({ maxLength: 2_000 }) })),
      ({ c, have, data }) => {
        const pieces = encode(simd, c, data);
        expect(pieces.map((p) => p.length)).toEqual(Array(c.n).fill(pieceLength(c, data.length)));
        expect(pieces).toEqual(encode(scalarKernel, c, data));
        const left = new Map(have.map((i): [number, Uint8Array] => [i, pieces[i] as Uint8Array]));
        for (const kernel of [simd, scalarKernel]) expect(decode(kernel, c, left, data.length)).toEqual(data);
      },
    ),
    { numRuns: 60 },
  );
});

test('lost pieces are made anew as they were', () => {
  const c = { k: 10, n: 40 };
  const data = Uint8Array.from({ length: 100_003 }, (_, i) => (i * i) >>> 5);
  const pieces = encode(simd, c, data);
  const have = new Map(pieces.map((piece, i): [number, Uint8Array] => [i, piece]).filter(([i]) => i % 3 === 1));
  expect(recover(simd, c, have, [0, 2, 4, 39])).toEqual([0, 2, 4, 39].map((i) => pieces[i]));
});

/** 18,944 bytes of each of 40 pieces are worked on at a time, and 38,400 of each of 20. */
test.each([0, 1, 9, 10, 11, 511, 512, 513, 189_440, 189_441, 384_000, 384_001])('%d bytes of data come back', (bytes) => {
  const c = { k: 10, n: 40 };
  const data = Uint8Array.from({ length: bytes }, (_, i) => i * 7);
  const pieces = encode(simd, c, data);
  expect(pieces).toEqual(encode(scalarKernel, c, data));
  expect(decode(simd, c, new Map(pieces.slice(30).map((piece, i) => [30 + i, piece])), bytes)).toEqual(data);
});

test('as many pieces as there can be come back', () => {
  const c = { k: 127, n: 255 };
  const data = Uint8Array.from({ length: 127 * 1_030 }, (_, i) => (i * i) >>> 7);
  const pieces = encode(simd, c, data);
  expect(decode(simd, c, new Map(pieces.slice(128).map((piece, i) => [128 + i, piece])), data.length)).toEqual(data);
  expect(decode(simd, { k: 255, n: 255 }, new Map(pieces.entries()), 255 * 1_030)).toEqual(Uint8Array.from(Buffer.concat(pieces)));
});

test('memory that was used before is decoded into, and what was in it is gone', () => {
  const c = { k: 10, n: 40 };
  const data = Uint8Array.from({ length: 99_999 }, (_, i) => (i * i) >>> 5);
  const pieces = encode(simd, c, data);
  const room = new Uint8Array(wholeBytes(c, data.length) + 1).fill(0xee);
  const have = new Map(
    [3, 9, ...Array.from({ length: 8 }, (_, i) => 20 + i)].map((i): [number, Uint8Array] => [i, pieces[i] as Uint8Array]),
  );
  const decoded = decode(simd, c, have, data.length, room);
  expect(decoded.buffer).toBe(room.buffer);
  expect(decoded).toEqual(data);
  expect(room.at(-1)).toBe(0xee);
});

const VECTORS = JSON.parse(fs.readFileSync('test/erasure/isal.json', 'utf8')) as { k: number; n: number; parity: string[] }[];
test.each(VECTORS)('$k of $n is what ISA-L makes', ({ k, n, parity }) => {
  const length = (parity[0]?.length ?? 0) / 2;
  let state = 1;
  const data = Uint8Array.from({ length: k * length }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 24;
  });
  for (const kernel of [simd, scalarKernel])
    expect(
      encode(kernel, { k, n }, data)
        .slice(k)
        .map((piece) => Buffer.from(piece).toString('hex')),
    ).toEqual(parity);
});

test.each([[{ k: 0, n: 3 }], [{ k: 4, n: 3 }], [{ k: 3, n: 256 }], [{ k: 1.5, n: 3 }]])('%j is no code', (c) => {
  expect(() => encode(scalarKernel, c, new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'erasure.code_invalid' }));
});

test('too few pieces, and pieces of different lengths, are refused', () => {
  const c = { k: 3, n: 10 };
  const some = (...lengths: number[]) => new Map(lengths.map((length, i): [number, Uint8Array] => [i + 2, new Uint8Array(length)]));
  expect(() => decode(simd, c, some(4, 4), 12)).toThrow(expect.objectContaining({ code: 'erasure.too_few_pieces' }));
  expect(() => decode(simd, c, new Map([...some(4, 4), [99, new Uint8Array(4)]]), 12)).toThrow(/2 are there/);
  expect(() => decode(simd, c, some(4, 4, 5), 12)).toThrow(expect.objectContaining({ code: 'erasure.pieces_differ' }));
});
