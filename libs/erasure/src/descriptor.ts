import { HeapError, VOLUME_CODES, type VolumeClass } from '#units';
import { fromHex, sameBytes, toHex, utf8 } from './bytes.js';
import { TAG_BYTES } from './cipher.js';
import { decodeWhole, pieceLength, recover } from './erasure.js';
import type { Kernel } from './kernel/kernel.js';
import { merkleRoot } from './merkle.js';
import { DIGEST_BYTES, sha256 } from './sha256.js';

/** Plaintext of a segment, at most. */
export const SEGMENT_BYTES = 16 * 1_048_576;
export const DATA_BYTES_MAX = SEGMENT_BYTES + TAG_BYTES;

/** What everybody may know of a segment: what the broker keeps, checks pieces by, and repairs with. */
export interface SegmentDescriptor {
  storage_class: VolumeClass;
  /** Of the ciphertext with its tag. */
  data_bytes: number;
  piece_bytes: number;
  /** Merkle roots of the n pieces, in lower-case hex. */
  roots: readonly string[];
}

/** @throws HeapError `erasure.descriptor_invalid` when it is not one that a segment of its class can have. */
export function checkDescriptor({ storage_class, data_bytes, piece_bytes, roots }: SegmentDescriptor): void {
  const refuse = (why: string) => {
    throw new HeapError('erasure.descriptor_invalid', `This is no segment: ${why}.`, 'developer');
  };
  if (!Object.hasOwn(VOLUME_CODES, storage_class)) refuse(`there is no storage class ${JSON.stringify(storage_class)}`);
  const code = VOLUME_CODES[storage_class];
  if (!Number.isSafeInteger(data_bytes) || data_bytes < TAG_BYTES || data_bytes > DATA_BYTES_MAX)
    refuse(`it has ${data_bytes} bytes, and may have ${TAG_BYTES} to ${DATA_BYTES_MAX}`);
  const length = pieceLength(code, data_bytes);
  if (piece_bytes !== length) refuse(`pieces of ${data_bytes} bytes in class ${storage_class} have ${length} bytes, not ${piece_bytes}`);
  if (roots.length !== code.n) refuse(`class ${storage_class} has ${code.n} pieces, not ${roots.length}`);
  if (roots.some((root) => fromHex(root)?.length !== DIGEST_BYTES)) refuse('a root is no SHA-256 digest in lower-case hex');
}

const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

/** SHA-256 over everything in the descriptor. @throws HeapError `erasure.descriptor_invalid` */
export function descriptorHash(descriptor: SegmentDescriptor): Uint8Array<ArrayBuffer> {
  checkDescriptor(descriptor);
  const { storage_class, data_bytes, piece_bytes, roots } = descriptor;
  const { k, n } = VOLUME_CODES[storage_class];
  return sha256(
    utf8('heap segment 1\n'),
    Uint8Array.of(k, n),
    word(data_bytes),
    word(piece_bytes),
    ...roots.map((root) => fromHex(root) as Uint8Array),
  );
}

/** In hex, what pins a file: the hash over those of its segments' descriptors in their order, the manifest's the last. */
export const fileHash = (hashes: readonly Uint8Array[]): string => toHex(sha256(utf8('heap file 1\n'), word(hashes.length), ...hashes));

/** The descriptor that belongs to these pieces. */
export function describe(kernel: Kernel, storage_class: VolumeClass, data_bytes: number, pieces: readonly Uint8Array[]): SegmentDescriptor {
  return {
    storage_class,
    data_bytes,
    piece_bytes: pieceLength(VOLUME_CODES[storage_class], data_bytes),
    roots: pieces.map((piece) => merkleRoot(kernel, piece)),
  };
}

/** Whether it is piece `index` of the segment. */
export const isPiece = (kernel: Kernel, { piece_bytes, roots }: SegmentDescriptor, index: number, piece: Uint8Array): boolean =>
  piece.length === piece_bytes && merkleRoot(kernel, piece) === roots[index];

/**
 * Pieces of a segment, made from any k others and checked by their roots, so that it is the same segment whichever k they were made from.
 * @param have Pieces by their number, checked by `isPiece`.
 * @throws HeapError `erasure.segment_inconsistent` when whoever wrote it made pieces that do not belong together; else as `recover`
 */
export function recoverPieces(
  kernel: Kernel,
  descriptor: SegmentDescriptor,
  have: ReadonlyMap<number, Uint8Array>,
  want: readonly number[],
): Uint8Array[] {
  const pieces = recover(kernel, VOLUME_CODES[descriptor.storage_class], have, want);
  for (const [i, index] of want.entries()) if (!have.has(index)) checkMade(kernel, descriptor, index, pieces[i] as Uint8Array);
  return pieces;
}

/** The ciphertext of a segment from any k pieces. @param room As for `decodeWhole`. @throws as `recoverPieces` */
export function recoverData(
  kernel: Kernel,
  descriptor: SegmentDescriptor,
  have: ReadonlyMap<number, Uint8Array>,
  room?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { storage_class, data_bytes, piece_bytes } = descriptor;
  const code = VOLUME_CODES[storage_class];
  const data = decodeWhole(kernel, code, have, piece_bytes, room);
  for (let index = 0; index < code.k; index++)
    if (!have.has(index)) checkMade(kernel, descriptor, index, data.subarray(index * piece_bytes, (index + 1) * piece_bytes));
  return data.subarray(0, data_bytes);
}

function checkMade(kernel: Kernel, descriptor: SegmentDescriptor, index: number, piece: Uint8Array): void {
  if (isPiece(kernel, descriptor, index, piece)) return;
  throw new HeapError(
    'erasure.segment_inconsistent',
    `The pieces of this segment do not belong together: piece ${index} made from others is not the one that was described. Its writer made it so, on purpose or by a defect; write the file again.`,
    'developer',
    { index },
  );
}

/** Whether the descriptors, in their order, are those of the file with this hash. */
export function areOf(file_hash: string, descriptors: readonly SegmentDescriptor[]): boolean {
  return sameBytes(fromHex(fileHash(descriptors.map(descriptorHash))) as Uint8Array, fromHex(file_hash) ?? new Uint8Array());
}
