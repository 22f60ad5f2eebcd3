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
  parityBytes,
  SEGMENT_BYTES,
  wholeBytes,
} from '#erasure';
import { VOLUME_CODES, type VolumeClass } from '#units';

/** MB of data per second of each repeat; by the processor's time where that is known. */
export interface Speeds {
  wall: number[];
  cpu: number[];
}
export interface Measured {
  /** Of which kernel. */
  kernel: string;
  encode: Speeds;
  decode: Speeds;
  peer_encode: Speeds;
  peer_decode: Speeds;
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

/** Repeats that do not count. */
export const WARM_UP = 2;

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
 * Ours and the peer in turns, the peer anew each time, as its second decoding may be wrong (3 of 10). Decoding has the last k pieces, of which none is
 * data, which is the dearest case. Both are called as their users call them, with whatever they copy, into memory that is there.
 * @param cpuMs Processor time that has been used until now.
 */
export async function measureCode(
  newPeer: () => ReedSolomonErasure,
  { code, bytes, repeats }: Request,
  cpuMs: (() => number) | null = null,
): Promise<Measured> {
  const loaded = await kernel();
  const { k, n } = code;
  const data = noise(bytes - (bytes % k));
  const length = data.length / k;
  const room = new Uint8Array(parityBytes(code, data.length));
  const whole = new Uint8Array(wholeBytes(code, data.length));
  const there = Array.from({ length: n }, (_, i) => i >= n - k);
  const speeds = (): Speeds => ({ wall: [], cpu: [] });
  const measured: Measured = {
    kernel: loaded.name,
    encode: speeds(),
    decode: speeds(),
    peer_encode: speeds(),
    peer_decode: speeds(),
    peer_wrong: 0,
  };
  for (let repeat = -WARM_UP; repeat < repeats; repeat++) {
    const timed = <T>({ wall, cpu }: Speeds, run: () => T): T => {
      const [began, cpu_began] = [performance.now(), cpuMs?.() ?? 0];
      const made = run();
      const [ms, cpu_ms] = [performance.now() - began, (cpuMs?.() ?? 0) - cpu_began];
      if (repeat >= 0) {
        wall.push(data.length / 1_000 / ms);
        if (cpuMs) cpu.push(data.length / 1_000 / cpu_ms);
      }
      return made;
    };
    const pieces = timed(measured.encode, () => encode(loaded, code, data, room));
    const left = new Map(pieces.slice(n - k).map((piece, i): [number, Uint8Array] => [n - k + i, piece]));
    const decoded = timed(measured.decode, () => decode(loaded, code, left, data.length, whole));
    if (!same(decoded, data)) throw new Error(`${k} of ${n} came back wrong`);
    whole.fill(0); // so that the next comparison is of what is made next

    const peer = newPeer();
    const shards = new Uint8Array(length * n);
    shards.set(data);
    timed(measured.peer_encode, () => peer.encode(shards, k, n - k));
    shards.fill(0, 0, length * (n - k));
    timed(measured.peer_decode, () => peer.reconstruct(shards, k, n - k, there));
    if (!same(shards.subarray(0, data.length), data)) measured.peer_wrong++;
  }
  return measured;
}

/** Whole files of two segments: encryption, code and hash trees, and back from the last k pieces of each, all of them checked by their roots. */
export async function measureFile({ storage_class, repeats }: { storage_class: VolumeClass; repeats: number }): Promise<MeasuredFile> {
  const loaded = await kernel();
  const { k, n } = VOLUME_CODES[storage_class];
  const data = noise(2 * SEGMENT_BYTES);
  const segments: EncodedSegment[] = [];
  for await (const segment of encodeFile([data], { storage_class })) segments.push(segment);
  const source: PieceSource = {
    descriptor: async (ordinal) => (segments[ordinal] as EncodedSegment).descriptor,
    pieces: async function* (ordinal) {
      yield* [...(segments[ordinal] as EncodedSegment).pieces.entries()].slice(n - k);
    },
  };
  const measured: MeasuredFile = { encode: [], decode: [], trees: [] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    let began = performance.now();
    for await (const segment of encodeFile([data], { storage_class, reuse: true }))
      if (segment.pieces.length !== n) throw new Error('too few pieces');
    measured.encode.push(mbPerS(data.length, began));
    began = performance.now();
    const manifest = await openFile(segments.at(-1)?.file as FileSecret, source);
    let bytes = 0;
    for await (const part of decodeFile(manifest, source)) bytes += part.length;
    measured.decode.push(mbPerS(data.length, began));
    if (bytes !== data.length) throw new Error(`${bytes} bytes came back of ${data.length}`);
    const piece = segments[0]?.pieces[0] as Uint8Array;
    began = performance.now();
    new MerkleTree(loaded).add(piece).root();
    measured.trees.push(mbPerS(piece.length, began));
  }
  return measured;
}
