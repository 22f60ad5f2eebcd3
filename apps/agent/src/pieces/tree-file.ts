import type { PieceFacts } from '#agent-core';

/**
 * What lies beside a piece: 64 bytes and the digests of its leaves. Big-endian: `OHP1`, length of the piece (uint32), kept until (float64, ms since
 * 1970), kept for (float64, ms), root (32 bytes), zeros.
 */
const MAGIC = Buffer.from('OHP1');
export const HEADER_BYTES = 64;
export const KEEP_UNTIL_AT = 8;
const ROOT = { from: 24, to: 56 } as const;

export function header({ bytes, root, keep_ms, keep_until_ms }: Omit<PieceFacts, 'piece_id'>): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(bytes, 4);
  head.writeDoubleBE(keep_until_ms, KEEP_UNTIL_AT);
  head.writeDoubleBE(keep_ms, 16);
  head.write(root, ROOT.from, 'hex');
  return head;
}

/** Null where it is none. */
export function readHeader(piece_id: string, head: Buffer): PieceFacts | null {
  if (head.length !== HEADER_BYTES || !head.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const facts = {
    piece_id,
    bytes: head.readUInt32BE(4),
    root: head.toString('hex', ROOT.from, ROOT.to),
    keep_ms: head.readDoubleBE(16),
    keep_until_ms: head.readDoubleBE(KEEP_UNTIL_AT),
  };
  return facts.bytes > 0 && Number.isFinite(facts.keep_ms) && Number.isFinite(facts.keep_until_ms) ? facts : null;
}

export function keepUntil(keep_until_ms: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeDoubleBE(keep_until_ms);
  return field;
}
