import { HeapError } from '#units';
import { fromHex, joined, sameBytes, toHex, utf8 } from './bytes.js';
import { derived, KEY_BYTES, type Random, strongRandom } from './cipher.js';
import { areOf, type SegmentDescriptor } from './descriptor.js';
import { publicKeyOf } from './ed25519.js';
import type { FileSecret } from './segments.js';
import { DIGEST_BYTES, sha256 } from './sha256.js';

/** Reads one file, and nothing else. */
export interface FileRead {
  target: 'file';
  level: 'read';
  /** A UUID. */
  file_id: string;
  /** With the manifest, which is the last. */
  segments: number;
  /** Over the descriptors of all segments, in hex. */
  file_hash: string;
  /** Of the manifest. */
  key: Uint8Array;
}
/** Checks that a file is there and is what it was; without the key nothing of it can be read. */
export interface FileVerify extends Omit<FileRead, 'level' | 'key'> {
  level: 'verify';
}
/** Writes a directory. */
export interface DirectoryWrite {
  target: 'directory';
  level: 'write';
  /** The volume that pays for it. */
  volume_id: string;
  secret: Uint8Array;
}
export interface DirectoryRead {
  target: 'directory';
  level: 'read';
  /** SHA-256 over the key that its versions are signed with, in hex. */
  directory_id: string;
  key: Uint8Array;
}
export interface DirectoryVerify extends Omit<DirectoryRead, 'level' | 'key'> {
  level: 'verify';
}
export type ReadCapability = FileRead | DirectoryRead;
export type VerifyCapability = FileVerify | DirectoryVerify;
export type Capability = ReadCapability | VerifyCapability | DirectoryWrite;
type Level = Capability['level'];
type Target = Capability['target'];

const PREFIX: Readonly<Record<Level, string>> = { read: 'heap-r1:', verify: 'heap-v1:', write: 'heap-w1:' };
const TARGETS: readonly Target[] = ['file', 'directory'];
const ID_BYTES = 16;
const COUNT_BYTES = 4;
const CHECK_BYTES = 4;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const SYMBOL_BITS = 5;

/** RFC 4648's base 32 without padding, in lower case: no case to lose, and one word to a double click. */
function toBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= SYMBOL_BITS; bits -= SYMBOL_BITS) text += ALPHABET[(held >>> (bits - SYMBOL_BITS)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (SYMBOL_BITS - bits)) & 31] : text;
}

/** Bits that are over at the end must be 0, or two texts would be one capability. */
function fromBase32(text: string): Uint8Array | null {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const symbol of text) {
    held = (held << SYMBOL_BITS) | ALPHABET.indexOf(symbol);
    bits += SYMBOL_BITS;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >>> bits);
    held &= (1 << bits) - 1;
  }
  return bits >= SYMBOL_BITS || held !== 0 ? null : Uint8Array.from(bytes);
}

const uuidBytes = (uuid: string): Uint8Array => {
  const bytes = fromHex(uuid.replaceAll('-', ''));
  if (bytes?.length === ID_BYTES) return bytes;
  throw new HeapError('capability.id_invalid', `${JSON.stringify(uuid)} is no UUID.`, 'developer');
};
const uuidOf = (bytes: Uint8Array): string => toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function bodyOf(capability: Capability): Uint8Array {
  const kind = Uint8Array.of(TARGETS.indexOf(capability.target));
  if (capability.level === 'write') return joined(kind, uuidBytes(capability.volume_id), capability.secret);
  const key = capability.level === 'read' ? capability.key : new Uint8Array();
  if (capability.target === 'directory') return joined(kind, fromHex(capability.directory_id) ?? new Uint8Array(), key);
  const count = new Uint8Array(COUNT_BYTES);
  new DataView(count.buffer).setUint32(0, capability.segments);
  return joined(kind, uuidBytes(capability.file_id), count, fromHex(capability.file_hash) ?? new Uint8Array(), key);
}

const checkOf = (level: Level, body: Uint8Array) => sha256(utf8(PREFIX[level]), body).subarray(0, CHECK_BYTES);

/** As people pass it on. Whoever has the text has what it allows. */
export function formatCapability(capability: Capability): string {
  const body = bodyOf(capability);
  return PREFIX[capability.level] + toBase32(joined(body, checkOf(capability.level, body)));
}

const BODY_BYTES: Readonly<Record<Level, Partial<Record<Target, number>>>> = {
  read: { file: ID_BYTES + COUNT_BYTES + DIGEST_BYTES + KEY_BYTES, directory: DIGEST_BYTES + KEY_BYTES },
  verify: { file: ID_BYTES + COUNT_BYTES + DIGEST_BYTES, directory: DIGEST_BYTES },
  write: { directory: ID_BYTES + KEY_BYTES },
};
const symbolsOf = (body_bytes: number) => Math.ceil((8 * (1 + body_bytes + CHECK_BYTES)) / SYMBOL_BITS);

/**
 * @throws HeapError `capability.prefix_unknown`, `capability.letter_invalid` (and where), `capability.length_wrong` (and by how much),
 * `capability.checksum_wrong` when all letters could be right and some are not, `capability.unknown` when it is of a later kind
 */
export function parseCapability(text: string): Capability {
  const fail = (code: string, sentence: string): never => {
    throw new HeapError(`capability.${code}`, sentence, 'user');
  };
  const trimmed = text.trim().toLowerCase();
  const level = (Object.keys(PREFIX) as Level[]).find((one) => trimmed.startsWith(PREFIX[one]));
  if (level === undefined)
    return fail(
      'prefix_unknown',
      `A capability begins with heap-r1: (read), heap-v1: (verify) or heap-w1: (write); this text begins with ${JSON.stringify(trimmed.slice(0, 8))}.`,
    );
  const symbols = trimmed.slice(PREFIX[level].length);
  const wrong = [...symbols].findIndex((symbol) => !ALPHABET.includes(symbol));
  if (wrong >= 0)
    return fail(
      'letter_invalid',
      `Character ${PREFIX[level].length + wrong + 1} of the capability, ${JSON.stringify([...symbols][wrong])}, is none of a to z and 2 to 7.`,
    );
  const lengths = Object.values(BODY_BYTES[level]).map(symbolsOf);
  if (!lengths.includes(symbols.length))
    return fail(
      'length_wrong',
      `After ${PREFIX[level]} come ${lengths.join(' or ')} characters, and here are ${symbols.length}: was all of it copied?`,
    );
  const bytes = fromBase32(symbols);
  const body = bytes?.subarray(0, -CHECK_BYTES);
  if (!bytes || !body || !sameBytes(checkOf(level, body), bytes.subarray(-CHECK_BYTES)))
    return fail(
      'checksum_wrong',
      'A character of the capability was mistyped, or two were exchanged: its checksum does not fit. Copy it again.',
    );
  const target = TARGETS[body[0] as number];
  if (target === undefined || body.length !== 1 + (BODY_BYTES[level][target] ?? Number.NaN))
    return fail('unknown', 'This capability is of a kind that this program does not know: a newer one may.');
  return read(level, target, body.subarray(1));
}

function read(level: Level, target: Target, body: Uint8Array): Capability {
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return body.slice(at - bytes, at);
  };
  if (level === 'write') return { target: 'directory', level, volume_id: uuidOf(take(ID_BYTES)), secret: take(KEY_BYTES) };
  if (target === 'directory') {
    const directory_id = toHex(take(DIGEST_BYTES));
    return level === 'read' ? { target, level, directory_id, key: take(KEY_BYTES) } : { target, level, directory_id };
  }
  const file_id = uuidOf(take(ID_BYTES));
  const segments = new DataView(take(COUNT_BYTES).buffer).getUint32(0);
  const file_hash = toHex(take(DIGEST_BYTES));
  return level === 'read'
    ? { target, level, file_id, segments, file_hash, key: take(KEY_BYTES) }
    : { target, level, file_id, segments, file_hash };
}

export const fileCapability = (file_id: string, { segments, file_hash, key }: FileSecret): FileRead => ({
  target: 'file',
  level: 'read',
  file_id,
  segments,
  file_hash,
  key,
});

/** A new directory: its write capability, of which the others are made. */
export async function newDirectory(volume_id: string, random: Random = strongRandom): Promise<DirectoryWrite> {
  return { target: 'directory', level: 'write', volume_id, secret: await random(KEY_BYTES) };
}

export const directoryId = (public_key: Uint8Array): string => toHex(sha256(utf8('heap directory 1\n'), public_key));

/**
 * What a directory's secret gives. Each is one-way: neither what signs nor what hides the write capabilities in it follows from the read key,
 * and the read key not from what the broker sees.
 */
export async function directoryKeys({
  secret,
}: DirectoryWrite): Promise<{ signing: Uint8Array; reading: Uint8Array; writing: Uint8Array }> {
  const [signing, reading, writing] = await Promise.all(
    ['sign', 'read', 'write'].map((purpose) => derived(secret, `heap directory 1 ${purpose}`)),
  );
  return { signing: signing as Uint8Array, reading: reading as Uint8Array, writing: writing as Uint8Array };
}

/** The read capability within a write capability; a read capability is its own. */
export async function toRead(capability: FileRead): Promise<FileRead>;
export async function toRead(capability: DirectoryRead | DirectoryWrite): Promise<DirectoryRead>;
export async function toRead(capability: ReadCapability | DirectoryWrite): Promise<ReadCapability>;
export async function toRead(capability: ReadCapability | DirectoryWrite): Promise<ReadCapability> {
  if (capability.level === 'read') return capability;
  const { signing, reading } = await directoryKeys(capability);
  return { target: 'directory', level: 'read', directory_id: directoryId(await publicKeyOf(signing)), key: reading };
}

/** The verify capability within any capability. */
export async function toVerify(capability: FileRead | FileVerify): Promise<FileVerify>;
export async function toVerify(capability: DirectoryRead | DirectoryVerify | DirectoryWrite): Promise<DirectoryVerify>;
export async function toVerify(capability: Capability): Promise<VerifyCapability>;
export async function toVerify(capability: Capability): Promise<VerifyCapability> {
  if (capability.level === 'verify') return capability;
  const readable = await toRead(capability);
  if (readable.target === 'directory') return { target: 'directory', level: 'verify', directory_id: readable.directory_id };
  const { file_id, segments, file_hash } = readable;
  return { target: 'file', level: 'verify', file_id, segments, file_hash };
}

/** Whether the broker's descriptors, in their order, are those of the file: then the roots that pieces are audited by are its own. */
export const isDescribedBy = ({ segments, file_hash }: FileRead | FileVerify, descriptors: readonly SegmentDescriptor[]): boolean =>
  descriptors.length === segments && areOf(file_hash, descriptors);
