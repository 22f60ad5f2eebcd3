import * as z from 'zod';
import { VIEW_CLASSES } from '#units';
import { HTTP_LIMITS, OWN_VERIFIER_LIMITS } from '../limits.js';
import { code, fuel, id, instant, micro, microText, place, placeText, price, sha256, slotClass, text } from '../scalars.js';
import { payload, VERDICTS } from '../socket/messages.js';
import { view, viewTerms } from '../view.js';
import { MIN_SLOTS_ISSUE, minSlotsFit, orderTerms, orderView, runTerms } from './order-terms.js';
import { route } from './route.js';

export const JOB_STATES = ['QUEUED', 'RUNNING', 'DONE', 'CANCELLED', 'STOPPED'] as const;
export const TASK_STATES = ['QUEUED', 'LEASED', 'DONE', 'FAILED', 'CANCELLED'] as const;

export const module = z.object({
  hash: sha256,
  metered_hash: sha256,
  meter_id: z.string(),
  kind: z.enum(['wasm', 'javascript']),
  bytes: z.number().int(),
});

const taskInputs = z.array(payload).max(HTTP_LIMITS.array_items);

/** A verifier of the developer's own, for level L0: the heap runs it on each result, at the price that `/v1/verification/levels` states. */
export const ownVerifierTerms = z.strictObject({
  module_hash: sha256,
  /** How inputs and outputs are shown to a JavaScript verifier: as JSON values, or `bytes`: only as the files `input` and `output`. */
  codec: z.enum(['bytes', 'json']).default('json'),
  /** The most fuel that it may burn on one result. */
  fuel_limit: fuel.min(1).max(OWN_VERIFIER_LIMITS.fuel).default(1_000_000_000),
  /** Held beside the job's budget; all its runs together never cost more, and what is left comes back with the job's end. */
  budget_micro: micro.refine((amount) => amount > 0n, 'it must pay for something').prefault('10000'),
});

/** What a developer may ask for; every member has a stated default. */
export const jobTerms = z
  .strictObject({
    name: text(128).default(''),
    module_hash: sha256,
    /** How a JavaScript handler sees its input and output: raw bytes or JSON values. WebAssembly takes bytes. */
    codec: z.enum(['bytes', 'json']).default('bytes'),
    slot_class: slotClass.default('micro'),
    /** Slots at a time. */
    slots: z.number().int().min(1).max(10_000).default(4),
    /** The most it pays, in micro-units per 10¹² fuel. */
    max_price_micro: price,
    /** Held before anything runs; the job never costs more. */
    budget_micro: micro,
    fuel_limit: fuel.min(1).default(10_000_000_000),
    output_bytes_limit: z
      .number()
      .int()
      .min(0)
      .max(HTTP_LIMITS.blob_bytes)
      .default(1024 * 1024),
    wall_ms_limit: z.number().int().min(10).max(3_600_000).default(60_000),
    args: z.array(text(4096)).max(64).default([]),
    /** What its tasks may see beside their input and arguments. */
    view: viewTerms.prefault({}),
    /** After so many attempts without a verdict, on as many nodes where there are as many, a task is set aside as failed. */
    max_attempts: z.number().int().min(1).max(10).default(3),
    inputs: taskInputs.default([]),
    /** An open job takes more inputs until it is closed. */
    open: z.boolean().default(false),
    verifier: ownVerifierTerms.nullable().default(null),
    ...orderTerms,
    ...runTerms,
  })
  .refine(minSlotsFit, MIN_SLOTS_ISSUE)
  .refine(({ verifier, verification }) => verifier === null || verification === 'L0', {
    path: ['verification'],
    message: 'a verifier of your own goes with L0',
  });

const reason = z.object({ code, sentence: z.string() });
/** Joules that the work took, by its fuel and the kind and speed of the devices: an estimate. Null when it cannot be made. */
const energy = z.number().min(0).nullable();

export const job = z.object({
  id,
  name: z.string(),
  state: z.enum(JOB_STATES),
  /** Why it is in this state or what it waits for. */
  reason,
  module_hash: sha256,
  codec: z.enum(['bytes', 'json']),
  slot_class: slotClass,
  slots: z.number().int(),
  /** What the order says beside slots, price and budget. */
  order: orderView.extend({ priority: z.number().int() }),
  view,
  /** What the view asks for, as owners allow and deny it. */
  view_class: z.enum(VIEW_CLASSES),
  /** The view in sentences, as the owners of the devices read it. */
  may: z.array(z.string()),
  max_price_micro: microText,
  budget_micro: microText,
  charged_micro: microText,
  held_micro: microText,
  energy_joules_estimate: energy,
  open: z.boolean(),
  tasks: z.object({
    total: z.number(),
    queued: z.number(),
    leased: z.number(),
    done: z.number(),
    failed: z.number(),
    cancelled: z.number(),
  }),
  /** The job whose tasks this one runs again. */
  retry_of: id.nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
});

/** `unchecked`: at a level at which the heap checks nothing. `refuted`: proven wrong, and what it cost is paid back. */
export const RESULT_STANDINGS = ['provisional', 'final', 'refuted', 'unchecked'] as const;

/** `rejected`: the heap decides by running the task itself. `upheld`: it came to another result. `overruled`: it came to the same. */
export const OWN_CHECK_STATES = ['waiting', 'accepted', 'rejected', 'upheld', 'overruled', 'failed', 'skipped'] as const;
const verified = z.object({ state: z.enum(OWN_CHECK_STATES), code, sentence: z.string() });

/** A settled task, in the order in which tasks settled. */
export const taskOutcome = z.object({
  /** Place in the job's order of settlement, from 1 without gaps: ask for `after` it to go on. */
  seq: z.number().int(),
  index: z.number().int(),
  state: z.enum(['DONE', 'FAILED']),
  verdict: z.enum(VERDICTS),
  detail: z.string().nullable(),
  exit_code: z.number().int().nullable(),
  fuel_used: fuel,
  charge_micro: microText,
  energy_joules_estimate: energy,
  node_id: id,
  lease_id: id,
  output: payload,
  output_hash: sha256,
  logs: z.string(),
  standing: z.enum(RESULT_STANDINGS),
  /** What the job's own verifier said of it, and what followed; null where it has none. */
  verified: verified.nullable(),
  /** Of a refuted one: what the heap's own run came to. */
  right: z.object({ verdict: z.string(), exit_code: z.number().int().nullable(), fuel_used: fuel, output: payload }).nullable(),
});

const attempt = z.object({
  epoch: z.number().int(),
  node_id: id,
  lease_id: id,
  outcome: z.enum(['accepted', 'retried', 'lost', 'superseded', 'checked']),
  verdict: z.enum(VERDICTS).nullable(),
  /** How it ended, where the verdict does not say it all: what the device found, or why its lease ended. */
  detail: z.string().nullable(),
  /** The end of its console or standard error, where it came to that. */
  logs: z.string(),
  fuel_used: fuel,
  charge_micro: microText,
  energy_joules_estimate: energy,
  /** Of the execution that counts: whether it can still be proven wrong. */
  standing: z.enum(RESULT_STANDINGS).nullable(),
  /** What the job's own verifier said of it. */
  verified: verified.nullable(),
  finished_at: instant,
});

/** A check of an execution that is decided: one under way is not told, so that nobody can know it from other work. */
const decidedCheck = z.object({
  of_epoch: z.number().int(),
  /** By the heap's own run, or by another owner's device. */
  by_reference: z.boolean(),
  state: z.enum(['AGREED', 'DIFFERED', 'DROPPED']),
  /** Why it was made. */
  reason,
  outcome: reason.nullable(),
  decided_at: instant.nullable(),
});

export const task = z.object({
  index: z.number().int(),
  state: z.enum(TASK_STATES),
  reason,
  epoch: z.number().int(),
  attempts: z.array(attempt),
  checks: z.array(decidedCheck),
});

/** One line of a job's list of tasks; `getTask` has the evidence. */
const taskLine = z.object({
  index: z.number().int(),
  state: z.enum(TASK_STATES),
  reason,
  /** How often it was executed so far, and how the last of these ended. */
  attempts: z.number().int(),
  verdict: z.enum(VERDICTS).nullable(),
  node_id: id.nullable(),
  fuel_used: fuel.nullable(),
  charge_micro: microText,
  /** Of its result, once it has one: whether it can still be proven wrong. */
  standing: z.enum(RESULT_STANDINGS).nullable(),
  finished_at: instant.nullable(),
  /** In a job that runs tasks of another again: which of them it is. */
  retry_of_index: z.number().int().nullable(),
});

/** What may be different when tasks run again; the rest is as it was. */
const retryTerms = z.strictObject({
  /** Which: those that failed, or also those that were cancelled with the job. Of more than 1,000 the first. */
  states: z
    .array(z.enum(['FAILED', 'CANCELLED']))
    .min(1)
    .max(2)
    .default(['FAILED']),
  /** Only these of them. */
  tasks: z.array(place).min(1).max(HTTP_LIMITS.array_items).optional(),
  fuel_limit: fuel.min(1).optional(),
  wall_ms_limit: z.number().int().min(10).max(3_600_000).optional(),
  max_price_micro: price.optional(),
  /** Default: what the tasks can cost at most, but no more than the first job's budget. */
  budget_micro: micro.optional(),
});

export const receipt = z.object({
  job_id: id,
  currency: z.string(),
  simulated: z.boolean(),
  budget_micro: microText,
  charged_micro: microText,
  returned_micro: microText,
  fee_micro: microText,
  fuel_charged: z.string(),
  tasks_charged: z.number().int(),
  energy_joules_estimate: energy,
  lines: z.array(
    z.object({
      lease_id: id,
      node_id: id,
      round_id: id,
      price_micro: microText,
      tasks: z.number().int(),
      fuel: z.string(),
      charge_micro: microText,
      energy_joules_estimate: energy,
    }),
  ),
});

const jobParams = z.strictObject({ job_id: id });
const after = placeText.default(0);
/** `final` leaves out what comes after the first result that is provisional. */
const wait = z.enum(['provisional', 'final']).default('provisional');

export const jobRoutes = {
  putModule: route({
    method: 'POST',
    path: '/v1/modules',
    summary: 'Upload code; it is checked, metered and kept under its hash',
    access: 'developer',
    status: 200,
    query: z.strictObject({ kind: z.enum(['wasm', 'javascript']) }),
    body: 'binary',
    body_bytes_max: HTTP_LIMITS.module_bytes,
    response: module,
  }),
  listModules: route({
    method: 'GET',
    path: '/v1/modules',
    summary: "The caller's modules, newest first, with the hash of what was put and of what runs",
    access: 'developer',
    status: 200,
    response: z.object({ modules: z.array(module.extend({ created_at: instant })) }),
  }),
  getModule: route({
    method: 'GET',
    path: '/v1/modules/:hash',
    summary: "One of the caller's modules",
    access: 'developer',
    status: 200,
    params: z.strictObject({ hash: sha256 }),
    response: module.extend({ created_at: instant }),
  }),
  placeJob: route({
    method: 'POST',
    path: '/v1/jobs',
    summary: 'Place a job: its budget is held at once, or it is refused',
    access: 'developer',
    status: 201,
    idempotent: true,
    body: jobTerms,
    response: job,
  }),
  listJobs: route({
    method: 'GET',
    path: '/v1/jobs',
    summary: "The caller's jobs, newest first",
    access: 'developer',
    status: 200,
    query: z.strictObject({
      before: id.optional(),
      state: z.enum(JOB_STATES).optional(),
      /** `live` are queued and running ones, `over` the others. */
      phase: z.enum(['live', 'over']).optional(),
      /** Part of the name in any case, or the whole id. */
      text: text(128).optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20),
    }),
    response: z.object({ jobs: z.array(job) }),
  }),
  getJob: route({
    method: 'GET',
    path: '/v1/jobs/:job_id',
    summary: 'One job with its state, reason, counts and cost',
    access: 'developer',
    status: 200,
    params: jobParams,
    response: job,
  }),
  addTasks: route({
    method: 'POST',
    path: '/v1/jobs/:job_id/tasks',
    summary: 'Add inputs to an open job; `first_index` makes a repeated request harmless',
    access: 'developer',
    status: 200,
    params: jobParams,
    body: z.strictObject({ first_index: place, inputs: taskInputs.min(1) }),
    response: z.object({ total: z.number().int() }),
  }),
  closeJob: route({
    method: 'POST',
    path: '/v1/jobs/:job_id/close',
    summary: 'No more inputs: the job ends when its tasks have',
    access: 'developer',
    status: 200,
    params: jobParams,
    response: job,
  }),
  cancelJob: route({
    method: 'POST',
    path: '/v1/jobs/:job_id/cancel',
    summary: 'Stop the job; finished tasks are paid, the rest of the budget returns',
    access: 'developer',
    status: 200,
    params: jobParams,
    response: job,
  }),
  listResults: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/results',
    summary: 'Settled tasks in the order in which they settled',
    access: 'developer',
    status: 200,
    params: jobParams,
    query: z.strictObject({ after, wait, limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.results_page_items).default(100) }),
    response: z.object({ results: z.array(taskOutcome), job }),
  }),
  streamResults: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/stream',
    summary: 'Settled tasks as server-sent events (`result`, then `end` with the job); Last-Event-ID or `after` catches up',
    access: 'developer',
    status: 200,
    params: jobParams,
    query: z.strictObject({ after, wait }),
    response: 'event-stream',
  }),
  listTasks: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/tasks',
    summary: "A job's tasks by their index, with state, reason and cost of each; by state and by how they ended",
    access: 'developer',
    status: 200,
    params: jobParams,
    query: z.strictObject({
      /** Only those with a higher index. */
      after: placeText.optional(),
      state: z.enum(TASK_STATES).optional(),
      verdict: z.enum(VERDICTS).optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(HTTP_LIMITS.page_items),
    }),
    response: z.object({ tasks: z.array(taskLine) }),
  }),
  retryTasks: route({
    method: 'POST',
    path: '/v1/jobs/:job_id/tasks/retry',
    summary: 'Run tasks that failed, or were cancelled, again: a job of its own with a budget of its own, within your caps',
    access: 'developer',
    status: 201,
    idempotent: true,
    params: jobParams,
    body: retryTerms,
    response: job,
  }),
  getTask: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/tasks/:index',
    summary: 'One task with its attempts: the evidence',
    access: 'developer',
    status: 200,
    params: z.strictObject({ job_id: id, index: placeText }),
    response: task,
  }),
  getReceipt: route({
    method: 'GET',
    path: '/v1/jobs/:job_id/receipt',
    summary: 'What was paid for, lease by lease; the lines add up to the charge',
    access: 'developer',
    status: 200,
    params: jobParams,
    response: receipt,
  }),
} as const;

export type JobView = z.output<typeof job>;
export type TaskOutcome = z.output<typeof taskOutcome>;
export type JobReceipt = z.output<typeof receipt>;
