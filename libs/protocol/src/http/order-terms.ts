import * as z from 'zod';
import { WORKLOAD_CLASS_NAMES } from '#units';
import { id, instant, label, microText, nodeKind, price, region } from '../scalars.js';

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100);
const onDisconnect = z.enum(['wait', 'replace', 'prefer_original']);
const speed = z.number().positive().max(1e12);
const trust = z.number().int().min(0).max(100);

/** What a node is; hard where it constrains, soft where it is preferred. All that is given must hold. */
const nodeFacts = {
  regions: listOf(region).optional(),
  kinds: listOf(nodeKind).optional(),
  /** Of one slot, as measured. */
  min_speed_fuel_per_ms: speed.optional(),
  /** The node must have all of them. */
  labels: listOf(label).optional(),
  min_trust: trust.optional(),
  /** Only nodes of these owners. */
  owners: listOf(id).optional(),
  /** Only these nodes. */
  nodes: listOf(id).optional(),
};

const constraints = z
  .strictObject({
    ...nodeFacts,
    /** Only the developer's own nodes: they are paid for like others, but what they earn cannot be withdrawn. */
    own: z.boolean().optional(),
    not_owners: listOf(id).optional(),
    not_nodes: listOf(id).optional(),
  })
  .refine(({ own, owners }) => !own || owners === undefined, { path: ['owners'], message: 'with `own` the owner is the developer' });

const preference = z.strictObject({
  prefer: z.strictObject(nodeFacts).refine((facts) => Object.keys(facts).length > 0, 'say what is preferred'),
  /** How much less a slot without it is worth, in micro-units per 10¹² fuel. */
  weight_micro: price,
});

/** From one execution to a quorum with a reference; a heap honours the levels that it can check. */
export const VERIFICATION_LEVELS = ['L0', 'L1', 'L2', 'L3', 'L4'] as const;

/** The level of an order that names none: one execution, and hidden checks. */
export const DEFAULT_LEVEL = 'L1' satisfies (typeof VERIFICATION_LEVELS)[number];

/** What an order says beside slots, price and budget. Every member has a stated default. */
export const orderTerms = {
  /** What the work is for; owners consent to classes. */
  workload_class: z.enum(WORKLOAD_CLASS_NAMES).default('general'),
  constraints: constraints.default({}),
  preferences: z.array(preference).max(8).default([]),
  /** Where it costs nothing, slots are taken from different owners, regions or nodes in turn. */
  spread: z.enum(['owner', 'region', 'node']).nullable().default(null),
  /** With fewer slots at a time than this it takes none. */
  min_slots: z.number().int().min(1).max(10_000).default(1),
};

/** What an order says about the time after it was matched. */
export const runTerms = {
  /** The job stops then: what is finished is paid. */
  deadline: instant.nullable().default(null),
  verification: z.enum(VERIFICATION_LEVELS).default(DEFAULT_LEVEL),
  /** How long its leases wait for a node whose connection broke; null leaves it to the heap. */
  disconnect_wait_ms: z.number().int().min(1_000).max(3_600_000).nullable().default(null),
  /**
   * What becomes of tasks whose node is away, once nothing else is queued: they wait for it; or other nodes begin them as well and the first
   * valid result counts; or others begin them and are called off when it comes back.
   */
  on_disconnect: onDisconnect.default('wait'),
  /** False works on through the notice when outbid at the end of a term, and finishes what runs. */
  interruptible: z.boolean().default(true),
  /** The time between losing a slot to a higher bid and having to leave it. */
  preemption_notice_ms: z.number().int().min(0).max(600_000).default(0),
  /** Of a developer's own jobs the higher gets slots first; it says nothing to other developers. */
  priority: z.number().int().min(-100).max(100).default(0),
};

/** Members that only make sense together. */
export function minSlotsFit({ slots, min_slots }: { slots: number; min_slots: number }): boolean {
  return min_slots <= slots;
}
export const MIN_SLOTS_ISSUE = { path: ['min_slots'], message: 'it is at most `slots`' };

const factsView = {
  regions: z.array(z.string()).optional(),
  kinds: z.array(nodeKind).optional(),
  min_speed_fuel_per_ms: z.number().optional(),
  labels: z.array(z.string()).optional(),
  min_trust: z.number().optional(),
  owners: z.array(id).optional(),
  nodes: z.array(id).optional(),
};

/** The same as a job shows them. */
export const orderView = z.object({
  workload_class: z.enum(WORKLOAD_CLASS_NAMES),
  constraints: z.object({
    ...factsView,
    own: z.boolean().optional(),
    not_owners: z.array(id).optional(),
    not_nodes: z.array(id).optional(),
  }),
  preferences: z.array(z.object({ prefer: z.object(factsView), weight_micro: microText })),
  spread: z.enum(['owner', 'region', 'node']).nullable(),
  min_slots: z.number().int(),
  deadline: instant.nullable(),
  verification: z.enum(VERIFICATION_LEVELS),
  disconnect_wait_ms: z.number().int().nullable(),
  on_disconnect: onDisconnect,
  interruptible: z.boolean(),
  preemption_notice_ms: z.number().int(),
});
export type OrderView = z.output<typeof orderView>;
