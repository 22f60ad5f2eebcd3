import { HeapError } from '#units';
import { joined, toHex, utf8 } from './bytes.js';
import {
  type Capability,
  type DirectoryRead,
  type DirectoryVerify,
  type DirectoryWrite,
  directoryId,
  directoryKeys,
  formatCapability,
  parseCapability,
  toRead,
  toVerify,
} from './capabilities.js';
import { IV_BYTES, type Random, seal, strongRandom, unseal } from './cipher.js';
import { isSigned, PUBLIC_KEY_BYTES, publicKeyOf, SIGNATURE_BYTES, sign } from './ed25519.js';
import { sha256 } from './sha256.js';

/**
 * A directory as the broker keeps it: format (1 byte) ‖ public key (32) ‖ version (8) ‖ IV (12) ‖ ciphertext ‖ signature (64) over all before.
 * Who may read it finds in the ciphertext names, sizes and read capabilities; the write capabilities among them are sealed once more, for
 * those who may write: a directory that one may read gives nothing that one may write.
 */
const FORMAT = 1;
const VERSION_BYTES = 8;
const HEADER = 1 + PUBLIC_KEY_BYTES + VERSION_BYTES;
const SIGNED_FOR = utf8('heap directory 1 version\n');
/** Of a directory with everything around it. */
export const SEALED_MAX = 262_144;
const NAME_BYTES_MAX = 255;
/** Control characters, and halves of characters, which UTF-8 cannot write. */
const UNWRITABLE = /[\p{Cc}\p{Cs}]/u;

export interface DirectoryEntry {
  /** Of a file or of another directory. */
  capability: Capability;
  /** Of the file; null for a directory. */
  bytes: number | null;
  /** Milliseconds since 1970, by the writer's clock. */
  modified_ms: number;
}
export type DirectoryEntries = ReadonlyMap<string, DirectoryEntry>;

/** Which version of a directory somebody has seen. */
export interface SeenVersion {
  version: number;
  /** Of the sealed bytes, in hex. */
  digest: string;
}
export interface OpenedDirectory extends SeenVersion {
  entries: DirectoryEntries;
}

/** @throws HeapError `directory.name_invalid` unless it is a name that any file system could have: 1 to 255 bytes in NFC, no slash, no control character, not . or .. */
export function checkName(name: string): void {
  const bytes = utf8(name).length;
  if (
    bytes > 0 &&
    bytes <= NAME_BYTES_MAX &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('/') &&
    !UNWRITABLE.test(name) &&
    name.normalize('NFC') === name
  )
    return;
  throw new HeapError(
    'directory.name_invalid',
    `${JSON.stringify(name)} is no name: it has 1 to ${NAME_BYTES_MAX} bytes in Unicode's form NFC, no slash, no control character, and is not . or .. .`,
    'user',
  );
}

/** Name, read or verify capability, bytes, when it was changed. */
type Row = [name: string, capability: string, bytes: number | null, modified_ms: number];
interface Content {
  entries: Row[];
  /** Name and write capability, sealed for writers. */
  writable: string;
}
const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const asJson = (value: unknown): Uint8Array => utf8(JSON.stringify(value));
const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isRow = (row: unknown): row is Row =>
  Array.isArray(row) && row.length === 4 && isText(row[0]) && isText(row[1]) && (row[2] === null || isCount(row[2])) && isCount(row[3]);
const isContent = (value: unknown): value is Content =>
  isText((value as Partial<Content> | null)?.writable) &&
  ((entries: unknown) => Array.isArray(entries) && entries.every(isRow))((value as Content).entries);
const isPairs = (value: unknown): value is [string, string][] =>
  Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));

/**
 * A directory's next version, signed.
 * @param version 1 for the first; each is one more than the last.
 * @throws HeapError `directory.name_invalid`, `directory.version_invalid`, `directory.too_large`
 */
export async function sealDirectory(
  write: DirectoryWrite,
  entries: DirectoryEntries,
  version: number,
  random: Random = strongRandom,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new HeapError('directory.version_invalid', `A directory has no version ${version}: they are counted from 1.`, 'developer');
  const rows: Row[] = [];
  const writable: [string, string][] = [];
  for (const [name, { capability, bytes, modified_ms }] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    checkName(name);
    if (capability.level === 'write') writable.push([name, formatCapability(capability)]);
    rows.push([name, formatCapability(capability.level === 'write' ? await toRead(capability) : capability), bytes, modified_ms]);
  }
  const { signing, reading, writing } = await directoryKeys(write);
  const header = new Uint8Array(HEADER);
  header[0] = FORMAT;
  header.set(await publicKeyOf(signing), 1);
  new DataView(header.buffer).setBigUint64(1 + PUBLIC_KEY_BYTES, BigInt(version));
  const sealed = async (key: Uint8Array, text: Uint8Array) => {
    const iv = await random(IV_BYTES);
    return joined(iv, await seal(key, text, { iv, about: header }));
  };
  const content: Content = { entries: rows, writable: toBase64(await sealed(writing, asJson(writable))) };
  const unsigned = joined(header, await sealed(reading, asJson(content)));
  const signature = await sign(signing, joined(SIGNED_FOR, unsigned));
  if (unsigned.length + signature.length > SEALED_MAX)
    throw new HeapError(
      'directory.too_large',
      `The directory has ${unsigned.length + signature.length} bytes with ${rows.length} entries; ${SEALED_MAX} are the most: put some into a directory of their own.`,
      'user',
    );
  return joined(unsigned, signature);
}

/**
 * What anybody can check who knows the directory's id: who signed it, and which version it is.
 * @param seen The last version that the caller knows of; nothing older is taken, and no other of the same number.
 * @throws HeapError `directory.invalid`, `directory.signature_wrong`, `directory.rolled_back`, `directory.forked`
 */
export async function verifyDirectory(
  { directory_id }: Pick<DirectoryVerify, 'directory_id'>,
  sealed: Uint8Array,
  seen: SeenVersion | null = null,
): Promise<SeenVersion> {
  if (sealed.length < HEADER + IV_BYTES + SIGNATURE_BYTES || sealed.length > SEALED_MAX || sealed[0] !== FORMAT)
    throw new HeapError('directory.invalid', 'These bytes are no directory of a format that this program knows.', 'developer');
  const public_key = sealed.subarray(1, 1 + PUBLIC_KEY_BYTES);
  const signed = sealed.subarray(0, -SIGNATURE_BYTES);
  const version = Number(new DataView(sealed.buffer, sealed.byteOffset).getBigUint64(1 + PUBLIC_KEY_BYTES));
  const genuine =
    Number.isSafeInteger(version) &&
    directoryId(public_key) === directory_id &&
    (await isSigned(public_key, joined(SIGNED_FOR, signed), sealed.subarray(-SIGNATURE_BYTES)));
  if (!genuine)
    throw new HeapError(
      'directory.signature_wrong',
      'This directory was not signed by who may write it: it is another, or was changed.',
      'developer',
    );
  const digest = toHex(sha256(sealed));
  if (seen && version < seen.version)
    throw new HeapError(
      'directory.rolled_back',
      `Version ${version} of the directory was given out, but version ${seen.version} has been seen: something older was put in its place.`,
      'platform',
      { version, seen: seen.version },
    );
  if (seen && version === seen.version && digest !== seen.digest)
    throw new HeapError('directory.forked', `Two different directories have version ${version}.`, 'platform', { version });
  return { version, digest };
}

/**
 * @param capability With a write capability the entries hold write capabilities where there are some, with a read capability those to read.
 * @throws as `verifyDirectory`, and HeapError `directory.unreadable`, `directory.content_invalid`
 */
export async function openDirectory(
  capability: DirectoryRead | DirectoryWrite,
  sealed: Uint8Array,
  seen: SeenVersion | null = null,
): Promise<OpenedDirectory> {
  const keys = capability.level === 'write' ? await directoryKeys(capability) : null;
  const reading = capability.level === 'write' ? keys?.reading : capability.key;
  const verified = await verifyDirectory(await toVerify(capability), sealed, seen);
  const header = sealed.subarray(0, HEADER);
  const opened = async <T>(key: Uint8Array, bytes: Uint8Array, is: (value: unknown) => value is T): Promise<T> => {
    const text = await unseal(key, bytes.subarray(IV_BYTES), { iv: bytes.subarray(0, IV_BYTES), about: header });
    if (text === null) throw new HeapError('directory.unreadable', 'The directory does not open with the key of this capability.', 'user');
    const value = parsed(text);
    if (is(value)) return value;
    throw new HeapError('directory.content_invalid', 'The directory was written by a program that makes another form of it.', 'developer');
  };
  const content = await opened(reading as Uint8Array, sealed.subarray(HEADER, -SIGNATURE_BYTES), isContent);
  const writable = new Map(keys ? await opened(keys.writing, fromBase64(content.writable), isPairs) : []);
  const entries = content.entries.map(([name, text, bytes, modified_ms]): [string, DirectoryEntry] => {
    checkName(name);
    return [name, { capability: parseCapability(writable.get(name) ?? text), bytes, modified_ms }];
  });
  return { ...verified, entries: new Map(entries) };
}
