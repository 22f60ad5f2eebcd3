import * as z from 'zod';
import { deviceRules } from '../device-rules.js';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, label, price, text } from '../scalars.js';
import { node } from './nodes.js';
import { holdBody } from './owner-words.js';
import { route } from './route.js';

const groups = z
  .array(label)
  .max(16)
  .refine((words) => new Set(words).size === words.length, 'each group is named once');

/** What can be done to many devices at a time. */
export const fleetDeed = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('hold'), for_ms: holdBody.shape.for_ms }),
  z.strictObject({ do: z.literal('release') }),
  z.strictObject({ do: z.literal('rules'), rules: deviceRules }),
  /** At all hours, for 10¹² fuel; null goes back to the owner's hours, the agent's price, or the electricity. */
  z.strictObject({ do: z.literal('price'), price_micro: price.nullable() }),
  z.strictObject({ do: z.literal('groups'), groups }),
  z.strictObject({ do: z.literal('revoke') }),
]);

export const fleetRoutes = {
  putNode: route({
    method: 'PUT',
    path: '/v1/nodes/:node_id',
    summary: 'Call a device something else, or put it into groups; what is left out stays',
    access: 'owner',
    status: 200,
    params: z.strictObject({ node_id: id }),
    body: z.strictObject({ name: text(64).min(1).optional(), groups: groups.optional() }),
    response: node,
  }),
  fleet: route({
    method: 'POST',
    path: '/v1/fleet',
    summary: 'Do one thing to many devices; each says whether it worked',
    access: 'owner',
    status: 200,
    body: z.strictObject({
      /** Null is every device of the caller. */
      node_ids: z.array(id).min(1).max(HTTP_LIMITS.array_items).nullable(),
      deed: fleetDeed,
    }),
    response: z.object({
      results: z.array(z.object({ node_id: id, ok: z.boolean(), reason: z.object({ code, sentence: z.string() }) })),
    }),
  }),
} as const;
