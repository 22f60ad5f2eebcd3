import * as z from 'zod';
import { VIEW_CLASSES, WORKLOAD_CLASS_NAMES } from '#units';
import { base64, code, id, instant, keyAlgorithm, nodeKind, PUBLIC_KEY_CHARACTERS, sha256, slotClass, text } from '../scalars.js';
import { readings } from './owner-words.js';
import { partnerCode } from './partners.js';
import { route } from './route.js';

export const NODE_STATES = ['ENROLLED', 'ONLINE', 'BUSY', 'PAUSED', 'DISCONNECTED', 'REVOKED'] as const;

/** What an owner sees: connected without an offer, waiting for work, working, paused by a rule or its owner, moving to another gateway, away, and gone. */
export const PRESENCES = ['online', 'idle', 'busy', 'paused', 'draining', 'disconnected', 'lost'] as const;

export const presence = z.object({
  node_id: id,
  state: z.enum(PRESENCES),
  reason: z.object({ code, sentence: z.string() }),
  /** Of the last change of the state. */
  changed_at: instant,
});
export type Presence = z.output<typeof presence>;

export const node = z.object({
  id,
  name: z.string(),
  kind: nodeKind,
  state: z.enum(NODE_STATES),
  /** Why it is in this state, in one sentence with its code. */
  reason: z.object({ code, sentence: z.string() }),
  presence: z.enum(PRESENCES).nullable(),
  presence_changed_at: instant.nullable(),
  /** Rules with weights that add up to the score. */
  health: z.object({
    score: z.number().int(),
    rules: z.array(z.object({ name: z.string(), weight: z.number().int(), sentence: z.string() })),
  }),
  agent_version: z.string().nullable(),
  slots: z.array(z.object({ slot_class: slotClass, count: z.number().int(), leased: z.number().int() })),
  /** What it computes now: one entry a lease. */
  work: z.array(
    z.object({
      lease_id: id,
      slot_class: slotClass,
      view_class: z.enum(VIEW_CLASSES),
      /** What the tasks may see and use, in sentences. */
      may: z.array(z.string()),
      /** What it does, in a sentence for its owner. */
      doing: z.string(),
      job_name: z.string(),
      workload_class: z.enum(WORKLOAD_CLASS_NAMES),
      since: instant,
      /** Finished here and paid, under this lease. */
      tasks_here: z.number().int(),
      /** Of the whole job; it may grow while the job is open. */
      tasks_done: z.number().int(),
      tasks: z.number().int(),
    }),
  ),
  /** What it feels, as it said last; null of one that tells nothing. */
  readings: readings.nullable(),
  hold: z.object({ held: z.boolean(), until: instant.nullable() }),
  /** Words by which its owner finds it again. */
  groups: z.array(z.string()),
  speed_fuel_per_ms: z.number(),
  enrolled_at: instant,
  last_seen_at: instant.nullable(),
});

export const nodeRoutes = {
  createEnrolmentCode: route({
    method: 'POST',
    path: '/v1/enrolment-codes',
    summary: 'A code that enrols one device, once, within ten minutes',
    access: 'owner',
    status: 201,
    body: z.strictObject({
      /** The partner's enrolment link that brings the device. */
      partner: partnerCode.optional(),
    }),
    response: z.object({
      code: z.string(),
      expires_at: instant,
      /** For a device with Node.js. */
      command: z.string(),
      /** For a device with a browser: opening the link is all. */
      join_url: z.string(),
      /** What keeps other devices from using the link, in a sentence; null when nothing does. */
      join_hint: z.string().nullable(),
    }),
  }),
  enrolNode: route({
    method: 'POST',
    path: '/v1/nodes',
    summary: 'Enrol a device with a code; the body is signed with the key made on the device',
    access: 'public',
    status: 201,
    body: z
      .strictObject({
        enrolment_code: z.string().min(16).max(128),
        key_algorithm: keyAlgorithm.default('ed25519'),
        /** Raw: 32 bytes of Ed25519, or the uncompressed point of P-256. */
        public_key: base64.max(88),
        /** Of P-256 in the form of IEEE P1363: r and s, 32 bytes each. */
        signature: base64.max(128),
        name: text(64).min(1),
        kind: nodeKind,
      })
      .refine(({ key_algorithm, public_key }) => public_key.length === PUBLIC_KEY_CHARACTERS[key_algorithm], {
        path: ['public_key'],
        message: 'it does not have the length of a raw public key of its algorithm',
      }),
    response: z.object({
      node_id: id,
      /** The heap's Ed25519 public key (raw, base64): the node verifies leases with it. */
      heap_public_key: base64,
      socket_path: z.string(),
    }),
  }),
  streamPresence: route({
    method: 'GET',
    path: '/v1/presence/stream',
    summary:
      "The presence of the caller's devices as server-sent events (`snapshot`, then `presence` with each change); Last-Event-ID or `after` catches up; `all` shows admins every device",
    access: 'person',
    status: 200,
    query: z.strictObject({
      after: z
        .string()
        .regex(/^\d{1,18}$/)
        .optional(),
      all: z.enum(['true', 'false']).optional(),
    }),
    response: 'event-stream',
  }),
  listNodes: route({
    method: 'GET',
    path: '/v1/nodes',
    summary: "The caller's devices",
    access: 'owner',
    status: 200,
    response: z.object({ nodes: z.array(node) }),
  }),
  getNode: route({
    method: 'GET',
    path: '/v1/nodes/:node_id',
    summary: 'One device',
    access: 'owner',
    status: 200,
    params: z.strictObject({ node_id: id }),
    response: node,
  }),
  revokeNode: route({
    method: 'DELETE',
    path: '/v1/nodes/:node_id',
    summary: 'Take a device out of the heap for good; its connection closes at once',
    access: 'owner',
    status: 204,
    params: z.strictObject({ node_id: id }),
  }),
  getBlob: route({
    method: 'GET',
    path: '/v1/blobs/:hash',
    summary: 'Bytes by their SHA-256: what the caller put, or what a lease of the calling node needs',
    access: 'person-or-node',
    status: 200,
    params: z.strictObject({ hash: sha256 }),
    response: 'binary',
  }),
  putBlob: route({
    method: 'PUT',
    path: '/v1/blobs/:hash',
    summary: 'Store bytes under their SHA-256; refused when they do not match it',
    access: 'person-or-node',
    status: 204,
    params: z.strictObject({ hash: sha256 }),
    body: 'binary',
  }),
} as const;
