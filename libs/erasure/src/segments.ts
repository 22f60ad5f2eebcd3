import { HeapError, VOLUME_CODES, type VolumeClass } from '#units';
import { sameBytes } from './bytes.js';
import { KEY_BYTES, keyFor, type Random, seal, strongRandom, unseal } from './cipher.js';
import {
  checkDescriptor,
  describe,
  descriptorHash,
  fileHash,
  isPiece,
  recoverData,
  SEGMENT_BYTES,
  type SegmentDescriptor,
} from './descriptor.js';
import { encode, parityBytes, wholeBytes } from './erasure.js';
import type { Kernel } from './kernel/kernel.js';
import { kernel as loadKernel } from './kernel/load.js';
import { MANIFEST_HEADER, type Manifest, readManifest, SEGMENTS_MAX, type SegmentKey, writeManifest } from './manifest.js';
import { type ByteSource, oneAhead, parts } from './streams.js';

/**
 * A file is a row of segments. Each is at most 16 MiB of plaintext, sealed with a key of its own that is never used again (hence no
 * initialisation vector), and coded into n pieces. The last segment is the manifest, with the keys of the others; a file that has room in its
 * manifest is in there, and is one segment.
 */

export interface EncodeOptions {
  storage_class: VolumeClass;
  /** For keys; 32 bytes for each segment, in their order. A key then depends on the text as well, since other random bytes may come again. */
  random?: Random;
  /** Plaintext of a segment, at most 16 MiB: less of it takes less memory, and more pieces. */
  segment_bytes?: number;
  /** The memory of a segment's pieces is used for those of the next one as soon as that is asked for: faster, and less of it. */
  reuse?: boolean;
  kernel?: Kernel;
}

/** What of a file its writer must keep: with the file's id it is the read capability. */
export interface FileSecret {
  /** The file's length. */
  bytes: number;
  /** With the manifest. */
  segments: number;
  /** Over all descriptors, in hex. */
  file_hash: string;
  /** Of the manifest. */
  key: Uint8Array;
}

export interface EncodedSegment {
  ordinal: number;
  descriptor: SegmentDescriptor;
  /** All n of them. */
  pieces: readonly Uint8Array[];
  /** Of the last segment only, which is the manifest. */
  file: FileSecret | null;
}

/** A segment of data, or a file that has room in its manifest. */
type Part = { bytes: number } & ({ key: Uint8Array; ciphertext: Uint8Array } | { inline: Uint8Array });

/**
 * The segments of a file, each made when it is asked for; the next one is read and encrypted meanwhile, and no more than these two are held.
 * @throws HeapError `erasure.file_too_large`, `erasure.segment_bytes_invalid`, `erasure.no_crypto`, and what the source throws
 */
export async function* encodeFile(source: ByteSource, options: EncodeOptions): AsyncGenerator<EncodedSegment, void, undefined> {
  const { storage_class, random = strongRandom, segment_bytes = SEGMENT_BYTES, reuse = false, kernel = await loadKernel() } = options;
  if (!Number.isSafeInteger(segment_bytes) || segment_bytes <= MANIFEST_HEADER || segment_bytes > SEGMENT_BYTES)
    throw new HeapError(
      'erasure.segment_bytes_invalid',
      `A segment has more than ${MANIFEST_HEADER} and at most ${SEGMENT_BYTES} bytes, not ${segment_bytes}.`,
      'developer',
    );
  const code = VOLUME_CODES[storage_class];
  let room = new Uint8Array();
  const coded = (ciphertext: Uint8Array) => {
    const needed = parityBytes(code, ciphertext.length);
    if (!reuse || room.length < needed) room = new Uint8Array(needed);
    const pieces = encode(kernel, code, ciphertext, room);
    return { pieces, descriptor: describe(kernel, storage_class, ciphertext.length, pieces) };
  };
  const keyOf = async (text: Uint8Array): Promise<Uint8Array> => {
    const drawn = await random(KEY_BYTES);
    return random === strongRandom ? drawn : keyFor(text, drawn);
  };
  const segments: SegmentKey[] = [];
  let inline: Uint8Array = new Uint8Array();
  let bytes = 0;
  for await (const part of oneAhead(sealedParts(parts(source, segment_bytes), segment_bytes, keyOf))) {
    bytes += part.bytes;
    if ('inline' in part) {
      inline = part.inline;
      break;
    }
    if (segments.length === SEGMENTS_MAX)
      throw new HeapError(
        'erasure.file_too_large',
        `A file has at most ${SEGMENTS_MAX} segments of ${segment_bytes} bytes: split it.`,
        'user',
      );
    const { pieces, descriptor } = coded(part.ciphertext);
    segments.push({ key: part.key, descriptor_hash: descriptorHash(descriptor) });
    yield { ordinal: segments.length - 1, descriptor, pieces, file: null };
  }
  const manifest = writeManifest({ bytes, segment_bytes, segments, inline });
  const key = await keyOf(manifest);
  const { pieces, descriptor } = coded(await seal(key, manifest));
  const file_hash = fileHash([...segments.map((segment) => segment.descriptor_hash), descriptorHash(descriptor)]);
  const ordinal = segments.length;
  yield { ordinal, descriptor, pieces, file: { bytes, segments: ordinal + 1, file_hash, key } };
}

async function* sealedParts(
  plain: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>,
  segment_bytes: number,
  keyOf: (text: Uint8Array) => Promise<Uint8Array>,
): AsyncGenerator<Part, void, undefined> {
  let first = true;
  for await (const text of plain) {
    const bytes = text.length;
    if (first && bytes <= segment_bytes - MANIFEST_HEADER) {
      yield { bytes, inline: text }; // shorter than a segment, hence all of it
      return;
    }
    first = false;
    const key = await keyOf(text);
    yield { bytes, key, ciphertext: await seal(key, text) };
  }
}

/** Where a file's parts come from. */
export interface PieceSource {
  /** As the broker has it; it is checked. */
  descriptor(ordinal: number): Promise<SegmentDescriptor>;
  /** Pieces in any order, of any devices, as long as they are taken: the iteration is ended when k good ones have come. */
  pieces(ordinal: number, descriptor: SegmentDescriptor): AsyncIterable<readonly [index: number, piece: Uint8Array]>;
}

export interface DecodeOptions {
  /** Hears of pieces that are not what they should be; they are passed over. */
  onWrong?: (ordinal: number, index: number) => void;
  kernel?: Kernel;
}

/** What opens a file: of a read capability. */
export type FileKey = Pick<FileSecret, 'segments' | 'file_hash' | 'key'>;

/**
 * Reads the manifest and checks everything that it says against the capability.
 * @throws HeapError `erasure.file_differs`, `erasure.segment_unreadable`, `erasure.too_few_pieces`, `erasure.manifest_unknown`, …
 */
export async function openFile({ segments, file_hash, key }: FileKey, source: PieceSource, options: DecodeOptions = {}): Promise<Manifest> {
  const ordinal = segments - 1;
  const descriptor = await source.descriptor(ordinal);
  checkDescriptor(descriptor);
  const manifest = readManifest(await openSegment(key, ordinal, descriptor, source, options));
  const hashes = [...manifest.segments.map((segment) => segment.descriptor_hash), descriptorHash(descriptor)];
  if (hashes.length !== segments || fileHash(hashes) !== file_hash) throw differs(ordinal);
  return manifest;
}

const differs = (ordinal: number) =>
  new HeapError(
    'erasure.file_differs',
    `Segment ${ordinal} is described otherwise than the capability says: it is not the file that was written.`,
    'platform',
    { ordinal },
  );

/** Bytes of a file: from `offset`, so many, or to its end. */
export interface ByteRange {
  offset: number;
  bytes?: number;
}

/**
 * The bytes of a file, segment by segment; the next one is fetched while the last one is used, and no more than these two are held.
 * @param manifest Of `openFile`.
 * @throws HeapError `erasure.range_invalid`, `erasure.file_differs`, `erasure.too_few_pieces`, `erasure.segment_unreadable`, and what the source throws
 */
export async function* decodeFile(
  manifest: Manifest,
  source: PieceSource,
  options: DecodeOptions & { range?: ByteRange } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset, bytes = Math.max(0, manifest.bytes - offset) } = options.range ?? { offset: 0 };
  if (![offset, bytes].every(Number.isSafeInteger) || offset < 0 || bytes < 0 || offset > manifest.bytes)
    throw new HeapError(
      'erasure.range_invalid',
      `There are no ${bytes} bytes from ${offset} in a file of ${manifest.bytes} bytes.`,
      'user',
    );
  const end = Math.min(manifest.bytes, offset + bytes);
  if (end === offset) return;
  if (manifest.segments.length === 0) yield manifest.inline.subarray(offset, end);
  else yield* oneAhead(plainSegments(manifest, source, options, offset, end));
}

async function* plainSegments(
  { bytes, segment_bytes, segments }: Manifest,
  source: PieceSource,
  options: DecodeOptions,
  offset: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let room = new Uint8Array();
  for (let ordinal = Math.floor(offset / segment_bytes); ordinal * segment_bytes < end; ordinal++) {
    const { key, descriptor_hash } = segments[ordinal] as SegmentKey;
    const descriptor = await source.descriptor(ordinal);
    if (!sameBytes(descriptorHash(descriptor), descriptor_hash)) throw differs(ordinal);
    const needed = wholeBytes(VOLUME_CODES[descriptor.storage_class], descriptor.data_bytes);
    if (room.length < needed) room = new Uint8Array(needed);
    const text = await openSegment(key, ordinal, descriptor, source, options, room);
    const from = ordinal * segment_bytes;
    if (text.length !== Math.min(segment_bytes, bytes - from)) throw differs(ordinal);
    yield text.subarray(Math.max(0, offset - from), Math.min(text.length, end - from));
  }
}

async function openSegment(
  key: Uint8Array,
  ordinal: number,
  descriptor: SegmentDescriptor,
  source: PieceSource,
  { onWrong, kernel: given }: DecodeOptions,
  room?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const kernel = given ?? (await loadKernel());
  const { k } = VOLUME_CODES[descriptor.storage_class];
  const have = new Map<number, Uint8Array>();
  for await (const [index, piece] of source.pieces(ordinal, descriptor)) {
    if (isPiece(kernel, descriptor, index, piece)) have.set(index, piece);
    else onWrong?.(ordinal, index);
    if (have.size === k) break;
  }
  const text = await unseal(key, recoverData(kernel, descriptor, have, room));
  if (text !== null) return text;
  throw new HeapError(
    'erasure.segment_unreadable',
    `Segment ${ordinal} does not open with the key of this capability: it is another file, or was changed.`,
    'platform',
    { ordinal },
  );
}
