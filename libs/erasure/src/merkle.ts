import { HeapError } from '#units';
import { fromHex, sameBytes, toHex } from './bytes.js';
import type { Kernel } from './kernel/kernel.js';
import { DIGEST_BYTES, sha256 } from './sha256.js';

/**
 * Hash trees of pieces, as RFC 6962 (2.1) has them: a leaf is SHA-256(0 ‖ bytes), a node SHA-256(1 ‖ left ‖ right), the last leaf may be
 * shorter, and a node without a neighbour goes up as it is. So a tree is given by its root and the piece's length, and no leaf can be taken
 * for a node.
 */

/**
 * Bytes of a leaf. An audit sends one leaf and its proof: 16 of them, with 13 levels and as base64 and hex, fit into a frame of 64 KiB, which
 * 4 KiB would not; a leaf of 1 KiB would have twice the nodes to hash for the same piece.
 */
export const LEAF_BYTES = 2_048;
const LEAF = 0;
const NODE = 1;

/** Leaves of a piece in their order: from `first`, so many. */
export interface LeafRange {
  first: number;
  count: number;
}
/** What makes leaves into a root: the digests beside them, from left to right, in lower-case hex. */
export type Proof = readonly string[];

export const leafCount = (piece_bytes: number): number => Math.ceil(piece_bytes / LEAF_BYTES);

/** Of the leaves in the piece, in bytes. @throws HeapError `erasure.leaf_invalid` */
export function leafSpan(piece_bytes: number, { first, count }: LeafRange): { offset: number; bytes: number } {
  const leaves = leafCount(piece_bytes);
  if (![first, count].every(Number.isSafeInteger) || first < 0 || count < 1 || first + count > leaves)
    throw new HeapError(
      'erasure.leaf_invalid',
      `Leaves ${first} to ${first + count - 1} are not in a piece of ${leaves} leaves.`,
      'platform',
    );
  const offset = first * LEAF_BYTES;
  return { offset, bytes: Math.min(piece_bytes, offset + count * LEAF_BYTES) - offset };
}

/** At most so many digests prove leaves of a piece: two for each level. */
export const proofMax = (piece_bytes: number): number => 2 * Math.ceil(Math.log2(Math.max(1, leafCount(piece_bytes))));

/** The digests of a piece's leaves one after the other, 32 bytes each; of leaves from one of its leaves on, theirs. */
export function leafDigests(kernel: Kernel, bytes: Uint8Array): Uint8Array {
  const whole = Math.floor(bytes.length / LEAF_BYTES) * LEAF_BYTES;
  const digests = new Uint8Array(leafCount(bytes.length) * DIGEST_BYTES);
  digests.set(kernel.digests(LEAF, bytes.subarray(0, whole), LEAF_BYTES));
  if (whole < bytes.length) digests.set(sha256(Uint8Array.of(LEAF), bytes.subarray(whole)), digests.length - DIGEST_BYTES);
  return digests;
}

/** The level above; a digest without a neighbour is a level's last. */
function above(kernel: Kernel, level: Uint8Array): Uint8Array {
  const pairs = Math.floor(level.length / (2 * DIGEST_BYTES)) * 2 * DIGEST_BYTES;
  const next = new Uint8Array(pairs / 2 + (level.length - pairs));
  next.set(kernel.digests(NODE, level.subarray(0, pairs), 2 * DIGEST_BYTES));
  next.set(level.subarray(pairs), pairs / 2);
  return next;
}

function levelsOf(kernel: Kernel, leaves: Uint8Array): Uint8Array[] {
  const levels = [leaves];
  for (let level = leaves; level.length > DIGEST_BYTES; levels.push(level)) level = above(kernel, level);
  return levels;
}

const rootOf = (levels: readonly Uint8Array[]): string => {
  const top = levels.at(-1) as Uint8Array;
  return toHex(top.length === 0 ? sha256() : top);
};

/** The root of a whole piece, in hex. */
export const merkleRoot = (kernel: Kernel, piece: Uint8Array): string => rootOf(levelsOf(kernel, leafDigests(kernel, piece)));

/** A tree whose piece comes bit by bit; it keeps 32 bytes for each leaf. */
export class MerkleTree {
  private readonly digests: Uint8Array[] = [];
  private readonly partial = new Uint8Array(LEAF_BYTES);
  private filled = 0;
  private length = 0;

  constructor(private readonly kernel: Kernel) {}

  get piece_bytes(): number {
    return this.length;
  }

  /** The piece's next bytes, which may be reused when this returns. */
  add(bytes: Uint8Array): this {
    this.length += bytes.length;
    let rest = bytes;
    if (this.filled > 0) {
      const taken = rest.subarray(0, LEAF_BYTES - this.filled);
      this.partial.set(taken, this.filled);
      this.filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.filled < LEAF_BYTES) return this;
      this.digests.push(leafDigests(this.kernel, this.partial));
      this.filled = 0;
    }
    const whole = Math.floor(rest.length / LEAF_BYTES) * LEAF_BYTES;
    if (whole > 0) this.digests.push(leafDigests(this.kernel, rest.subarray(0, whole)));
    this.partial.set(rest.subarray(whole));
    this.filled = rest.length - whole;
    return this;
  }

  /** Of what has come until now, in hex. */
  root(): string {
    return rootOf(this.levels());
  }

  /** As `leafDigests` of all that has come: kept beside a piece, they prove its leaves without the others being read. */
  leaves(): Uint8Array {
    return this.levels()[0] as Uint8Array;
  }

  /** @throws HeapError `erasure.leaf_invalid` */
  prove(range: LeafRange): Proof {
    leafSpan(this.length, range);
    return proofOf(this.levels(), range);
  }

  private levels(): Uint8Array[] {
    const last = leafDigests(this.kernel, this.partial.subarray(0, this.filled));
    const leaves = new Uint8Array(leafCount(this.length) * DIGEST_BYTES);
    let at = 0;
    for (const part of [...this.digests, last]) {
      leaves.set(part, at);
      at += part.length;
    }
    return levelsOf(this.kernel, leaves);
  }
}

/** The proof of a piece's leaves. @throws HeapError `erasure.leaf_invalid` */
export const prove = (kernel: Kernel, piece: Uint8Array, range: LeafRange): Proof => new MerkleTree(kernel).add(piece).prove(range);

/** The same from the digests of all its leaves. */
export const proveLeaves = (kernel: Kernel, leaves: Uint8Array, range: LeafRange): Proof => proofOf(levelsOf(kernel, leaves), range);

/** The root of a piece of which these are the digests of all leaves. */
export const rootOfLeaves = (kernel: Kernel, leaves: Uint8Array): string => rootOf(levelsOf(kernel, leaves));

function proofOf(levels: readonly Uint8Array[], range: LeafRange): Proof {
  const proof: string[] = [];
  visit((levels[0] as Uint8Array).length / DIGEST_BYTES, range, (level, i) => {
    proof.push(toHex((levels[level] as Uint8Array).subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES)));
  });
  return proof;
}

/** Calls `beside` for each digest of a proof from left to right: those of the largest subtrees that hold no leaf of the range. */
function visit(leaves: number, range: LeafRange, beside: (level: number, i: number) => void): void {
  const height = Math.ceil(Math.log2(leaves));
  const end = range.first + range.count;
  const down = (level: number, i: number): void => {
    const [from, to] = [i * 2 ** level, (i + 1) * 2 ** level];
    if (from >= leaves) return;
    if (to <= range.first || from >= end) beside(level, i);
    else if (level > 0) {
      down(level - 1, 2 * i);
      down(level - 1, 2 * i + 1);
    }
  };
  down(height, 0);
}

export interface Claim {
  /** Of the piece, in hex. */
  root: string;
  piece_bytes: number;
  range: LeafRange;
  /** Of the leaves, one after the other. */
  bytes: Uint8Array;
  proof: Proof;
}

/** Whether these are the bytes of those leaves of the piece that has this root; false for whatever is no proof of it. */
export function verify(kernel: Kernel, { root, piece_bytes, range, bytes, proof }: Claim): boolean {
  if (leafSpan(piece_bytes, range).bytes !== bytes.length || proof.length > proofMax(piece_bytes)) return false;
  const beside = proof.map((digest) => (digest.length === 2 * DIGEST_BYTES ? fromHex(digest) : null));
  if (beside.includes(null)) return false;
  const own = leafDigests(kernel, bytes);
  const end = range.first + range.count;
  const leaves = leafCount(piece_bytes);
  let used = 0;
  const build = (level: number, i: number): Uint8Array | null => {
    const [from, to] = [i * 2 ** level, (i + 1) * 2 ** level];
    if (from >= leaves) return null;
    if (to <= range.first || from >= end) return beside[used++] ?? new Uint8Array(DIGEST_BYTES);
    if (level === 0) return own.subarray((i - range.first) * DIGEST_BYTES, (i - range.first + 1) * DIGEST_BYTES);
    const left = build(level - 1, 2 * i) as Uint8Array;
    const right = build(level - 1, 2 * i + 1);
    return right === null ? left : sha256(Uint8Array.of(NODE), left, right);
  };
  const made = build(Math.ceil(Math.log2(leaves)), 0) as Uint8Array;
  return used === beside.length && sameBytes(made, fromHex(root) ?? new Uint8Array());
}
