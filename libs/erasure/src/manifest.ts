import { HeapError } from '#units';
import { joined } from './bytes.js';
import { KEY_BYTES } from './cipher.js';
import { SEGMENT_BYTES } from './descriptor.js';
import { DIGEST_BYTES } from './sha256.js';

/** What opens a segment of data, and what its descriptor must be. */
export interface SegmentKey {
  key: Uint8Array;
  descriptor_hash: Uint8Array;
}

/** The secret half of a file: the plaintext of its last segment. */
export interface Manifest {
  /** Of the file. */
  bytes: number;
  /** Plaintext of every segment but the last of the data. */
  segment_bytes: number;
  segments: readonly SegmentKey[];
  /** The whole file, when it has no segment besides. */
  inline: Uint8Array;
}

const VERSION = 1;
const ENTRY = KEY_BYTES + DIGEST_BYTES;
/** Version, bytes of the file, bytes of a segment, segments. */
export const MANIFEST_HEADER = 1 + 8 + 4 + 4;
/** Segments of data that a manifest has room for; with segments of 16 MiB a file of 4 TiB. */
export const SEGMENTS_MAX = Math.floor((SEGMENT_BYTES - MANIFEST_HEADER) / ENTRY);

export function writeManifest({ bytes, segment_bytes, segments, inline }: Manifest): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(MANIFEST_HEADER);
  const view = new DataView(header.buffer);
  view.setUint8(0, VERSION);
  view.setBigUint64(1, BigInt(bytes));
  view.setUint32(9, segment_bytes);
  view.setUint32(13, segments.length);
  return joined(header, ...segments.flatMap(({ key, descriptor_hash }) => [key, descriptor_hash]), inline);
}

/** @throws HeapError `erasure.manifest_unknown` (a later format), `erasure.manifest_invalid` */
export function readManifest(text: Uint8Array): Manifest {
  if (text[0] !== VERSION)
    throw new HeapError('erasure.manifest_unknown', `This file has format ${text[0]}; this program reads format ${VERSION}.`, 'user');
  const invalid = () =>
    new HeapError('erasure.manifest_invalid', 'The manifest of this file contradicts itself: write the file again.', 'developer');
  if (text.length < MANIFEST_HEADER) throw invalid();
  const view = new DataView(text.buffer, text.byteOffset, text.length);
  const bytes = Number(view.getBigUint64(1));
  const segment_bytes = view.getUint32(9);
  const count = view.getUint32(13);
  const inline = text.subarray(MANIFEST_HEADER + count * ENTRY);
  const complete = text.length === MANIFEST_HEADER + count * ENTRY + inline.length && segment_bytes > 0 && segment_bytes <= SEGMENT_BYTES;
  const whole = count === 0 ? inline.length === bytes : inline.length === 0 && count === Math.ceil(bytes / segment_bytes);
  if (!complete || !whole) throw invalid();
  const segments = Array.from({ length: count }, (_, i) => {
    const at = MANIFEST_HEADER + i * ENTRY;
    return { key: text.subarray(at, at + KEY_BYTES), descriptor_hash: text.subarray(at + KEY_BYTES, at + ENTRY) };
  });
  return { bytes, segment_bytes, segments, inline };
}
