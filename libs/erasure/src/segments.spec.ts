import fc from 'fast-check';
import { VOLUME_CLASSES, VOLUME_CODES, type VolumeClass } from '#units';
import { seededRandom } from './cipher.js';
import { checkDescriptor, recoverPieces, type SegmentDescriptor } from './descriptor.js';
import type { Kernel } from './kernel/kernel.js';
import { kernel as loadKernel } from './kernel/load.js';
import { scalarKernel } from './kernel/scalar.js';
import { type ByteRange, decodeFile, type EncodedSegment, encodeFile, type FileSecret, openFile, type PieceSource } from './segments.js';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await loadKernel();
});

const SEGMENT = 1_000;
const random = () => seededRandom(new Uint8Array(32).fill(9));
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 21);
const options = (storage_class: VolumeClass = 'small') => ({ storage_class, random: random(), segment_bytes: SEGMENT });
async function all(source: Uint8Array | AsyncIterable<Uint8Array>, storage_class: VolumeClass = 'small'): Promise<EncodedSegment[]> {
  const segments: EncodedSegment[] = [];
  for await (const segment of encodeFile(source instanceof Uint8Array ? [source] : source, options(storage_class))) segments.push(segment);
  return segments;
}
const secretOf = (segments: readonly EncodedSegment[]) => segments.at(-1)?.file as FileSecret;
type Pieces = (segment: EncodedSegment) => Iterable<[number, Uint8Array]>;
const sourceOf = (segments: readonly EncodedSegment[], pieces: Pieces = ({ pieces }) => pieces.entries()): PieceSource => ({
  descriptor: async (ordinal) => (segments[ordinal] as EncodedSegment).descriptor,
  pieces: async function* (ordinal) {
    yield* pieces(segments[ordinal] as EncodedSegment);
  },
});
async function read(
  segments: readonly EncodedSegment[],
  pieces?: Pieces,
  range?: ByteRange,
  wrong: [number, number][] = [],
): Promise<Uint8Array> {
  const source = sourceOf(segments, pieces);
  const onWrong = (ordinal: number, index: number) => wrong.push([ordinal, index]);
  const manifest = await openFile(secretOf(segments), source, { onWrong });
  const parts: Uint8Array[] = [];
  for await (const part of decodeFile(manifest, source, { onWrong, ...(range && { range }) })) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}
const code = (code: string) => expect.objectContaining({ code });

test.each([0, 1, SEGMENT - 17, SEGMENT - 16, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 5])(
  '%d bytes come back',
  async (length) => {
    const segments = await all(bytesOf(length));
    expect(segments.length).toBe(length <= SEGMENT - 17 ? 1 : Math.ceil(length / SEGMENT) + 1);
    expect(segments.map((segment) => segment.file !== null)).toEqual(segments.map((_, i) => i === segments.length - 1));
    expect(secretOf(segments)).toMatchObject({ bytes: length, segments: segments.length });
    for (const { descriptor } of segments) checkDescriptor(descriptor);
    expect(await read(segments)).toEqual(bytesOf(length));
  },
);

test('any k pieces of any class give the file back, among wrong ones, which are named', async () => {
  const data = bytesOf(2 * SEGMENT + 77);
  for (const storage_class of VOLUME_CLASSES) {
    const segments = await all(data, storage_class);
    const { k, n } = VOLUME_CODES[storage_class];
    const indices = Array.from({ length: n }, (_, i) => i);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(indices, { minLength: k, maxLength: n }),
        fc.integer({ min: 0, max: n - k }),
        async (order, bad) => {
          const spoiled = order.slice(0, Math.min(bad, order.length - k));
          const wrong: [number, number][] = [];
          const pieces: Pieces = ({ pieces }) =>
            order.map((i) => [i, spoiled.includes(i) ? (pieces[i] as Uint8Array).map((byte) => byte ^ 1) : (pieces[i] as Uint8Array)]);
          expect(await read(segments, pieces, undefined, wrong)).toEqual(data);
          expect(wrong).toEqual(
            [segments.length - 1, ...segments.slice(0, -1).keys()].flatMap((ordinal) => spoiled.map((i) => [ordinal, i])),
          );
        },
      ),
      { numRuns: 10 },
    );
  }
});

test('ranges are what slice gives', async () => {
  const data = bytesOf(3 * SEGMENT + 123);
  const segments = await all(data);
  const small = bytesOf(300);
  const one = await all(small);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: data.length }), fc.nat({ max: data.length + 10 }), async (offset, bytes) => {
      expect(await read(segments, undefined, { offset, bytes })).toEqual(data.slice(offset, offset + bytes));
      expect(await read(segments, undefined, { offset })).toEqual(data.slice(offset));
      if (offset <= small.length) expect(await read(one, undefined, { offset, bytes })).toEqual(small.slice(offset, offset + bytes));
    }),
    { numRuns: 40 },
  );
  for (const range of [{ offset: data.length + 1 }, { offset: -1 }, { offset: 0, bytes: -1 }, { offset: 0.5 }])
    await expect(read(segments, undefined, range)).rejects.toThrow(code('erasure.range_invalid'));
});

test('a range asks for its own segments only', async () => {
  const segments = await all(bytesOf(5 * SEGMENT));
  const asked: number[] = [];
  const source = sourceOf(segments, (segment) => {
    asked.push(segment.ordinal);
    return segment.pieces.entries();
  });
  const manifest = await openFile(secretOf(segments), source);
  for await (const _ of decodeFile(manifest, source, { range: { offset: SEGMENT + 1, bytes: SEGMENT } }));
  expect(asked).toEqual([5, 1, 2]);
});

test('the same random bytes give the same segments, by any kernel and however the source is cut', async () => {
  const data = bytesOf(2 * SEGMENT + 9);
  const expected = await all(data);
  async function* slowly() {
    for (let at = 0; at < data.length; at += 77) yield data.subarray(at, at + 77);
  }
  expect(await all(slowly())).toEqual(expected);
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(data);
      controller.close();
    },
  });
  const [streamed, scalar]: EncodedSegment[][] = [[], []];
  for await (const segment of encodeFile(stream, options())) streamed?.push(segment);
  for await (const segment of encodeFile([data], { ...options(), kernel: scalarKernel })) scalar?.push(segment);
  expect(streamed).toEqual(expected);
  expect(scalar).toEqual(expected);
  const other = await encodeFile([data], { ...options(), random: seededRandom(new Uint8Array(32)) }).next();
  expect(other.value?.descriptor.roots).not.toEqual(expected[0]?.descriptor.roots);
});

test('with memory that is used again the segments are the same, one at a time', async () => {
  const expected = await all(bytesOf(3 * SEGMENT + 9));
  const rooms = new Set<ArrayBufferLike>();
  let ordinal = 0;
  for await (const segment of encodeFile([bytesOf(3 * SEGMENT + 9)], { ...options(), reuse: true })) {
    expect(segment).toEqual(expected[ordinal++]);
    rooms.add((segment.pieces[9] as Uint8Array).buffer);
  }
  expect([ordinal, rooms.size]).toEqual([5, 1]);
});

test('a source that was changed is sealed with other keys, though the seed is the same', async () => {
  const data = bytesOf(2 * SEGMENT);
  const changed = data.with(SEGMENT + 3, (data[SEGMENT + 3] as number) ^ 1);
  const [before, after] = [await all(data), await all(changed)];
  const sealed = (segments: EncodedSegment[], ordinal: number) => Buffer.concat((segments[ordinal] as EncodedSegment).pieces.slice(0, 3));
  expect(sealed(after, 0)).toEqual(sealed(before, 0));
  const differ = sealed(after, 1).filter((byte, i) => byte !== sealed(before, 1)[i]).length;
  expect(differ).toBeGreaterThan(SEGMENT / 2);
  expect(secretOf(after).key).not.toEqual(secretOf(before).key);
});

test('no two segments share a key', async () => {
  const drawn: string[] = [];
  const counting = async (bytes: number) => {
    const made = crypto.getRandomValues(new Uint8Array(bytes));
    drawn.push(Buffer.from(made).toString('hex'));
    return made;
  };
  for await (const _ of encodeFile([bytesOf(3 * SEGMENT)], { ...options(), random: counting }));
  expect(new Set(drawn).size).toBe(4);
});

test('no more of the source is read than one segment beyond the one in use', async () => {
  let read = 0;
  async function* source() {
    for (let i = 0; i < 10; i++) {
      read++;
      yield bytesOf(SEGMENT);
    }
  }
  let made = 0;
  for await (const _ of encodeFile(source(), options())) {
    made++;
    expect(read).toBeLessThanOrEqual(made + 1);
  }
  expect(made).toBe(11);
});

test('a source that fails fails the encoding, and one that is left is closed', async () => {
  async function* failing() {
    yield bytesOf(SEGMENT);
    yield bytesOf(SEGMENT);
    throw new Error('the disk is gone');
  }
  await expect(all(failing())).rejects.toThrow('the disk is gone');
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield bytesOf(SEGMENT);
    } finally {
      closed = true;
    }
  }
  for await (const segment of encodeFile(endless(), options())) if (segment.ordinal === 2) break;
  expect(closed).toBe(true);
});

test('the iteration of pieces ends when k good ones are there', async () => {
  const segments = await all(bytesOf(10));
  let taken = 0;
  await read(segments, function* ({ pieces }) {
    for (const entry of pieces.entries()) {
      taken++;
      yield entry;
    }
  });
  expect(taken).toBe(3);
});

test('too few pieces, another key, another file and a changed description are told apart', async () => {
  const segments = await all(bytesOf(SEGMENT + 1));
  await expect(read(segments, ({ pieces }) => [...pieces.entries()].slice(0, 2))).rejects.toThrow(code('erasure.too_few_pieces'));
  const secret = secretOf(segments);
  const source = sourceOf(segments);
  await expect(openFile({ ...secret, key: new Uint8Array(32) }, source)).rejects.toThrow(code('erasure.segment_unreadable'));
  await expect(openFile({ ...secret, file_hash: '0'.repeat(64) }, source)).rejects.toThrow(code('erasure.file_differs'));
  const manifest = await openFile(secret, source);
  const other: EncodedSegment[] = [];
  for await (const segment of encodeFile([bytesOf(SEGMENT + 1)], { storage_class: 'small', segment_bytes: SEGMENT })) other.push(segment);
  await expect(decodeFile(manifest, sourceOf(other)).next()).rejects.toThrow(code('erasure.file_differs'));
});

test('pieces that do not belong together are found, whichever are read', async () => {
  const segments = await all(bytesOf(100));
  const strange = await all(bytesOf(101).subarray(1));
  const { descriptor, pieces } = segments[0] as EncodedSegment;
  const mixed: SegmentDescriptor = {
    ...descriptor,
    roots: descriptor.roots.map((root, i) => (i >= 7 ? (strange[0]?.descriptor.roots[i] as string) : root)),
  };
  const have = new Map([5, 6, 7].map((i): [number, Uint8Array] => [i, (i >= 7 ? strange[0] : segments[0])?.pieces[i] as Uint8Array]));
  expect(() => recoverPieces(kernel, mixed, have, [0])).toThrow(code('erasure.segment_inconsistent'));
  expect(recoverPieces(kernel, descriptor, new Map([...pieces.entries()].slice(4, 7)), [0, 9])).toEqual([pieces[0], pieces[9]]);
});

test.each([
  ['class', { storage_class: 'gold' }],
  ['class', { storage_class: 'toString' }],
  ['bytes', { data_bytes: 3 }],
  ['bytes', { piece_bytes: 99 }],
  ['pieces', { roots: [] }],
  ['root', { roots: Array<string>(10).fill('ABC') }],
])('a descriptor whose %s is wrong is refused: %j', (word, change) => {
  const good = { storage_class: 'small', data_bytes: 300, piece_bytes: 100, roots: Array<string>(10).fill('0'.repeat(64)) };
  checkDescriptor(good as SegmentDescriptor);
  expect(() => checkDescriptor({ ...good, ...change } as SegmentDescriptor)).toThrow(code('erasure.descriptor_invalid'));
  expect(() => checkDescriptor({ ...good, ...change } as SegmentDescriptor)).toThrow(word);
});

test.each([0, 17, 1.5, 2 ** 24 + 1])('a segment has not %d bytes', async (segment_bytes) => {
  await expect(encodeFile([], { storage_class: 'small', segment_bytes }).next()).rejects.toThrow(code('erasure.segment_bytes_invalid'));
});
