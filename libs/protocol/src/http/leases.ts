import * as z from 'zod';
import { WORKLOAD_CLASS_NAMES } from '#units';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, slotClass } from '../scalars.js';
import { route } from './route.js';

/** What a heap knows of a buyer from what the buyer did, over all time. */
export const buyerReputation = z.object({
  jobs_done: z.number().int(),
  jobs_cancelled: z.number().int(),
  /** Ended by their deadline or for want of budget. */
  jobs_stopped: z.number().int(),
  /** Of the cancelled ones, those that had leased slots by then. */
  jobs_cancelled_started: z.number().int(),
  /** Payments that the buyer took back through their bank, and those of which the bank let the buyer have the money. */
  disputes: z.number().int(),
  disputes_lost: z.number().int(),
  /** Objections to work, over all owners, and those that were decided for the owner. */
  objections: z.number().int(),
  objections_refused: z.number().int(),
  /** Owners whose rules refuse this buyer by name. */
  refused_by_owners: z.number().int(),
  /** What of all this an owner should know, in sentences. */
  notes: z.array(z.object({ code, sentence: z.string() })),
  paid_micro: microText,
  buyer_since: instant.nullable(),
});

/** A lease as the owner of its node sees it. */
export const ownerLease = z.object({
  id,
  node_id: id,
  slot_class: slotClass,
  state: z.enum(['ACTIVE', 'DRAINING', 'ENDED']),
  /** Why it ended; null while it runs. */
  reason: z.object({ code, sentence: z.string() }).nullable(),
  /** What the device did wrong when it ended: did not confirm in time that cancelled tasks had stopped. */
  trouble: z.object({ code, sentence: z.string() }).nullable(),
  workload_class: z.enum(WORKLOAD_CLASS_NAMES),
  price_micro: microText,
  tasks: z.number().int(),
  charged_micro: microText,
  granted_at: instant,
  ended_at: instant.nullable(),
  buyer_id: id,
  buyer: buyerReputation,
});

export const leaseRoutes = {
  listLeases: route({
    method: 'GET',
    path: '/v1/leases',
    summary: "Leases of the caller's devices, newest first, with what is known of their buyers",
    access: 'owner',
    status: 200,
    query: z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) }),
    response: z.object({ leases: z.array(ownerLease) }),
  }),
} as const;
