import * as z from 'zod';
import { STORAGE_CLASSES } from '#units';
import { deviceRules, WORD_ORIGINS } from '../device-rules.js';
import { PIECE_LIMITS, SOCKET_LIMITS } from '../limits.js';
import { base64, code, fuel, id, keyAlgorithm, place, price, programText, sha256, slotClass } from '../scalars.js';
import { view } from '../view.js';

/** Bytes travel inside the message up to `inline_bytes`, else by the hash of a blob fetched or put over HTTP. */
export const payload = z.union([
  z.strictObject({ inline: base64.max(Math.ceil(SOCKET_LIMITS.inline_bytes / 3) * 4) }),
  z.strictObject({ hash: sha256, bytes: z.number().int().min(0) }),
]);

const epoch = place.min(1);
const index = place;
const taskKey = z.tuple([index, epoch]);
const sentence = programText(512);
const origin = z.enum(WORD_ORIGINS);
/** Up to ten years. */
const span = z.number().int().min(0).max(315_360_000_000);

/** 128 bits in hex. */
export const commitmentNonce = z.string().regex(/^[0-9a-f]{32}$/);

export const VERDICTS = [
  'ok',
  'exit',
  'trap',
  'out-of-fuel',
  'stack-overflow',
  'output-limit',
  'refused',
  'host-oom',
  'host-stack',
  'timeout',
  'killed',
] as const;

export const runLimits = z.strictObject({
  fuel,
  stack_bytes: z.number().int().min(1024),
  memory_bytes: z.number().int().min(65_536),
  output_bytes: z.number().int().min(0),
  log_bytes: z.number().int().min(0),
  wall_ms: z.number().int().min(1),
  /** Names and bytes of the scratch directory; none where there is none. */
  files: z.number().int().min(0),
  file_bytes: z.number().int().min(0),
  host_calls: z.number().int().min(1),
});

export const moduleRef = z.strictObject({
  hash: sha256,
  metered_hash: sha256,
  meter_id: z.string().max(64),
  kind: z.enum(['wasm', 'javascript']),
  codec: z.enum(['bytes', 'json']),
  bytes: z.number().int().min(0),
});

/** What a lease grants; the broker signs it (see `leaseSigningText`) and the node refuses a lease whose signature does not hold. */
export const leaseTerms = z.strictObject({
  lease_id: id,
  epoch,
  node_id: id,
  job_id: id,
  slot_class: slotClass,
  price_micro: z.string(),
  term_ms: z.number().int().min(1),
  module: moduleRef,
  limits: runLimits,
  /** What the task may see beyond its input; empty is nothing at all. */
  view,
  /** Each result is committed to first, and revealed when the heap asks. Only to nodes that know how. */
  commit: z.literal(true).optional(),
});

const result = z.strictObject({
  index,
  epoch,
  verdict: z.enum(VERDICTS),
  detail: sentence.nullable(),
  exit_code: z.int32().nullable(),
  fuel_used: fuel,
  output: payload,
  output_hash: sha256,
  logs: programText(SOCKET_LIMITS.logs_bytes),
  wall_ms: z.number().min(0),
  memory_peak_bytes: z.number().int().min(0),
  /** With it the result is what was committed to. */
  nonce: commitmentNonce.optional(),
});

/** Why a node did not do what it was told about a piece. Only `piece_corrupt` and `piece_missing` say that the piece is lost there. */
export const PIECE_FAILURES = ['piece_missing', 'piece_corrupt', 'no_room', 'root_differs', 'transfer_failed', 'rules'] as const;
export type PieceFailure = (typeof PIECE_FAILURES)[number];

const pieceIds = z.array(id).min(1).max(PIECE_LIMITS.pieces);
const pieceBytes = z.number().int().min(1).max(PIECE_LIMITS.piece_bytes);
const pieceSpan = z.number().int().min(0).max(PIECE_LIMITS.span_ms);
const storageBytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Every message body by type. `reliable` ones are numbered, acknowledged and resent. */
export const BODIES = {
  challenge: z.strictObject({
    nonce: z.string().min(22).max(128),
    server_id: z.string().max(64),
    versions: z.array(z.string().max(32)).max(8),
  }),
  hello: z.strictObject({
    node_id: id,
    version: z.string().max(32),
    agent_version: programText(64),
    /** That of the key the device enrolled with. */
    algorithm: keyAlgorithm.default('ed25519'),
    signature: base64.max(128),
    resume: z.strictObject({ sid: id, h: z.number().int().min(0) }).optional(),
    /** Of the challenge's versions those beyond the first that it knows; an older heap, which names none, is not told. */
    speaks: z.array(z.string().max(32)).max(8).optional(),
  }),
  welcome: z.strictObject({
    sid: id,
    resumed: z.boolean(),
    h: z.number().int().min(0),
    session_epoch: epoch,
    heartbeat_ms: z.number().int().min(1),
    min_agent_version: z.string().max(64),
    /** Bearer token of this session for blobs over HTTP. */
    token: z.string().max(256),
    limits: z.strictObject({
      frame_bytes: z.number().int(),
      inline_bytes: z.number().int(),
      window_messages: z.number().int(),
      window_bytes: z.number().int(),
    }),
  }),
  state: z.strictObject({
    leases: z
      .array(
        z.strictObject({
          lease_id: id,
          epoch,
          tasks: z.array(z.strictObject({ index, epoch, phase: z.enum(['waiting', 'running', 'finished']) })).max(4096),
        }),
      )
      .max(256),
    /** What a node holds may not fit into one frame: further parts follow, which may name the same lease again with more of its tasks. */
    more: z.boolean().default(false),
  }),
  reconcile: z.strictObject({
    leases: z.array(z.strictObject({ lease_id: id, epoch, action: z.enum(['keep', 'stop', 'upload', 'discard']), reason: code })).max(256),
  }),
  ack: z.strictObject({}),
  /** In place of a message that has aged: only its number arrives. */
  skip: z.strictObject({}),
  hb: z.strictObject({
    running: z.number().int().min(0),
    load: z.number().min(0).optional(),
    battery: z.number().min(0).max(1).optional(),
    charging: z.boolean().optional(),
    temperature_c: z.number().optional(),
    metered: z.boolean().optional(),
  }),
  'hb.ok': z.strictObject({
    renewed: z.array(z.strictObject({ lease_id: id, remaining_ms: z.number().int().min(0) })).max(256),
    /** Leases that are over and whose end the node has not confirmed: a way around a full window. */
    cancel: z.array(id).max(256),
  }),
  offer: z.strictObject({
    slots: z
      .array(z.strictObject({ slot_class: slotClass, count: z.number().int().min(0).max(1024), reserve_price_micro: price.nullable() }))
      .max(4)
      .refine((slots) => new Set(slots.map((s) => s.slot_class)).size === slots.length, 'each slot class is offered once'),
    /** Slots that it keeps for services, beside those for work; none unless its owner allots some. */
    standing: z
      .array(z.strictObject({ slot_class: slotClass, count: z.number().int().min(0).max(1024), reserve_price_micro: price.nullable() }))
      .max(4)
      .refine((slots) => new Set(slots.map((s) => s.slot_class)).size === slots.length, 'each slot class is offered once')
      .default([]),
    /** Bytes that it keeps; sold in whole GB of 10⁹. */
    storage: z
      .array(
        z.strictObject({
          storage_class: z.enum(STORAGE_CLASSES),
          bytes: z.number().int().min(0).max(1_000_000_000_000_000),
          reserve_price_micro: price.nullable(),
        }),
      )
      .max(2)
      .refine((parts) => new Set(parts.map((s) => s.storage_class)).size === parts.length, 'each storage class is offered once')
      .default([]),
    /** Measured speed: fuel per millisecond of one slot. */
    speed_fuel_per_ms: z.number().min(0),
    available: z.boolean(),
    reason: z.strictObject({ code, sentence }),
  }),
  lease: z.strictObject({ terms: leaseTerms, signature: base64.max(128) }),
  'lease.end': z.strictObject({ lease_id: id, epoch, reason: z.strictObject({ code, sentence }) }),
  tasks: z.strictObject({
    lease_id: id,
    epoch,
    tasks: z
      .array(z.strictObject({ index, epoch, input: payload }))
      .min(1)
      .max(512),
  }),
  /** SHA-256 of `commitmentText` for each finished task of a lease that asks for it. Said again in a new session. */
  commits: z.strictObject({
    lease_id: id,
    epoch,
    commits: z
      .array(z.strictObject({ index, epoch, commitment: sha256 }))
      .min(1)
      .max(512),
  }),
  /** The results of these tasks may come now; a node that gives its lease back reveals unasked. */
  reveal: z.strictObject({ lease_id: id, epoch, tasks: z.array(taskKey).min(1).max(4096) }),
  results: z.strictObject({ lease_id: id, epoch, results: z.array(result).min(1).max(512) }),
  'results.ack': z.strictObject({
    lease_id: id,
    accepted: z.array(taskKey),
    duplicate: z.array(taskKey),
    stale: z.array(taskKey),
    rejected: z.array(z.strictObject({ index, epoch, code, sentence })),
  }),
  yield: z.strictObject({ lease_id: id, epoch, notice_ms: z.number().int().min(0), reason: z.strictObject({ code, sentence }) }),
  /** These tasks, or all of the lease's, are to stop at once; `cancelled` confirms it. */
  cancel: z.strictObject({ lease_id: id, epoch, tasks: z.array(taskKey).max(4096).optional() }),
  /** They do not run any more and nothing of them will be reported. */
  cancelled: z.strictObject({ lease_id: id, epoch, tasks: z.array(taskKey).max(4096).optional() }),
  /** What the owner's word is on this device: which rules are in force, and whether it is held. Said at the beginning and with each change. */
  owner: z.strictObject({
    /** Version 0 where its owner has ruled nothing: it goes by what it was started with. */
    rules: z.strictObject({ version: place, origin, rules: deviceRules, since_ms: span }),
    /** It takes rules set on itself only. */
    own_rules_only: z.boolean(),
    hold: z.strictObject({ version: place, origin, held: z.boolean(), remaining_ms: span.nullable() }).nullable(),
  }),
  /** What its owner has said at the heap; only to nodes that have said `owner`. What is not newer than what the device knows changes nothing. */
  wish: z.strictObject({
    rules: z.strictObject({ version: place, rules: deviceRules }).nullable(),
    /** No time remaining of one that lasts until it is released. */
    hold: z.strictObject({ version: place, held: z.boolean(), remaining_ms: span.nullable() }).nullable(),
  }),
  /** The device gave back what ran: why, and how long it took until nothing ran any more. */
  given: z.strictObject({
    reason: z.strictObject({ code, sentence }),
    took_ms: z.number().min(0).max(86_400_000),
    leases: z.number().int().min(0).max(1_024),
    /** How long ago; not now where it was not connected. */
    ago_ms: span,
  }),
  /** It keeps pieces of volumes: how many, how many bytes they take, and how many more it has room for. Said at the beginning and when the quota changes. */
  pieces: z.strictObject({ held: storageBytes, bytes: storageBytes, free_bytes: storageBytes }),
  /** To be fetched over HTTP within the deadline, and kept for so long unless an audit renews that; only to nodes that have said `pieces`. */
  'piece.put': z.strictObject({
    piece_id: id,
    transfer_id: id,
    bytes: pieceBytes,
    /** Of its hash tree. */
    root: sha256,
    keep_ms: pieceSpan,
    deadline_ms: pieceSpan,
  }),
  /** It is on the disk. Said again whenever the piece is put again. */
  'piece.stored': z.strictObject({ piece_id: id, transfer_id: id }),
  /** These bytes of a piece are to be sent over HTTP within the deadline. */
  'piece.get': z.strictObject({
    piece_id: id,
    transfer_id: id,
    offset: z.number().int().min(0).max(PIECE_LIMITS.piece_bytes),
    bytes: pieceBytes,
    deadline_ms: pieceSpan,
  }),
  /** What was to be done was not, or a piece turned out to be lost: without a transfer where nobody had asked. */
  'piece.failed': z.strictObject({ piece_id: id, transfer_id: id.nullable(), code: z.enum(PIECE_FAILURES), sentence }),
  /** These are not needed any more. */
  'piece.del': z.strictObject({ pieces: pieceIds }),
  /** These are not here (any more): deleted as told, or given up. */
  'piece.gone': z.strictObject({ pieces: pieceIds }),
  /** Proof is asked for that these leaves are here. It renews how long their pieces are kept. */
  audit: z.strictObject({
    audit_id: id,
    challenges: z
      .array(z.strictObject({ piece_id: id, leaf: place }))
      .min(1)
      .max(PIECE_LIMITS.challenges),
  }),
  /** In the order of the challenges. No data of what the node does not have, or has no longer as it was. */
  'audit.answer': z.strictObject({
    audit_id: id,
    answers: z
      .array(
        z.strictObject({
          piece_id: id,
          data: base64.max(Math.ceil(PIECE_LIMITS.leaf_bytes / 3) * 4).nullable(),
          proof: z.array(sha256).max(PIECE_LIMITS.proof),
        }),
      )
      .min(1)
      .max(PIECE_LIMITS.challenges),
  }),
  /** How the heap wants this node to behave from now on. */
  config: z.strictObject({ heartbeat_ms: z.number().int().min(1) }),
  /** Connect again after a random part of this time; work goes on meanwhile and afterwards. */
  drain: z.strictObject({ reconnect_in_ms: z.number().int().min(0) }),
  throttle: z.strictObject({ retry_in_ms: z.number().int().min(0), code }),
  error: z.strictObject({ code, message: sentence, fault: z.enum(['user', 'owner', 'developer', 'platform', 'provider']) }),
  bye: z.strictObject({ code }),
} as const;

export type MessageType = keyof typeof BODIES;
export type Body<T extends MessageType> = z.output<(typeof BODIES)[T]>;
/** A body as it is written to the wire. */
export type WireBody<T extends MessageType> = z.input<(typeof BODIES)[T]>;
export type LeaseTerms = z.output<typeof leaseTerms>;
export type Payload = z.output<typeof payload>;
export type TaskResult = z.output<typeof result>;
export type WireRunLimits = z.output<typeof runLimits>;
export type ModuleRef = z.output<typeof moduleRef>;

const RELIABLE: ReadonlySet<MessageType> = new Set([
  'state',
  'reconcile',
  'skip',
  'offer',
  'lease',
  'lease.end',
  'tasks',
  'commits',
  'reveal',
  'results',
  'results.ack',
  'yield',
  'cancel',
  'cancelled',
  'owner',
  'wish',
  'given',
  'pieces',
  'piece.put',
  'piece.stored',
  'piece.get',
  'piece.failed',
  'piece.del',
  'piece.gone',
  'audit',
  'audit.answer',
] as const);
export const isReliable = (t: MessageType): boolean => RELIABLE.has(t);

/** Which end may send what: anything else is malformed. */
export const FROM_NODE: ReadonlySet<MessageType> = new Set([
  'hello',
  'state',
  'ack',
  'skip',
  'hb',
  'offer',
  'commits',
  'results',
  'yield',
  'cancelled',
  'owner',
  'given',
  'pieces',
  'piece.stored',
  'piece.failed',
  'piece.gone',
  'audit.answer',
  'throttle',
  'error',
  'bye',
] as const);
export const FROM_BROKER: ReadonlySet<MessageType> = new Set([
  'challenge',
  'welcome',
  'reconcile',
  'ack',
  'skip',
  'hb.ok',
  'lease',
  'lease.end',
  'tasks',
  'reveal',
  'results.ack',
  'cancel',
  'wish',
  'piece.put',
  'piece.get',
  'piece.del',
  'audit',
  'config',
  'drain',
  'throttle',
  'error',
  'bye',
] as const);
