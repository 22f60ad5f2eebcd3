/** What bench:erasure measures, in Node.js and in a page alike. */
import type { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import {
  type Code,
  decode,
  decodeFile,
  type EncodedSegment,
  encode,
  encodeFile,
  type FileSecret,
  kernel,
  MerkleTree,
  openFile,
  type PieceSource,
  SEGMENT_BYTES,
} from '#erasure';
import { VOLUME_CODES, type VolumeClass } from '#units';

export interface Measured {
  /** Of which kernel. */
  kernel: string;
  /** MB of data per second of each repeat. */
  encode: number[];
  decode: number[];
  peer_encode: number[];
  peer_decode: number[];
  /** Decodings of the peer that did not give the data. */
  peer_wrong: number;
}
export interface MeasuredFile {
  encode: number[];
  decode: number[];
  /** MB of pieces per second of which the trees are made. */
  trees: number[];
}
interface Request {
  code: Code;
  /** Of data, in each repeat. */
  bytes: number;
  repeats: number;
}

const noise = (bytes: number): Uint8Array<ArrayBuffer> => {
  let state = 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 24;
  });
};
function same(a: Uint8Array, b: Uint8Array): boolean {
  let differ = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) differ |= (a[i] as number) ^ (b[i] as number);
  return differ === 0;
}
const mbPerS = (bytes: number, began: number): number => bytes / 1_000 / (performance.now() - began);

/**
 * Ours and the peer in turns, the peer anew each time, as its second decoding may be wrong (3 of 10). Decoding has the last k pieces, of which none is data, which is the dearest case. Both are called as their users
 * call them, with whatever they copy.
 */
export async function measureCode(newPeer: () => ReedSolomonErasure, { code, bytes, repeats }: Request): Promise<Measured> {
  const loaded = await kernel();
  const { k, n } = code;
  const data = noise(bytes - (bytes % k));
  const length = data.length / k;
  const lost = Array.from({ length: n }, (_, i) => i >= n - k);
  const measured: Measured = { kernel: loaded.name, encode: [], decode: [], peer_encode: [], peer_decode: [], peer_wrong: 0 };
  for (let repeat = -1; repeat < repeats; repeat++) {
    let began = performance.now();
    const pieces = encode(loaded, code, data);
    const encoded = mbPerS(data.length, began);
    const left = new Map(pieces.slice(n - k).map((piece, i): [number, Uint8Array] => [n - k + i, piece]));
    began = performance.now();
    const decoded = decode(loaded, code, left, data.length);
    const decoded_mb = mbPerS(data.length, began);
    if (!same(decoded, data)) throw new Error(`${k} of ${n} came back wrong`);

    const peer = newPeer();
    const shards = new Uint8Array(length * n);
    shards.set(data);
    began = performance.now();
    peer.encode(shards, k, n - k);
    const peer_encoded = mbPerS(data.length, began);
    shards.fill(0, 0, length * (n - k));
    began = performance.now();
    peer.reconstruct(shards, k, n - k, lost);
    const peer_decoded = mbPerS(data.length, began);
    if (!same(shards.subarray(0, data.length), data)) measured.peer_wrong++;

    if (repeat < 0) continue; // to warm up
    measured.encode.push(encoded);
    measured.decode.push(decoded_mb);
    measured.peer_encode.push(peer_encoded);
    measured.peer_decode.push(peer_decoded);
  }
  return measured;
}

/** Whole files of two segments: encryption, code and hash trees, and back from the last k pieces of each, all of them checked by their roots. */
export async function measureFile({ storage_class, repeats }: { storage_class: VolumeClass; repeats: number }): Promise<MeasuredFile> {
  const loaded = await kernel();
  const { k, n } = VOLUME_CODES[storage_class];
  const data = noise(2 * SEGMENT_BYTES);
  const measured: MeasuredFile = { encode: [], decode: [], trees: [] };
  for (let repeat = -1; repeat < repeats; repeat++) {
    const segments: EncodedSegment[] = [];
    let began = performance.now();
    for await (const segment of encodeFile([data], { storage_class })) segments.push(segment);
    const encoded = mbPerS(data.length, began);
    const source: PieceSource = {
      descriptor: async (ordinal) => (segments[ordinal] as EncodedSegment).descriptor,
      pieces: async function* (ordinal) {
        yield* [...(segments[ordinal] as EncodedSegment).pieces.entries()].slice(n - k);
      },
    };
    began = performance.now();
    const manifest = await openFile(segments.at(-1)?.file as FileSecret, source);
    let bytes = 0;
    for await (const part of decodeFile(manifest, source)) bytes += part.length;
    const decoded = mbPerS(data.length, began);
    if (bytes !== data.length) throw new Error(`${bytes} bytes came back of ${data.length}`);
    const piece = segments[0]?.pieces[0] as Uint8Array;
    began = performance.now();
    new MerkleTree(loaded).add(piece).root();
    const hashed = mbPerS(piece.length, began);
    if (repeat < 0) continue;
    measured.encode.push(encoded);
    measured.decode.push(decoded);
    measured.trees.push(hashed);
  }
  return measured;
}
