import { z } from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, nodeKind, place, region, slotClass, text } from '../scalars.js';
import { NODE_STATES, node, PRESENCES } from './nodes.js';
import { route } from './route.js';
import { penalty } from './verification.js';

const count = z.number().int();
const reason = z.object({ code, sentence: z.string() });
const flag = z.enum(['true', 'false']).optional();
const because = z.strictObject({ reason: text(2_000).refine((value) => value.trim() !== '', 'say why in a sentence') });

export const NODE_SORTS = ['name', 'enrolled', 'seen', 'health', 'speed', 'results', 'mismatches'] as const;
export const NODE_STANDINGS = ['unknown', 'unchecked', 'sound', 'suspect', 'banned'] as const;

/** How many there are; `at_least` when nobody counted further. */
export const total = z.object({ count, at_least: z.boolean() });

export const adminNode = z.object({
  node_id: id,
  name: z.string(),
  kind: nodeKind,
  owner: z.object({ person_id: id, name: z.string(), email: z.string() }),
  state: z.enum(NODE_STATES),
  presence: z.enum(PRESENCES).nullable(),
  reason,
  region: z.string().nullable(),
  agent_version: z.string().nullable(),
  /** The sum of its health rules when it was last added up, every five minutes. */
  health_score: count,
  speed_fuel_per_ms: z.number(),
  /** `suspect`: some result of it was proven wrong; `sound`: some was checked and none was; `unchecked`: none was checked yet. */
  standing: z.enum(NODE_STANDINGS),
  results: count,
  mismatches: count,
  leases: count,
  drained: z.boolean(),
  enrolled_at: instant,
  last_seen_at: instant.nullable(),
});

export const adminNodeDetail = adminNode.omit({ leases: true, reason: true, health_score: true }).extend({
  reason,
  drained: z.boolean(),
  drained_at: instant.nullable(),
  /** As its owner sees it, with the rules of its health. */
  view: node,
  partner_id: id.nullable(),
  cluster: z.object({ cluster_id: id, owners: count }).nullable(),
  reputation: z.object({
    results: count,
    checked: count,
    confirmed_in_a_row: count,
    pending_checks: count,
    mismatches: count,
    banned: z.string().nullable(),
  }),
  leases: z.array(
    z.object({
      lease_id: id,
      job_id: id,
      slot_class: slotClass,
      state: z.enum(['ACTIVE', 'DRAINING', 'ENDED']),
      reason: reason.nullable(),
      price_micro: microText,
      tasks: count,
      charged_micro: microText,
      granted_at: instant,
      ended_at: instant.nullable(),
    }),
  ),
  /** The last of its results that are checked or may be. */
  results_last: z.array(
    z.object({
      job_id: id,
      index: place,
      epoch: count,
      outcome: z.string(),
      verdict: z.string().nullable(),
      fuel_used: z.number(),
      charge_micro: microText,
      wall_ms: z.number(),
      finished_at: instant,
    }),
  ),
  penalties: z.array(penalty.pick({ penalty_id: true, kind: true, state: true, reason: true, created_at: true, lapses_at: true })),
  presence_changes: z.array(z.object({ state: z.enum(PRESENCES), reason, changed_at: instant })),
});

const nodeParams = z.strictObject({ node_id: id });
const deed = (path: string, summary: string) =>
  route({
    method: 'POST',
    path: `/v1/admin/nodes/:node_id/${path}`,
    summary,
    access: 'admin',
    status: 200,
    params: nodeParams,
    body: because,
    response: adminNodeDetail,
  });

export const adminNodeRoutes = {
  searchNodes: route({
    method: 'GET',
    path: '/v1/admin/nodes',
    summary: 'Devices of all owners, filtered, sorted and counted here; `cursor` of one page gives the next',
    access: 'admin',
    status: 200,
    query: z.strictObject({
      /** A part of the name, or the beginning of an id. */
      q: text(64).optional(),
      kind: nodeKind.optional(),
      presence: z.enum(PRESENCES).optional(),
      connected: flag,
      /** `none`: nobody knows where it is. */
      region: region.or(z.literal('none')).optional(),
      version: text(64).optional(),
      owner_id: id.optional(),
      standing: z.enum(NODE_STANDINGS).optional(),
      /** With a penalty in force. */
      penalised: flag,
      drained: flag,
      health_below: z.coerce.number().int().min(-1_000).max(1_000).optional(),
      /** Also those that were taken out. */
      gone: flag,
      sort: z.enum(NODE_SORTS).default('enrolled'),
      order: z.enum(['up', 'down']).default('down'),
      cursor: text(512).optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(50),
    }),
    response: z.object({ nodes: z.array(adminNode), total, next: z.string().nullable() }),
  }),
  inspectNode: route({
    method: 'GET',
    path: '/v1/admin/nodes/:node_id',
    summary: 'Everything that the heap knows of a device',
    access: 'admin',
    status: 200,
    params: nodeParams,
    response: adminNodeDetail,
  }),
  drainNode: deed('drain', 'Give a device no more work; it finishes what it has. Its owner sees the reason. Logged'),
  fillNode: deed('fill', 'Give a drained device work again. Logged'),
  revokeNodeByAdmin: deed('revoke', 'Take a device out of the heap for good; its owner sees the reason. Logged'),
} as const;
