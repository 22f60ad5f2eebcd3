import * as z from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, place, text } from '../scalars.js';
import { route } from './route.js';

export const OBJECTION_STATES = ['OPEN', 'DECIDED'] as const;
export const OBJECTION_OUTCOMES = ['owner', 'developer', 'split'] as const;

const amount = z.string().regex(/^\d{1,15}$/, 'write the amount as a string of digits: micro-units');
const sentence = text(2_000).refine((value) => value.trim() !== '', 'say why in a sentence');
const page = z.strictObject({
  state: z.enum(OBJECTION_STATES).optional(),
  before: id.optional(),
  limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20),
});

export const objection = z.object({
  objection_id: id,
  job_id: id,
  /** Against one lease's work only. */
  lease_id: id.nullable(),
  /** Against these tasks only; empty: against all of the job's or the lease's work that was not released yet. */
  tasks: z.array(place),
  /** `buyer` sees the whole, `owner` what concerns their own earnings. */
  as: z.enum(['buyer', 'owner', 'admin']),
  state: z.enum(OBJECTION_STATES),
  reason: z.object({ code, sentence: z.string() }),
  /** What the developer says is wrong. */
  complaint: z.string(),
  amount_micro: microText,
  /** What of the amount goes back to the developer; null before the decision. */
  refund_micro: microText.nullable(),
  outcome: z.enum(OBJECTION_OUTCOMES).nullable(),
  /** Who decided: an admin, the reference run, or nobody within the term. */
  decided_as: z.enum(['admin', 'reference', 'term']).nullable(),
  decision: z.string().nullable(),
  created_at: instant,
  decide_by: instant,
  decided_at: instant.nullable(),
});

export const objectionRoutes = {
  object: route({
    method: 'POST',
    path: '/v1/jobs/:job_id/objections',
    summary: 'Object to work that was charged and is not released yet: some tasks, a lease, or all of the job. Its release stops',
    access: 'developer',
    status: 201,
    idempotent: true,
    params: z.strictObject({ job_id: id }),
    body: z.strictObject({ tasks: z.array(place).max(10_000).default([]), lease_id: id.optional(), reason: sentence }),
    response: objection,
  }),
  listObjections: route({
    method: 'GET',
    path: '/v1/objections',
    summary: 'Objections that you raised and those against work of your devices, newest first',
    access: 'person',
    status: 200,
    query: page,
    response: z.object({ objections: z.array(objection) }),
  }),
  listAllObjections: route({
    method: 'GET',
    path: '/v1/admin/objections',
    summary: 'All objections, for those who decide them, newest first',
    access: 'admin',
    status: 200,
    query: page,
    response: z.object({ objections: z.array(objection) }),
  }),
  decideObjection: route({
    method: 'POST',
    path: '/v1/admin/objections/:objection_id/decision',
    summary: 'Decide an objection, once and for ever; a split says how much goes back',
    access: 'admin',
    status: 200,
    params: z.strictObject({ objection_id: id }),
    body: z
      .strictObject({ outcome: z.enum(OBJECTION_OUTCOMES), refund_micro: amount.optional(), reason: sentence })
      .refine((body) => (body.outcome === 'split') === (body.refund_micro !== undefined), {
        message: 'a split, and only a split, says how much goes back',
        path: ['refund_micro'],
      }),
    response: objection,
  }),
  correct: route({
    method: 'POST',
    path: '/v1/admin/corrections',
    summary: 'Results that were proven wrong: their charge goes back, before the release from what is held, after it from the owner',
    access: 'admin',
    status: 200,
    body: z.strictObject({ job_id: id, tasks: z.array(place).min(1).max(10_000), reason: sentence }),
    response: z.object({
      /** Held work of the same devices that went back with it, and work whose owners had to give back. */
      refunded_micro: microText,
      clawed_back_micro: microText,
      /** What owners could not give back and owe now. */
      debt_micro: microText,
    }),
  }),
} as const;

export type ObjectionView = z.output<typeof objection>;
