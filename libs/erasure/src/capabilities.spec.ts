import fc from 'fast-check';
import {
  type Capability,
  type DirectoryWrite,
  type FileRead,
  fileCapability,
  formatCapability,
  isDescribedBy,
  newDirectory,
  parseCapability,
  type ReadCapability,
  toRead,
  toVerify,
} from './capabilities.js';
import { type EncodedSegment, encodeFile, openFile } from './segments.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (length: number) => bytes(length).map((b) => Buffer.from(b).toString('hex'));
const uuid = fc.uuid();
const fileRead: fc.Arbitrary<FileRead> = fc.record({
  target: fc.constant('file'),
  level: fc.constant('read'),
  file_id: uuid,
  segments: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  file_hash: hex(32),
  key: bytes(32),
});
const directoryRead = fc.record({
  target: fc.constant('directory' as const),
  level: fc.constant('read' as const),
  directory_id: hex(32),
  key: bytes(32),
});
const directoryWrite: fc.Arbitrary<DirectoryWrite> = fc.record({
  target: fc.constant('directory'),
  level: fc.constant('write'),
  volume_id: uuid,
  secret: bytes(32),
});
const readable: fc.Arbitrary<ReadCapability | DirectoryWrite> = fc.oneof(fileRead, directoryRead, directoryWrite);
const FILE: FileRead = {
  target: 'file',
  level: 'read',
  file_id: '01932f3e-0000-7000-8000-00000000002a',
  segments: 3,
  file_hash: '11'.repeat(32),
  key: new Uint8Array(32).fill(7),
};
const secretsOf = (capability: Capability): string[] =>
  [capability.level === 'read' ? capability.key : [], capability.level === 'write' ? capability.secret : []]
    .map((secret) => Buffer.from(secret).toString('hex'))
    .filter((secret) => secret !== '');

test('a capability is its text, and its text is it', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (capability) => {
      for (const one of [capability, await toVerify(capability)]) {
        const text = formatCapability(one);
        expect(text).toMatch(/^heap-[rvw]1:[a-z2-7]+$/);
        expect(parseCapability(text)).toEqual(one);
        expect(parseCapability(` ${text.toUpperCase()}\n`)).toEqual(one);
      }
    }),
  );
});

test('each gives the weaker one, of which nothing of the stronger can be read, and is its own', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (capability) => {
      const read = await toRead(capability);
      const verify = await toVerify(capability);
      expect(await toRead(read)).toEqual(read);
      expect(await toVerify(verify)).toEqual(verify);
      expect(await toVerify(read)).toEqual(verify);
      const inRead = JSON.stringify(read) + Buffer.from(read.key).toString('hex');
      if (capability.level === 'write') for (const secret of secretsOf(capability)) expect(inRead).not.toContain(secret);
      for (const secret of [...secretsOf(capability), ...secretsOf(read)]) expect(JSON.stringify(verify)).not.toContain(secret);
      expect(Object.values(verify).every((value) => typeof value !== 'object')).toBe(true);
    }),
  );
});

test('one letter that is another, a letter too few and two exchanged are found, and said', () => {
  fc.assert(
    fc.property(
      fc.oneof(fileRead, directoryRead, directoryWrite),
      fc.nat(),
      fc.integer({ min: 1, max: 31 }),
      (capability, where, shift) => {
        const text = formatCapability(capability);
        const at = 8 + (where % (text.length - 8));
        const letters = 'abcdefghijklmnopqrstuvwxyz234567';
        const other = letters[(letters.indexOf(text[at] as string) + shift) % 32];
        const say = (changed: string) => {
          try {
            parseCapability(changed);
          } catch (error) {
            return (error as { code: string }).code;
          }
          return changed === text ? 'fine' : 'not found';
        };
        expect(say(text.slice(0, at) + other + text.slice(at + 1))).toBe('capability.checksum_wrong');
        expect(say(text.slice(0, at) + text.slice(at + 1))).toBe('capability.length_wrong');
        if (at + 1 < text.length && text[at] !== text[at + 1])
          expect(say(text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2))).toBe('capability.checksum_wrong');
      },
    ),
    { numRuns: 300 },
  );
});

test('the level is part of the checksum', () => {
  const text = formatCapability({ target: 'directory', level: 'read', directory_id: '22'.repeat(32), key: new Uint8Array(32) });
  expect(() => parseCapability(text.replace('heap-r1:', 'heap-v1:'))).toThrow(expect.objectContaining({ code: 'capability.length_wrong' }));
});

test.each([
  ['capability.prefix_unknown', 'heap-x1:abc', 'heap-x1:'],
  ['capability.prefix_unknown', '', 'heap-r1:'],
  [
    'capability.letter_invalid',
    formatCapability(FILE).replace(/.$/, '1'),
    `Character ${formatCapability(FILE).length} of the capability, "1"`,
  ],
  ['capability.letter_invalid', 'heap-r1:ab cd', 'Character 11'],
  ['capability.length_wrong', 'heap-v1:abcd', 'and here are 4'],
])('%s for %j says what is wrong', (code, text, words) => {
  expect(() => parseCapability(text)).toThrow(expect.objectContaining({ code }));
  expect(() => parseCapability(text)).toThrow(words);
});

test('a file of a later kind is not taken for a mistype', () => {
  const other = { ...FILE, target: 'directory', level: 'verify', directory_id: '33'.repeat(52) } as unknown as Capability;
  expect(() => parseCapability(formatCapability(other))).toThrow(expect.objectContaining({ code: 'capability.unknown' }));
});

test('an id that is none is refused', () => {
  expect(() => formatCapability({ ...FILE, file_id: 'seven' })).toThrow(expect.objectContaining({ code: 'capability.id_invalid' }));
});

test('a verify capability knows the descriptors of its file, and cannot open it', async () => {
  const segments: EncodedSegment[] = [];
  const data = new Uint8Array(2_500).fill(5);
  for await (const segment of encodeFile([data], { storage_class: 'small', segment_bytes: 1_000 })) segments.push(segment);
  const read = fileCapability(FILE.file_id, segments.at(-1)?.file as NonNullable<EncodedSegment['file']>);
  const verify = await toVerify(read);
  const descriptors = segments.map(({ descriptor }) => descriptor);
  expect(isDescribedBy(verify, descriptors)).toBe(true);
  for (const [i, one] of descriptors.entries()) {
    const changed = {
      ...one,
      roots: one.roots.map((root, piece) => (piece === 3 ? root.replace(/^./, (c) => (c === '0' ? '1' : '0')) : root)),
    };
    expect(isDescribedBy(verify, descriptors.with(i, changed))).toBe(false);
  }
  expect(isDescribedBy(verify, descriptors.slice(1))).toBe(false);
  expect(isDescribedBy(verify, descriptors.toReversed())).toBe(false);
  const source = {
    descriptor: async (ordinal: number) => descriptors[ordinal] as (typeof descriptors)[0],
    pieces: async function* (ordinal: number) {
      yield* (segments[ordinal] as EncodedSegment).pieces.entries();
    },
  };
  expect((await openFile(read, source)).bytes).toBe(2_500);
  for (const key of [new Uint8Array(32), Uint8Array.from(Buffer.from(verify.file_hash, 'hex'))])
    await expect(openFile({ ...verify, key }, source)).rejects.toThrow(expect.objectContaining({ code: 'erasure.segment_unreadable' }));
});

test('the keys of two directories differ', async () => {
  const [one, two] = await Promise.all([newDirectory(FILE.file_id), newDirectory(FILE.file_id)]);
  expect((await toRead(one)).key).not.toEqual((await toRead(two)).key);
});
