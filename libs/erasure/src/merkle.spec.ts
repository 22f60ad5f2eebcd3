import fc from 'fast-check';
import type { Kernel } from './kernel/kernel.js';
import { scalarKernel } from './kernel/scalar.js';
import { simdKernel } from './kernel/simd.js';
import { LEAF_BYTES, type LeafRange, leafCount, leafSpan, MerkleTree, merkleRoot, proofMax, prove, verify } from './merkle.js';
import { sha256 } from './sha256.js';

let simd: Kernel;
beforeAll(async () => {
  simd = (await simdKernel()) as Kernel;
});

/** RFC 6962, 2.1, word for word. */
function rootByTheBook(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), rootByTheBook(leaves.slice(0, k)), rootByTheBook(leaves.slice(k)));
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const pieceOf = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 21);
const lengths = fc.oneof(
  fc.integer({ min: 0, max: 20 * LEAF_BYTES }),
  fc.integer({ min: 0, max: 20 }).map((leaves) => leaves * LEAF_BYTES),
);
const rangeIn = (piece_bytes: number): fc.Arbitrary<LeafRange> =>
  fc
    .integer({ min: 0, max: leafCount(piece_bytes) - 1 })
    .chain((first) => fc.record({ first: fc.constant(first), count: fc.integer({ min: 1, max: leafCount(piece_bytes) - first }) }));
const claims = lengths
  .filter((bytes) => bytes > 0)
  .chain((piece_bytes) => fc.record({ piece_bytes: fc.constant(piece_bytes), range: rangeIn(piece_bytes) }));
const claimOf = (piece: Uint8Array, range: LeafRange) => {
  const { offset, bytes } = leafSpan(piece.length, range);
  const proof = prove(simd, piece, range);
  return { root: merkleRoot(simd, piece), piece_bytes: piece.length, range, bytes: piece.slice(offset, offset + bytes), proof };
};

test('the root is that of RFC 6962, by both kernels, and however the piece comes', () => {
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 12 }), (bytes, cuts) => {
      const piece = pieceOf(bytes);
      const leaves = Array.from({ length: leafCount(bytes) }, (_, i) => piece.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES));
      const expected = hex(rootByTheBook(leaves));
      for (const kernel of [simd, scalarKernel]) {
        expect(merkleRoot(kernel, piece)).toBe(expected);
        const tree = new MerkleTree(kernel);
        let at = 0;
        for (const cut of cuts) {
          const chunk = piece.slice(at, at + cut);
          tree.add(chunk);
          chunk.fill(0xff);
          at += cut;
        }
        expect(tree.add(piece.subarray(at)).root()).toBe(expected);
        expect(tree.piece_bytes).toBe(bytes);
      }
    }),
    { numRuns: 40 },
  );
});

test('leaves are proved by the root alone, with few digests', () => {
  fc.assert(
    fc.property(claims, ({ piece_bytes, range }) => {
      const claim = claimOf(pieceOf(piece_bytes), range);
      expect(claim.proof.length).toBeLessThanOrEqual(proofMax(piece_bytes));
      if (range.count === 1) expect(claim.proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(leafCount(piece_bytes))));
      for (const kernel of [simd, scalarKernel]) expect(verify(kernel, claim)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('one bit that differs, in the bytes, the proof or the root, is no proof', () => {
  fc.assert(
    fc.property(claims, fc.nat(), fc.nat(), ({ piece_bytes, range }, where, bit) => {
      const claim = claimOf(pieceOf(piece_bytes), range);
      const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === where % bytes.length ? byte ^ (1 << (bit % 8)) : byte));
      const flippedHex = (text: string) => hex(flipped(Buffer.from(text, 'hex')));
      expect(verify(simd, { ...claim, bytes: flipped(claim.bytes) })).toBe(false);
      expect(verify(simd, { ...claim, root: flippedHex(claim.root) })).toBe(false);
      if (claim.proof.length > 0) {
        const changed = claim.proof.map((digest, i) => (i === where % claim.proof.length ? flippedHex(digest) : digest));
        expect(verify(simd, { ...claim, proof: changed })).toBe(false);
        expect(verify(simd, { ...claim, proof: claim.proof.slice(1) })).toBe(false);
      }
      expect(verify(simd, { ...claim, proof: [...claim.proof, claim.root] })).toBe(false);
      expect(verify(simd, { ...claim, bytes: claim.bytes.subarray(1) })).toBe(false);
      expect(verify(simd, { ...claim, proof: [...claim.proof, ...Array<string>(99).fill(claim.root)] })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('a leaf is not proved for another place, and a node is no leaf', () => {
  const piece = pieceOf(9 * LEAF_BYTES);
  const claim = claimOf(piece, { first: 3, count: 1 });
  for (const first of [0, 1, 2, 4, 8]) expect(verify(simd, { ...claim, range: { first, count: 1 } })).toBe(false);
  const leaves = [0, 1].map((i) => sha256(Uint8Array.of(0), piece.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES)));
  const nodes = Buffer.concat(leaves);
  expect(merkleRoot(simd, nodes)).not.toBe(merkleRoot(simd, piece.subarray(0, 2 * LEAF_BYTES)));
});

test('what is no hexadecimal is no proof', () => {
  const claim = claimOf(pieceOf(4 * LEAF_BYTES), { first: 0, count: 1 });
  expect(verify(simd, { ...claim, proof: claim.proof.map(() => 'zz'.repeat(32)) })).toBe(false);
  expect(verify(simd, { ...claim, root: 'no' })).toBe(false);
});

test.each([
  [{ first: 3, count: 1 }],
  [{ first: 0, count: 4 }],
  [{ first: -1, count: 1 }],
  [{ first: 0, count: 0 }],
  [{ first: 0.5, count: 1 }],
])('%j are no leaves of a piece of three', (range) => {
  expect(() => leafSpan(2 * LEAF_BYTES + 1, range)).toThrow(expect.objectContaining({ code: 'erasure.leaf_invalid' }));
});

test('sixteen answers to an audit, as base64 and hex, fit into a frame of 64 KiB whatever the class', () => {
  const piece_bytes = Math.ceil((16 * 1_048_576 + 16) / 3);
  const depth = Math.ceil(Math.log2(leafCount(piece_bytes)));
  const answer = {
    piece_id: 'x'.repeat(36),
    data: 'x'.repeat(4 * Math.ceil(LEAF_BYTES / 3)),
    proof: Array<string>(depth).fill('x'.repeat(64)),
  };
  expect(JSON.stringify({ type: 'audit.answer', audit_id: 'x'.repeat(36), answers: Array(16).fill(answer) }).length).toBeLessThan(65_536);
});
