import * as z from 'zod';
import { code, id, instant, microText, text } from '../scalars.js';
import { route } from './route.js';

const signed = z.string().regex(/^-?[1-9]\d{0,17}$/, 'write a signed amount as a string of digits: micro-units');
const account = z.number().int();
const page = z.strictObject({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  /** Who did it. */
  person_id: id.optional(),
  /** What was done: an action, or what several begin with, as `person.` */
  action: z
    .string()
    .regex(/^[a-z][a-z0-9_.]{0,63}$/)
    .optional(),
  /** What it was done to. */
  subject: text(128).optional(),
  from: instant.optional(),
  to: instant.optional(),
});

export const manualJournal = z.object({
  manual_id: id,
  state: z.enum(['PROPOSED', 'EXPIRED', 'APPROVED', 'REJECTED']),
  reason: z.string(),
  /** Debits are positive; they sum to 0. */
  entries: z.array(z.object({ account, person_id: id.nullable(), amount_micro: microText })),
  /** The movement at the provider that it explains. */
  transaction_id: z.string().nullable(),
  proposed_by: id,
  proposed_at: instant,
  expires_at: instant,
  decided_by: id.nullable(),
  decided_at: instant.nullable(),
});

const sum = z.object({ account, name: z.string(), amount_micro: microText });
const backlog = z.object({ open: z.number().int(), oldest_at: instant.nullable() });

export const solvency = z.object({
  currency: z.string(),
  simulated: z.boolean(),
  assets: z.array(sum),
  liabilities: z.array(sum),
  equity: z.array(sum),
  income: z.array(sum),
  expenses: z.array(sum),
  /** Assets less liabilities: what would be left to the operator. */
  surplus_micro: microText,
  /** Null while the provider cannot be asked. */
  provider_balance_micro: microText.nullable(),
  /** 1000 + 1010. */
  ledger_balance_micro: microText,
  invariants: z.array(z.object({ invariant: z.string(), name: z.string(), holds: z.boolean(), detail: z.string(), checked_at: instant })),
  suspense: z.array(
    z.object({ transaction_id: z.string(), type: z.string(), net_micro: microText, since: instant, age_hours: z.number() }),
  ),
  disputes: z.array(z.object({ dispute_id: id, person_id: id, amount_micro: microText, unspent_micro: microText, opened_at: instant })),
  outbox: backlog,
  inbox: backlog,
  alarms: z.array(z.object({ name: z.string(), count: z.number().int(), detail: z.string(), last_at: instant })),
  /** Whether every line of the admins' log still has the hash it was written with. */
  admin_log_intact: z.boolean(),
});

export const administrationRoutes = {
  solvency: route({
    method: 'GET',
    path: '/v1/admin/solvency',
    summary: 'What the heap has, owes and earned; what its checks say; what waits',
    access: 'admin',
    status: 200,
    response: solvency,
  }),
  proposeJournal: route({
    method: 'POST',
    path: '/v1/admin/journals',
    summary: 'Propose a journal by hand; it is posted when another admin approves it',
    access: 'admin',
    status: 201,
    body: z.strictObject({
      reason: text(500).min(10),
      entries: z
        .array(z.strictObject({ account, person_id: id.nullable().default(null), amount_micro: signed }))
        .min(2)
        .max(20),
    }),
    response: manualJournal,
  }),
  resolveSuspense: route({
    method: 'POST',
    path: '/v1/admin/suspense/:transaction_id',
    summary: 'Propose what a movement in suspense was: the other account of its journal. Another admin approves it',
    access: 'admin',
    status: 201,
    params: z.strictObject({ transaction_id: z.string().regex(/^[\w-]{1,128}$/) }),
    body: z.strictObject({ reason: text(500).min(10), account, person_id: id.nullable().default(null) }),
    response: manualJournal,
  }),
  decideJournal: route({
    method: 'POST',
    path: '/v1/admin/journals/:manual_id/decision',
    summary: 'Approve what another admin proposed, or reject it (the proposer may take it back so)',
    access: 'admin',
    status: 200,
    params: z.strictObject({ manual_id: id }),
    body: z.strictObject({ approve: z.boolean() }),
    response: manualJournal,
  }),
  listJournals: route({
    method: 'GET',
    path: '/v1/admin/journals',
    summary: 'Journals by hand, newest first',
    access: 'admin',
    status: 200,
    response: z.object({ journals: z.array(manualJournal) }),
  }),
  adminLog: route({
    method: 'GET',
    path: '/v1/admin/log',
    summary: 'What admins did, newest first; each line has the hash of itself and the one before',
    access: 'admin',
    status: 200,
    query: page,
    response: z.object({
      lines: z.array(
        z.object({
          seq: z.number().int(),
          at: instant,
          person_id: id,
          action: code,
          subject: z.string(),
          detail: z.record(z.string(), z.unknown()),
          hash: z.string(),
        }),
      ),
    }),
  }),
  checkAdminLog: route({
    method: 'GET',
    path: '/v1/admin/log/check',
    summary: 'Compute the chain of hashes anew: whether every line is what it was written as, and none is gone',
    access: 'admin',
    status: 200,
    response: z.object({
      intact: z.boolean(),
      lines: z.number().int(),
      /** The first line whose hash does not follow from it and the one before. */
      first_broken: z.number().int().nullable(),
      /** The hash of the last line: whoever has written it down can tell later that nothing before it was changed. */
      head: z.string().nullable(),
      checked_at: instant,
    }),
  }),
} as const;
