import * as z from 'zod';
import { deviceRules, WORD_ORIGINS } from '../device-rules.js';
import { code, id, instant } from '../scalars.js';
import { route } from './route.js';

const reason = z.object({ code, sentence: z.string() });
const node_id = z.strictObject({ node_id: id });
const origin = z.enum(WORD_ORIGINS);

/** Up to 24 days: what every device's timer can wait. */
export const HOLD_MS_MAX = 24 * 24 * 3_600_000;
export const holdBody = z.strictObject({
  /** Null lasts until it is released. */
  for_ms: z.number().int().min(1_000).max(HOLD_MS_MAX).nullable(),
});

export const holdView = z.object({
  held: z.boolean(),
  /** Null while it is not held, or until it is released. */
  until: instant.nullable(),
  /** Where that was said last. */
  origin,
  /** Whether the device has it already: "on the device", or why not yet. */
  status: reason,
});

export const nodeRules = z.object({
  node_id: id,
  /** The newest that its owner has set, at the heap or on the device; null where nobody has. */
  set: z.object({ version: z.number().int(), origin, rules: deviceRules, set_at: instant.nullable() }).nullable(),
  /** What the device says it goes by; null until it has said so. Rules set at the heap are kept within what the device allows anybody. */
  in_force: z.object({ version: z.number().int(), origin, rules: deviceRules, since: instant }).nullable(),
  /** It was started so that it takes no rules from the heap. */
  own_rules_only: z.boolean(),
  /** `on_device`, `on_its_way`, `waits_for_device`, `own_rules_only`, or `not_ruled`. */
  status: reason,
  hold: holdView,
});

export const yieldView = z.object({
  at: instant,
  reason,
  /** From the word until nothing of the heap ran on the device any more, measured there. */
  give_back_ms: z.number(),
  leases: z.number().int(),
});

export const readings = z.object({
  at: instant,
  /** 0 to 1. */
  battery: z.number().nullable(),
  charging: z.boolean().nullable(),
  temperature_c: z.number().nullable(),
  metered: z.boolean().nullable(),
  load: z.number().nullable(),
});

export const ownerWordRoutes = {
  getNewDeviceRules: route({
    method: 'GET',
    path: '/v1/device-rules',
    summary: 'What new devices of the caller begin with; null is the safe rules of the agent',
    access: 'owner',
    status: 200,
    response: z.object({ rules: deviceRules.nullable() }),
  }),
  putNewDeviceRules: route({
    method: 'PUT',
    path: '/v1/device-rules',
    summary: 'Say what new devices of the caller begin with; devices that are here already keep theirs',
    access: 'owner',
    status: 200,
    body: z.strictObject({ rules: deviceRules.nullable() }),
    response: z.object({ rules: deviceRules.nullable() }),
  }),
  getNodeRules: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/rules',
    summary: 'When a device works: what was set and where, what is in force and since when',
    access: 'owner',
    status: 200,
    params: node_id,
    response: nodeRules,
  }),
  putNodeRules: route({
    method: 'PUT',
    path: '/v1/nodes/:node_id/rules',
    summary: 'Say when a device works; it takes effect on the device within a second, or when it is back',
    access: 'owner',
    status: 200,
    params: node_id,
    body: z.strictObject({ rules: deviceRules }),
    response: nodeRules,
  }),
  holdNode: route({
    method: 'POST',
    path: '/v1/nodes/:node_id/hold',
    summary: 'The hold button: what runs on the device is given back at once; a hold ends by itself after its time',
    access: 'owner',
    status: 200,
    params: node_id,
    body: holdBody,
    response: nodeRules,
  }),
  releaseNode: route({
    method: 'DELETE',
    path: '/v1/nodes/:node_id/hold',
    summary: 'End a hold, wherever it was said; the rules still count',
    access: 'owner',
    status: 200,
    params: node_id,
    response: nodeRules,
  }),
  listYields: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/yields',
    summary: 'The last 256 times that a device was given back while something ran, newest first, with the time it took',
    access: 'owner',
    status: 200,
    params: node_id,
    response: z.object({
      times: z.object({ count: z.number().int(), p50_ms: z.number(), p99_ms: z.number() }).nullable(),
      yields: z.array(yieldView),
    }),
  }),
  listReadings: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/readings',
    summary: 'What a device felt in the last day, every quarter of an hour, oldest first',
    access: 'owner',
    status: 200,
    params: node_id,
    response: z.object({ readings: z.array(readings) }),
  }),
} as const;
