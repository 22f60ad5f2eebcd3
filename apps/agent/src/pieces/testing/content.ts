import { createHash } from 'node:crypto';

/** Bytes that follow from a piece's id, some ten thousand up to a hundred thousand. */
export function contentOf(piece_id: string): Buffer {
  const seed = createHash('sha256').update(piece_id).digest();
  const bytes = 10_000 + seed.readUInt16BE(0);
  return Buffer.concat(
    Array.from({ length: Math.ceil(bytes / seed.length) }, (_, i) => Buffer.from(seed.map((byte) => byte ^ (i & 255)))),
  ).subarray(0, bytes);
}
