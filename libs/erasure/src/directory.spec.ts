import { generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import fc from 'fast-check';
import {
  type DirectoryRead,
  type DirectoryVerify,
  type DirectoryWrite,
  formatCapability,
  newDirectory,
  toRead,
  toVerify,
} from './capabilities.js';
import { seededRandom } from './cipher.js';
import { checkName, type DirectoryEntries, openDirectory, SEALED_MAX, sealDirectory, verifyDirectory } from './directory.js';
import { isSigned, publicKeyOf, sign } from './ed25519.js';

const VOLUME = '01932f3e-0000-7000-8000-00000000002a';
let write: DirectoryWrite;
let read: DirectoryRead;
let verify: DirectoryVerify;
let child: DirectoryWrite;
let entries: DirectoryEntries;
const code = (code: string) => expect.objectContaining({ code });
const random = (seed: number) => seededRandom(new Uint8Array(32).fill(seed));

beforeAll(async () => {
  write = await newDirectory(VOLUME, random(1));
  child = await newDirectory(VOLUME, random(2));
  read = await toRead(write);
  verify = await toVerify(write);
  const file = {
    target: 'file',
    level: 'read',
    file_id: VOLUME,
    segments: 1,
    file_hash: '11'.repeat(32),
    key: new Uint8Array(32).fill(3),
  } as const;
  entries = new Map([
    ['letter.txt', { capability: file, bytes: 12, modified_ms: 1_700_000_000_000 }],
    ['pictures', { capability: child, bytes: null, modified_ms: 0 }],
    ['Zürich', { capability: await toVerify(file), bytes: 0, modified_ms: 5 }],
  ]);
});

test('writers get all of it, readers what may be read, and whoever verifies the version alone', async () => {
  const sealed = await sealDirectory(write, entries, 7);
  const seen = await verifyDirectory(verify, sealed);
  expect(seen).toEqual({ version: 7, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await openDirectory(write, sealed)).toEqual({ ...seen, entries });
  const forReaders = new Map([...entries, ['pictures', { capability: await toRead(child), bytes: null, modified_ms: 0 }]]);
  expect(await openDirectory(read, sealed)).toEqual({ ...seen, entries: forReaders });
  const text = Buffer.from(sealed).toString('latin1');
  for (const word of ['letter', 'pictures', 'heap-']) expect(text).not.toContain(word);
});

test('the same seed gives the same bytes', async () => {
  expect(await sealDirectory(write, entries, 1, random(4))).toEqual(await sealDirectory(write, entries, 1, random(4)));
});

test('an empty directory is one', async () => {
  expect((await openDirectory(read, await sealDirectory(write, new Map(), 1))).entries.size).toBe(0);
});

test('what a reader holds signs nothing that is taken for the directory', async () => {
  const sealed = await sealDirectory(write, entries, 1);
  for (const secret of [read.key, new Uint8Array(Buffer.from(read.directory_id, 'hex')), new Uint8Array(32)]) {
    const forged = await sealDirectory({ ...write, secret: new Uint8Array(secret) }, entries, 2);
    await expect(verifyDirectory(verify, forged)).rejects.toThrow(code('directory.signature_wrong'));
    const signed = sealed.slice();
    const seed = new Uint8Array(secret);
    signed.set(await sign(seed, sealed.subarray(0, -64)), sealed.length - 64);
    await expect(openDirectory(read, signed)).rejects.toThrow(code('directory.signature_wrong'));
    signed.set(await publicKeyOf(seed), 1);
    await expect(openDirectory(read, signed)).rejects.toThrow(code('directory.signature_wrong'));
  }
});

test('who may verify cannot read', async () => {
  const sealed = await sealDirectory(write, entries, 1);
  for (const key of [new Uint8Array(32), new Uint8Array(Buffer.from(verify.directory_id, 'hex')), sealed.slice(1, 33)])
    await expect(openDirectory({ ...verify, level: 'read', key }, sealed)).rejects.toThrow(code('directory.unreadable'));
});

test('a bit that is another is found, wherever it is', async () => {
  const sealed = await sealDirectory(write, entries, 3);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: sealed.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ (1 << bit);
      await expect(verifyDirectory(verify, changed)).rejects.toThrow(code(at === 0 ? 'directory.invalid' : 'directory.signature_wrong'));
      await expect(openDirectory(read, changed)).rejects.toThrow();
    }),
    { numRuns: 200 },
  );
  for (const length of [0, 1, 60, sealed.length - 1]) await expect(verifyDirectory(verify, sealed.subarray(0, length))).rejects.toThrow();
});

test('an older version, and another of the same number, are not taken for the one that was seen', async () => {
  const [old, now, other] = [
    await sealDirectory(write, new Map(), 4),
    await sealDirectory(write, entries, 5),
    await sealDirectory(write, new Map(), 5),
  ];
  const seen = await verifyDirectory(verify, now);
  await verifyDirectory(verify, now, await verifyDirectory(verify, old));
  expect(await verifyDirectory(verify, now, seen)).toEqual(seen);
  await expect(openDirectory(read, old, seen)).rejects.toThrow(code('directory.rolled_back'));
  await expect(openDirectory(read, other, seen)).rejects.toThrow(code('directory.forked'));
});

test.each([[0], [-1], [1.5], [2 ** 53]])('there is no version %d', async (version) => {
  await expect(sealDirectory(write, new Map(), version)).rejects.toThrow(code('directory.version_invalid'));
});

test('a directory that is too large is refused by its writer', async () => {
  const capability = entries.get('letter.txt')?.capability as never;
  const many = new Map(Array.from({ length: 2_000 }, (_, i) => [`file ${i}`, { capability, bytes: 1, modified_ms: 1 }]));
  await expect(sealDirectory(write, many, 1)).rejects.toThrow(code('directory.too_large'));
  await expect(verifyDirectory(verify, new Uint8Array(SEALED_MAX + 1).fill(1))).rejects.toThrow(code('directory.invalid'));
});

test.each(['', '.', '..', 'a/b', 'a\nb', '\0', 'é'.normalize('NFD'), '\ud800', 'x'.repeat(256), 'é'.repeat(128)])(
  '%j is no name',
  async (name) => {
    expect(() => checkName(name)).toThrow(code('directory.name_invalid'));
    const capability = entries.get('letter.txt')?.capability as never;
    await expect(sealDirectory(write, new Map([[name, { capability, bytes: 1, modified_ms: 1 }]]), 1)).rejects.toThrow(
      code('directory.name_invalid'),
    );
  },
);
test.each(['a', '...', 'é', '写真', 'x'.repeat(255), 'with space', '👩‍🚀'])('%j is a name', (name) => checkName(name));

test('signatures are those of RFC 8032, and of Node.js', async () => {
  // RFC 8032, 7.1, test 2
  const seed = new Uint8Array(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'));
  const key = await publicKeyOf(seed);
  expect(Buffer.from(key).toString('hex')).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  const signature = await sign(seed, Uint8Array.of(0x72));
  expect(Buffer.from(signature).toString('hex')).toMatch(/^92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da/);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  expect(await isSigned(raw, seed, nodeSign(null, seed, privateKey))).toBe(true);
  expect(await isSigned(raw, seed, new Uint8Array(64))).toBe(false);
  expect(await isSigned(raw.subarray(1), seed, signature)).toBe(false);
});

test('a browser without Ed25519 makes the same signatures and keys by a program', async () => {
  const seed = new Uint8Array(32).fill(8);
  const [key, signature, sealed] = [await publicKeyOf(seed), await sign(seed, seed), await sealDirectory(write, entries, 1)];
  const { subtle } = crypto;
  const native = subtle.importKey.bind(subtle) as (...all: unknown[]) => unknown;
  const withoutCurve = (format: unknown, data: unknown, algorithm: unknown, ...rest: unknown[]) =>
    algorithm === 'Ed25519'
      ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
      : native(format, data, algorithm, ...rest);
  Object.defineProperty(subtle, 'importKey', { value: withoutCurve, configurable: true });
  try {
    expect(await publicKeyOf(seed)).toEqual(key);
    expect(await sign(seed, seed)).toEqual(signature);
    expect((await openDirectory(read, sealed)).version).toBe(1);
    expect(await isSigned(key, seed.subarray(1), signature)).toBe(false);
    expect(await isSigned(new Uint8Array(32).fill(0xff), seed, signature)).toBe(false);
  } finally {
    Reflect.deleteProperty(subtle, 'importKey');
  }
});

test('the text of a child is sealed for writers alone', async () => {
  const sealed = await sealDirectory(write, entries, 1);
  const opened = await openDirectory(read, sealed);
  const texts = [...opened.entries.values()].map(({ capability }) => formatCapability(capability));
  expect(texts.some((text) => text.startsWith('heap-w1:'))).toBe(false);
});
