import { z } from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, place, sha256, text } from '../scalars.js';
import { VERIFICATION_LEVELS } from './order-terms.js';
import { route } from './route.js';

const reason = z.object({ code, sentence: z.string() });
const sentence = text(2_000).refine((value) => value.trim() !== '', 'say why in a sentence');
const page = z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) });

/** What a level promises and costs. */
export const levelView = z.object({
  level: z.enum(VERIFICATION_LEVELS),
  sentence: z.string(),
  /** Wrong results among final ones, at most, if a tenth of all nodes lie together; null where the heap checks nothing. */
  expected_error: z.number().nullable(),
  expected_executions: z.number(),
  /** What a task costs, in executions: replicas are the developer's to pay, checks are the heap's. */
  price_factor: z.number(),
  /** So many more results its node must report before one is final. */
  window_results: z.number().int(),
});

export const jobVerification = levelView.extend({
  job_id: id,
  /** How this job's results are checked now, in a sentence: by other owners' nodes, or by the heap itself where there are none. */
  checked_by: reason,
  results: z.object({ provisional: z.number().int(), final: z.number().int(), refuted: z.number().int(), unchecked: z.number().int() }),
  checks: z.object({
    waiting: z.number().int(),
    /** Why they do. */
    waits: reason.nullable(),
    by_nodes: z.number().int(),
    by_reference: z.number().int(),
    agreed: z.number().int(),
    differed: z.number().int(),
  }),
  /** What went back for results that were proven wrong. */
  paid_back_micro: microText,
  /** The job's own verifier, if it has one. */
  own_verifier: z
    .object({
      module_hash: sha256,
      /** `active`, `stopped` for a reason that says why, or `closed` with its job. */
      state: z.enum(['active', 'stopped', 'closed']),
      reason: reason.nullable(),
      fuel_limit: z.number(),
      /** For 10¹² fuel. */
      price_micro: microText,
      budget_micro: microText,
      charged_micro: microText,
      /** `rejected` ones wait for the heap's own run; `upheld` were wrong, `overruled` right. */
      results: z.object({
        waiting: z.number().int(),
        accepted: z.number().int(),
        rejected: z.number().int(),
        upheld: z.number().int(),
        overruled: z.number().int(),
        failed: z.number().int(),
        skipped: z.number().int(),
      }),
      /** The latest rejections, and what became of them. */
      rejections: z.array(z.object({ index: place, state: z.enum(['rejected', 'upheld', 'overruled']), code, sentence: z.string() })),
    })
    .nullable(),
});

export const PENALTY_STATES = ['ACTIVE', 'LAPSED', 'OVERTURNED', 'LIFTED'] as const;

/** What an execution came to: in the sandbox all of it is the same on every device. */
const claim = z.object({ verdict: z.string(), exit_code: z.number().int().nullable(), fuel_used: z.number(), output_hash: z.string() });

export const penalty = z.object({
  penalty_id: id,
  node_id: id,
  owner_id: id,
  kind: z.enum(['probation', 'ban_device', 'ban_identity']),
  state: z.enum(PENALTY_STATES),
  reason,
  /** The result that it is for, what the device said of it and what the heap's own run came to; null where an admin imposed it. */
  evidence: z.object({ job_id: id, index: place, epoch: z.number().int(), said: claim.nullable(), right: claim.nullable() }).nullable(),
  /** What of the owner's money went back to developers because of it. */
  voided_micro: microText,
  created_at: instant,
  /** Null: with the last result of the probation, or never. */
  lapses_at: instant.nullable(),
  appeal: z.object({ at: instant, text: z.string() }).nullable(),
  decision: reason.extend({ at: instant }).nullable(),
  /** Until when its owner can appeal; null where that cannot be, or not any more. */
  appeal_by: instant.nullable(),
  /** How its owner can object, or why not any more. */
  how_to_appeal: z.string(),
});
export type PenaltyView = z.output<typeof penalty>;

export const nodeReputation = z.object({
  node_id: id,
  grade: z.enum(['banned', 'probation', 'proven', 'trusted']),
  results: z.number().int(),
  results_checked: z.number().int(),
  confirmed_in_a_row: z.number().int(),
  mismatches: z.number().int(),
  probation_left: z.number().int(),
  uptime: z.number().nullable(),
  yields: z.number().int(),
  withheld_share: z.number().nullable(),
  speed_fuel_per_ms: z.number(),
  /** The last checks of its results, and why each was made. */
  checks: z.array(
    z.object({
      job_id: id,
      index: place,
      state: z.enum(['WANTED', 'OUT', 'AGREED', 'DIFFERED', 'DROPPED']),
      reason,
      outcome: reason.nullable(),
      ordered_at: instant,
      decided_at: instant.nullable(),
    }),
  ),
});

export const verificationRoutes = {
  listLevels: route({
    method: 'GET',
    path: '/v1/verification/levels',
    summary: 'How results can be checked: what each level promises and costs',
    access: 'public',
    status: 200,
    response: z.object({
      levels: z.array(levelView),
      /** What 10¹² fuel of a developer's own verifier costs, and the most fuel that it may burn on one result. */
      own_verifier: z.object({ price_micro: microText, fuel_limit_max: z.number() }),
    }),
  }),
  getJobVerification: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/verification',
    summary: 'How a job is checked, what is final of it, and what was paid back',
    access: 'developer',
    status: 200,
    params: z.strictObject({ job_id: id }),
    response: jobVerification,
  }),
  getReputation: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/reputation',
    summary: "What is known of one of the caller's devices, part by part, with the last checks of its results and why they were made",
    access: 'owner',
    status: 200,
    params: z.strictObject({ node_id: id }),
    response: nodeReputation,
  }),
  listPenalties: route({
    method: 'GET',
    path: '/v1/penalties',
    summary: "Penalties of the caller's devices, newest first: what for, until when, how to appeal",
    access: 'owner',
    status: 200,
    query: page,
    response: z.object({ penalties: z.array(penalty) }),
  }),
  appealPenalty: route({
    method: 'POST',
    path: '/v1/penalties/:penalty_id/appeal',
    summary: 'Appeal: the task in question is run once more, independently, and that decides',
    access: 'owner',
    status: 200,
    params: z.strictObject({ penalty_id: id }),
    body: z.strictObject({ reason: sentence }),
    response: penalty,
  }),
  listAllPenalties: route({
    method: 'GET',
    path: '/v1/admin/penalties',
    summary: 'All penalties, newest first',
    access: 'admin',
    status: 200,
    query: page,
    response: z.object({ penalties: z.array(penalty) }),
  }),
  listSuspects: route({
    method: 'GET',
    path: '/v1/admin/suspects',
    summary: 'Nodes with results that were proven wrong, the most first, and clusters of owners with what ties them',
    access: 'admin',
    status: 200,
    response: z.object({
      nodes: z.array(
        z.object({
          node_id: id,
          owner_id: id,
          cluster_id: id,
          results: z.number().int(),
          results_checked: z.number().int(),
          mismatches: z.number().int(),
          banned: z.enum(['device', 'identity', 'admin']).nullable(),
        }),
      ),
      clusters: z.array(
        z.object({
          cluster_id: id,
          owners: z.number().int(),
          nodes: z.number().int(),
          banned: z.number().int(),
          mismatches: z.number().int(),
          ties: z.array(z.object({ kind: z.string(), value: z.string(), owners: z.number().int() })),
        }),
      ),
      /** What the heap runs itself: fuel today and at most, checks that wait for it, and why if it has to stop for today. */
      reference: z.object({ fuel_today: microText, fuel_per_day: microText, waiting: z.number().int(), reason: reason.nullable() }),
    }),
  }),
  banNode: route({
    method: 'POST',
    path: '/v1/admin/nodes/:node_id/ban',
    summary: 'Ban a node: what is held for its work goes back, what it has open is run again. Logged',
    access: 'admin',
    status: 200,
    params: z.strictObject({ node_id: id }),
    body: z.strictObject({ reason: sentence }),
    response: penalty,
  }),
  liftPenalty: route({
    method: 'POST',
    path: '/v1/admin/penalties/:penalty_id/lift',
    summary: 'Lift a penalty; with `pay_back` the heap pays what it took. Logged',
    access: 'admin',
    status: 200,
    params: z.strictObject({ penalty_id: id }),
    body: z.strictObject({ reason: sentence, pay_back: z.boolean().default(false) }),
    response: penalty,
  }),
} as const;
