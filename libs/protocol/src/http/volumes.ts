import * as z from 'zod';
import { VOLUME_CLASSES } from '#units';
import { HTTP_LIMITS, PIECE_LIMITS } from '../limits.js';
import { code, id, instant, micro, microText, placeText, price, sha256, text } from '../scalars.js';
import { pieceRoutes } from './pieces.js';
import { route } from './route.js';

/** WAITING for devices, READY to be written, GRACE: not renewed, read and not written until `deletes_at`, ENDED. */
export const VOLUME_STATES = ['WAITING', 'READY', 'GRACE', 'ENDED'] as const;
export const FILE_STATES = ['UPLOADING', 'STORED', 'DELETED'] as const;
/**
 * Where a piece is. UNPLACED: no device is found for it yet, and its bytes are not wanted; PLANNED: a device is, and its bytes are wanted;
 * SPOOLED: its bytes are at the heap, on their way to the device; STORED: the device keeps it; SUSPECT: the device did not answer an audit
 * about it, and is asked again; LEAVING: kept, and moved to another device before it goes; MISSING: its device is away for too long, or says
 * that it has it no more; CORRUPT: its device proved to have other bytes. What is lost has another piece in its place as soon as one is made.
 */
export const PIECE_STATES = ['UNPLACED', 'PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING', 'MISSING', 'CORRUPT'] as const;

const volumeClass = z.enum(VOLUME_CLASSES);
const reason = z.object({ code, sentence: z.string() });
/** SHA-256 of a directory's public key under its domain. */
const directoryId = z.string().regex(/^[0-9a-f]{64}$/, 'a directory is named by 64 lower-case hexadecimal digits');
/** The plaintext of a segment is at most 16 MiB; its ciphertext has a little more. */
const SEGMENT_BYTES = 17 * 1024 * 1024;
const SEGMENTS_MAX = 65_536;
const PIECES_MAX = 255;

const pieceState = z.enum(PIECE_STATES);
/** How many pieces of the volume's stored files are in each state. */
const pieceCounts = z.object({
  UNPLACED: z.number().int(),
  PLANNED: z.number().int(),
  SPOOLED: z.number().int(),
  STORED: z.number().int(),
  SUSPECT: z.number().int(),
  LEAVING: z.number().int(),
  MISSING: z.number().int(),
  CORRUPT: z.number().int(),
});

const volumeTerms = z.strictObject({
  name: text(128).default(''),
  class: volumeClass,
  /** Of user data, in GB of 10⁹ bytes; the market sells n / k times as much of devices' space and a fifth more, and at least one GB of each device. */
  gigabytes: z.number().int().min(1).max(1_000),
  /** The most it pays for a GB-month of devices' space. */
  max_price_micro: price.refine((most) => most > 0n, 'a volume pays something'),
  /** Held at once; it never costs more. Null holds what `hours` and the grace after them cost at the maximum price. */
  budget_micro: micro.nullable().default(null),
  /** How long it shall last; null as long as the budget does, the last of it as its grace. A month is 720 hours. */
  hours: z.number().int().min(1).max(87_600).nullable().default(null),
});

const volume = z.object({
  id,
  name: z.string(),
  class: volumeClass,
  /** Any `k` of `n` pieces give a segment back; pieces are made anew when `repair_at` or fewer are there. */
  k: z.number().int(),
  n: z.number().int(),
  repair_at: z.number().int(),
  /** A write is acknowledged when so many pieces of each segment are kept by devices that are independent of each other. */
  acknowledge_at: z.number().int(),
  /** `small` is kept by few devices, beside a copy of the ciphertext at the heap itself. */
  durable: z.boolean(),
  state: z.enum(VOLUME_STATES),
  reason,
  gigabytes: z.number().int(),
  /** GB of devices' space: asked for, and leased now. */
  reserved: z.object({ wanted: z.number().int(), leased: z.number().int() }),
  reservation_id: id.nullable(),
  /**
   * Devices that lease it space, and those of them that are independent of each other as far as the heap knows: another owner cluster and another network.
   * `wanted` of these make it READY, a segment has pieces on `needed`, and the market is asked for `reserved`, so that placement can choose.
   */
  devices: z.object({
    leased: z.number().int(),
    independent: z.number().int(),
    wanted: z.number().int(),
    needed: z.number().int(),
    reserved: z.number().int(),
  }),
  files: z.number().int(),
  /** Of ciphertext in files that are not deleted. */
  bytes: z.number().int(),
  max_price_micro: microText,
  budget_micro: microText,
  charged_micro: microText,
  /** Until when it is paid for, and when its files are deleted unless it is renewed, as far as can be seen; null before its first device. */
  ends_at: instant.nullable(),
  deletes_at: instant.nullable(),
  created_at: instant,
  ended_at: instant.nullable(),
});

const volumeHealth = volume.extend({
  pieces: pieceCounts,
  /** Of the segment that has the fewest pieces; null without stored segments. */
  least: z
    .object({
      file_id: id,
      ordinal: z.number().int(),
      available: z.number().int(),
      /** Pieces that could still go before the segment is lost, and before it is repaired. */
      above_k: z.number().int(),
      above_repair: z.number().int(),
    })
    .nullable(),
  segments: z.object({ stored: z.number().int(), repairing: z.number().int(), lost: z.number().int() }),
  /** When a piece last proved that it is there. */
  audited_at: instant.nullable(),
  /** The piece that was proved longest ago, of those that are kept. */
  oldest_audit_at: instant.nullable(),
  repaired_bytes: z.number().int(),
  /** What it is worth, in words, under which assumptions, and which of these do not hold now. */
  durability: z.object({ sentence: z.string(), assumptions: z.array(z.string()), doubts: z.array(z.string()) }),
});

const file = z.object({
  id,
  volume_id: id,
  state: z.enum(FILE_STATES),
  /** What it waits for, or why it is gone. */
  reason,
  /** As committed; null before. */
  segments: z.number().int().nullable(),
  bytes: z.number().int(),
  created_at: instant,
  stored_at: instant.nullable(),
  deleted_at: instant.nullable(),
});

const descriptor = {
  /** Of ciphertext. */
  data_bytes: z.number().int().min(1).max(SEGMENT_BYTES),
  piece_bytes: z.number().int().min(1).max(PIECE_LIMITS.piece_bytes),
  /** Roots of the pieces' hash trees, by index: n of them. */
  roots: z.array(sha256).min(1).max(PIECES_MAX),
};

const segment = z.object({
  ordinal: z.number().int(),
  data_bytes: z.number().int(),
  piece_bytes: z.number().int(),
  roots: z.array(sha256),
  /** By index. */
  pieces: z.array(pieceState),
  /** Pieces by index of which the heap keeps a copy itself: k of `small`. They are brought even where no device is found for them. */
  held: z.array(z.number().int()),
});

const directory = z.object({ directory_id: directoryId, version: z.number().int(), sealed: z.string(), written_at: instant });

const volumeParams = z.strictObject({ volume_id: id });
const fileParams = z.strictObject({ file_id: id });
const segmentParams = z.strictObject({ file_id: id, ordinal: placeText.max(SEGMENTS_MAX - 1) });
const pieceParams = segmentParams.extend({ index: placeText.max(PIECES_MAX - 1) });
const page = z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) });

/** What a device keeps for volumes. */
const nodeStorage = z.object({
  node_id: id,
  /** As the device last said; null before it said so. */
  quota: z.object({ held: z.number().int(), bytes: z.number().int(), free_bytes: z.number().int(), said_at: instant }).nullable(),
  /** Pieces that it keeps now, their bytes, and for how many volumes of how many people. */
  pieces: z.number().int(),
  bytes: z.number().int(),
  volumes: z.number().int(),
  people: z.number().int(),
  /** By storage, before fees. */
  earned_micro: microText,
  audits: z.object({ passed: z.number().int(), failed: z.number().int(), unanswered: z.number().int(), last_at: instant.nullable() }),
  /** From 0 to 1: how far it can be believed to keep what it says, and to be there. */
  scores: z.object({ corruption: z.number(), online: z.number() }),
  /** When it had passed enough audits to be given as much as others; null while it is new. */
  vetted_at: instant.nullable(),
  /** Pieces that are moved away before they are deleted here. */
  leaving: z.number().int(),
});

export const volumeRoutes = {
  createVolume: route({
    method: 'POST',
    path: '/v1/volumes',
    summary: 'Buy a volume: its budget is held, and the storage market finds independent devices for its space',
    access: 'developer',
    status: 201,
    idempotent: true,
    body: volumeTerms,
    response: volume,
  }),
  listVolumes: route({
    method: 'GET',
    path: '/v1/volumes',
    summary: "The caller's volumes, newest first",
    access: 'developer',
    status: 200,
    query: page,
    response: z.object({ volumes: z.array(volume) }),
  }),
  getVolume: route({
    method: 'GET',
    path: '/v1/volumes/:volume_id',
    summary: 'One volume with its health: pieces by state, the least margin, audits, cost, and what it is worth in words',
    access: 'developer',
    status: 200,
    params: volumeParams,
    response: volumeHealth,
  }),
  renewVolume: route({
    method: 'POST',
    path: '/v1/volumes/:volume_id/renew',
    summary: 'Let a volume last longer, also one that nobody renewed in time while its files are there. The same again changes nothing',
    access: 'developer',
    status: 200,
    params: volumeParams,
    body: z
      .strictObject({
        /** Paid for until then; of a volume with hours. Holds what the added time costs at the maximum price, unless a budget is stated. */
        until: instant.nullable().default(null),
        /** What it may cost in all since it was bought. */
        budget_micro: micro.nullable().default(null),
      })
      .refine(({ until, budget_micro }) => until !== null || budget_micro !== null, 'say until when, or with how much'),
    response: volume,
  }),
  deleteVolume: route({
    method: 'DELETE',
    path: '/v1/volumes/:volume_id',
    summary: 'Give a volume up now: its files are deleted, the rest of its budget returns',
    access: 'developer',
    status: 200,
    params: volumeParams,
    response: volume,
  }),
  createFile: route({
    method: 'POST',
    path: '/v1/volumes/:volume_id/files',
    summary: 'Begin a file: its segments follow, and a commit makes it stored',
    access: 'developer',
    status: 201,
    idempotent: true,
    params: volumeParams,
    body: z.strictObject({}),
    response: z.object({ file_id: id }),
  }),
  listFiles: route({
    method: 'GET',
    path: '/v1/volumes/:volume_id/files',
    summary: 'The files of a volume by their ids, newest first: the heap knows no names',
    access: 'developer',
    status: 200,
    params: volumeParams,
    query: page,
    response: z.object({ files: z.array(file) }),
  }),
  putSegment: route({
    method: 'PUT',
    path: '/v1/files/:file_id/segments/:ordinal',
    summary:
      'Announce a segment by its descriptor: devices are found for its pieces. The same again changes nothing, another is a conflict',
    access: 'developer',
    status: 200,
    params: segmentParams,
    body: z.strictObject(descriptor),
    response: segment,
  }),
  putPiece: route({
    method: 'PUT',
    path: '/v1/files/:file_id/segments/:ordinal/pieces/:index',
    summary:
      'Hand over the bytes of a piece; they are checked against its root and kept durably until its device has them. 503 `relay_full` while there is no room, 503 `piece_unplaced` while no device is found',
    access: 'developer',
    status: 204,
    params: pieceParams,
    body: 'stream',
    body_bytes_max: PIECE_LIMITS.piece_bytes,
  }),
  getPiece: route({
    method: 'GET',
    path: '/v1/files/:file_id/segments/:ordinal/pieces/:index',
    summary: 'The bytes of a piece, from its device; 503 `piece_unavailable` at once when that is away: take another piece',
    access: 'person',
    status: 200,
    params: pieceParams,
    response: 'binary',
  }),
  getFile: route({
    method: 'GET',
    path: '/v1/files/:file_id',
    summary: 'A file with its segments and where their pieces are: to resume an upload, to read it, to check it',
    access: 'person',
    status: 200,
    params: fileParams,
    query: z.strictObject({
      /** Segments from this ordinal on. */
      from: placeText.default(0),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(HTTP_LIMITS.page_items),
    }),
    response: file.extend({ k: z.number().int(), n: z.number().int(), class: volumeClass, page: z.array(segment) }),
  }),
  commitFile: route({
    method: 'POST',
    path: '/v1/files/:file_id/commit',
    summary: 'Say that these are all segments: stored once enough pieces of each are kept by independent devices, else what it waits for',
    access: 'developer',
    status: 200,
    params: fileParams,
    query: z.strictObject({ wait_ms: z.coerce.number().int().min(0).max(25_000).default(0) }),
    body: z.strictObject({ segments: z.number().int().min(1).max(SEGMENTS_MAX) }),
    response: file,
  }),
  deleteFile: route({
    method: 'DELETE',
    path: '/v1/files/:file_id',
    summary: 'Delete a file: its pieces are deleted at their devices, and its id stays known as deleted for 31 days',
    access: 'developer',
    status: 200,
    params: fileParams,
    response: file,
  }),
  putDirectory: route({
    method: 'PUT',
    path: '/v1/volumes/:volume_id/directories/:directory_id',
    summary: 'Write the next version of a directory, signed by its key; anything but the version after the present one is a conflict',
    access: 'developer',
    status: 200,
    params: z.strictObject({ volume_id: id, directory_id: directoryId }),
    body: z.strictObject({
      version: z.number().int().min(1).max(2_147_483_647),
      /** Encrypted and signed by the client, in base64. */
      sealed: z
        .base64()
        .min(4)
        .max(Math.ceil((256 * 1024) / 3) * 4),
    }),
    response: directory.omit({ sealed: true }),
  }),
  getDirectory: route({
    method: 'GET',
    path: '/v1/directories/:directory_id',
    summary: 'The present version of a directory: only its capability opens it',
    access: 'person',
    status: 200,
    params: z.strictObject({ directory_id: directoryId }),
    response: directory,
  }),
  getNodeStorage: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/storage',
    summary: "What one of the caller's devices keeps for volumes, for how many, what that earned, and its audits and scores",
    access: 'owner',
    status: 200,
    params: z.strictObject({ node_id: id }),
    response: nodeStorage,
  }),
  ...pieceRoutes,
} as const;
