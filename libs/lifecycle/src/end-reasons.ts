import { type Fault, formatMajor, type Micro } from '#units';
import { amountOf, explainer, type Sentences } from './reason.js';

/** Why a job is over. */
export const JOB_END_REASONS = {
  all_tasks_done: ({ tasks }: { tasks: number }) => `All ${amountOf(tasks, 'task')} are done.`,
  some_tasks_failed: ({ failed, tasks }: { failed: number; tasks: number }) =>
    `${failed} of ${amountOf(tasks, 'task')} failed; the others are done.`,
  cancelled_by_developer: () => 'Cancelled by its developer; finished tasks were paid, the rest of the budget returned.',
  budget_exhausted: ({ budget_micro }: { budget_micro: Micro }) =>
    `The budget of ${formatMajor(budget_micro)} is used up; nothing more is charged.`,
  deadline_passed: () => 'Its deadline passed; what was finished is paid for, the rest of the budget returned.',
  too_many_failures: ({ failed }: { failed: number }) =>
    `Stopped after ${amountOf(failed, 'failure')} in a row: look at the logs of its tasks.`,
  developer_frozen: () => "The developer's account is frozen; no work runs on money in dispute.",
  module_refused: ({ why }: { why: string }) => `Its module cannot run: ${why}`,
} as const satisfies Sentences;

/** Why a task failed or was given up. */
export const TASK_END_REASONS = {
  done: () => 'Done; the result was accepted.',
  attempts_exhausted: ({ attempts, nodes }: { attempts: number; nodes: number }) =>
    `Set aside: none of ${amountOf(attempts, 'attempt')} on ${amountOf(nodes, 'node')} ended with a verdict. Nothing was paid for it; its attempts say how each ended.`,
  program_failed: ({ exit_code }: { exit_code: number }) => `The program ended with exit code ${exit_code}.`,
  trapped: ({ detail }: { detail: string }) => `The program trapped: ${detail}`,
  fuel_exhausted: ({ fuel_limit }: { fuel_limit: number }) => `The program used its whole fuel of ${fuel_limit} without ending.`,
  memory_exhausted: () => 'The program asked for more memory than its slot class has: choose a larger class.',
  output_too_large: ({ limit_bytes }: { limit_bytes: number }) => `The output is larger than the limit of ${limit_bytes} bytes.`,
  time_exhausted: ({ wall_ms_limit }: { wall_ms_limit: number }) => `The program did not end within ${wall_ms_limit} ms.`,
  job_cancelled: () => 'Its job was cancelled.',
  job_stopped: () => 'Its job was stopped before this task ran.',
} as const satisfies Sentences;

/** Why a lease ended. In every case finished work is paid. */
export const LEASE_END_REASONS = {
  term_over: () => 'Its term is over.',
  fuel_quota_used: () => 'Its fuel quota is used up.',
  displaced: ({ price_micro }: { price_micro: Micro }) =>
    `A higher bid won the slot at the renewal; the price is now ${formatMajor(price_micro)}.`,
  price_above_maximum: ({ price_micro }: { price_micro: Micro }) =>
    `At the renewal its owner asked for ${formatMajor(price_micro)}, more than the order's maximum.`,
  repriced: ({ price_micro }: { price_micro: Micro }) =>
    `Its term is over; its job goes on in the same slot at the new price of ${formatMajor(price_micro)}.`,
  own_priority: () => 'At the renewal another job of its developer, of a higher priority, got the slots it lacked.',
  moved: () => 'At the renewal its job won a slot elsewhere that suits it better or costs less.',
  below_minimum: () => 'At the renewal its job could get fewer slots than it takes.',
  cluster_share: () =>
    'Its owner, with others that the heap counts as one, has its share of the job: results that are checked come from many. The rest is for other devices.',
  order_rules: () => 'Its developer no longer admits this device or its owner, or the device no longer fits the order.',
  job_done: () => 'Its job has no more work for it.',
  job_cancelled: () => 'Its job was cancelled.',
  job_stopped: () => 'Its job was stopped.',
  day_cap: () => "Today's spending cap of its developer is reached; its tasks go on tomorrow.",
  owner_yield: () => 'The owner wanted the device back; unfinished tasks are first in line elsewhere.',
  owner_rules: () => "The owner's rules no longer allow this work on the device.",
  node_lost: () => 'The node was away longer than the job waits; its tasks went to others.',
  agent_restarted: () => 'The agent restarted and did not keep the work; its tasks are first in line again.',
  cancel_unconfirmed: () =>
    'The device did not confirm within a second that it had stopped cancelled tasks; the others went to other devices.',
  withheld: () => 'The device committed to results and did not reveal them when it was asked; their tasks went to other devices.',
  node_bye: () => 'The agent signed off.',
  node_drained: () => 'The heap gives the device no more work; what it had it could finish.',
  node_revoked: () => 'The device was taken out of the heap.',
  node_banned: () => 'The node delivered wrong results; its unsettled work is void and runs again elsewhere.',
  epoch_superseded: () => 'A newer lease of the same slot exists; results under this one are not accepted.',
  developer_frozen: () => "The developer's account is frozen.",
  heap_shutdown: () => 'The heap is going down for maintenance.',
} as const satisfies Sentences;

/** Why a payout did not arrive. */
export const PAYOUT_END_REASONS = {
  paid: () => 'It is in your bank account.',
  screen_refused: ({ why }: { why: string }) => `It was not sent: ${why}`,
  transfer_refused: ({ why }: { why: string }) => `The provider refused it and the money is back in your balance: ${why}`,
  bank_refused: ({ why }: { why: string }) => `Your bank sent it back: ${why} Check your bank details.`,
} as const satisfies Sentences;

export type JobEndCode = keyof typeof JOB_END_REASONS;
export type TaskEndCode = keyof typeof TASK_END_REASONS;
export type LeaseEndCode = keyof typeof LEASE_END_REASONS;
export type PayoutEndCode = keyof typeof PAYOUT_END_REASONS;

export const jobEnded = explainer(JOB_END_REASONS);
export const taskEnded = explainer(TASK_END_REASONS);
export const leaseEnded = explainer(LEASE_END_REASONS);
export const payoutEnded = explainer(PAYOUT_END_REASONS);

/** Who caused the end of a lease: reputation counts only what is somebody's doing. */
export const LEASE_END_FAULT: Readonly<Record<LeaseEndCode, Fault | null>> = {
  term_over: null,
  fuel_quota_used: null,
  displaced: null,
  price_above_maximum: null,
  repriced: null,
  own_priority: null,
  moved: null,
  below_minimum: null,
  cluster_share: null,
  order_rules: null,
  job_done: null,
  job_cancelled: 'developer',
  job_stopped: 'developer',
  day_cap: null,
  owner_yield: null,
  owner_rules: null,
  node_lost: 'owner',
  agent_restarted: null,
  cancel_unconfirmed: 'owner',
  withheld: 'owner',
  node_bye: null,
  node_drained: 'platform',
  node_revoked: 'owner',
  node_banned: 'owner',
  epoch_superseded: 'platform',
  developer_frozen: 'developer',
  heap_shutdown: 'platform',
};

/** A task that ran on the lease may have been what ended it: the next attempt is on another node, and after some there is none. */
export const LEASE_LOST_CODES: readonly string[] = ['node_lost', 'agent_restarted', 'sandbox_failed'] satisfies (
  | LeaseEndCode
  | 'sandbox_failed'
)[];

/** After these ends the unfinished tasks of the lease run elsewhere; after the others they end with their job. */
export function requeuesTasks(code: LeaseEndCode): boolean {
  return code !== 'job_done' && code !== 'job_cancelled' && code !== 'job_stopped' && code !== 'developer_frozen';
}
