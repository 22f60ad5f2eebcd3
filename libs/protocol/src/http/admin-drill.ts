import { z } from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, place, slotClass, text } from '../scalars.js';
import { total } from './admin-nodes.js';
import { route } from './route.js';

const count = z.number().int();
const reason = z.object({ code, sentence: z.string() });
export const JOB_STATES = ['QUEUED', 'RUNNING', 'DONE', 'CANCELLED', 'STOPPED'] as const;

export const FOUND_KINDS = [
  ...['node', 'person', 'job', 'task', 'lease', 'round', 'payout', 'deposit', 'refund', 'dispute', 'journal', 'manual_journal'],
  ...[
    'capture',
    'objection',
    'penalty',
    'check',
    'reservation',
    'kept_lease',
    'alert',
    'module',
    'blob',
    'log_line',
    'partner_link',
    'statement',
  ],
] as const;

export const adminJob = z.object({
  job_id: id,
  name: z.string(),
  person: z.object({ person_id: id, name: z.string(), email: z.string() }),
  state: z.enum(JOB_STATES),
  reason,
  slot_class: slotClass,
  total: count,
  queued: count,
  leased: count,
  done: count,
  failed: count,
  cancelled: count,
  max_price_micro: microText,
  budget_micro: microText,
  charged_micro: microText,
  created_at: instant,
  finished_at: instant.nullable(),
});

export const adminJobDetail = adminJob.extend({
  module_hash: z.string(),
  verification: z.string().nullable(),
  hold: z.object({ amount_micro: microText, captured_micro: microText, returned_micro: microText, state: z.string() }).nullable(),
  leases: z.array(
    z.object({
      lease_id: id,
      node_id: id,
      state: z.string(),
      reason: reason.nullable(),
      price_micro: microText,
      tasks: count,
      charged_micro: microText,
      granted_at: instant,
      ended_at: instant.nullable(),
    }),
  ),
  /** Those that failed or wait, the lowest first. */
  tasks: z.array(z.object({ index: place, state: z.string(), epoch: count, failures: count, lease_id: id.nullable() })),
  objections: z.array(z.object({ objection_id: id, state: z.string(), amount_micro: microText, created_at: instant })),
});

const setting = z.object({
  variable: z.string(),
  what: z.string(),
  /** Null for a secret, and for one that has no value. */
  value: z.string().nullable(),
  secret: z.boolean(),
  /** `environment`: it was set; `default`: it was not. */
  source: z.enum(['environment', 'default']),
});

export const adminDrillRoutes = {
  find: route({
    method: 'GET',
    path: '/v1/admin/find',
    summary: 'What an id, a hash, an address, a number of a journal or a name is, and the page that shows it',
    access: 'admin',
    status: 200,
    query: z.strictObject({ q: text(160).refine((value) => value.trim().length >= 2, 'write at least two characters') }),
    response: z.object({
      found: z.array(z.object({ kind: z.enum(FOUND_KINDS), id: z.string(), title: z.string(), page: z.string() })),
    }),
  }),
  searchJobs: route({
    method: 'GET',
    path: '/v1/admin/jobs',
    summary: 'Jobs of all developers, newest first; `cursor` of one page gives the next',
    access: 'admin',
    status: 200,
    query: z.strictObject({
      q: text(64).optional(),
      state: z.enum(JOB_STATES).optional(),
      /** With tasks that wait, the oldest first. */
      waiting: z.enum(['true', 'false']).optional(),
      reason: code.optional(),
      person_id: id.optional(),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(50),
    }),
    response: z.object({ jobs: z.array(adminJob), total, next: id.nullable() }),
  }),
  inspectJob: route({
    method: 'GET',
    path: '/v1/admin/jobs/:job_id',
    summary: 'A job of any developer: its money, its leases, what of it waits or failed',
    access: 'admin',
    status: 200,
    params: z.strictObject({ job_id: id }),
    response: adminJobDetail,
  }),
  effectiveSettings: route({
    method: 'GET',
    path: '/v1/admin/settings',
    summary: 'How this process is configured, what runs, and what its queues hold. Read only; secrets are masked',
    access: 'admin',
    status: 200,
    response: z.object({
      version: z.string(),
      node_version: z.string(),
      roles: z.array(z.string()),
      settings: z.array(setting),
      gateways: z.array(
        z.object({ gateway_id: id, name: z.string(), nodes: count, draining: z.boolean(), started_at: instant, seen_at: instant }),
      ),
      leaders: z.array(z.object({ market: z.string(), epoch: count, seen_at: instant })),
      /** Null counts where the queue cannot be asked. */
      queues: z.array(
        z.object({
          name: z.string(),
          counts: z.record(z.string(), count).nullable(),
          /** Processes that work on it, as far as the queue knows. */
          workers: count.nullable(),
        }),
      ),
    }),
  }),
} as const;
