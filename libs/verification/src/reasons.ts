import { amountOf, duration, explainer, type Reason, type Sentences } from '#lifecycle';

/** Why a result was taken as it was, or who must run its task again. */
export const CHECK_REASONS = {
  own_verifier: () => "The job's own verifier decides; the heap does not check this result.",
  trusted_executor: () => 'The job runs on nodes that its developer trusts; the heap does not check this result.',
  not_drawn: () => 'Taken for now: it was not drawn for a check, and counts as final once the check window has passed.',
  replica_due: () => 'The job asks for two executions that agree: a node of another cluster runs the task now.',
  probation: ({ left }: { left: number }) => `The node is on probation: this result and the next ${left - 1} are checked by another node.`,
  unconfirmed: () => "None of the node's results has been confirmed since it began or was last wrong: the heap runs the task itself.",
  erred: () => 'The node is on probation for a wrong result: the heap runs the task itself.',
  drawn_for_check: ({ share }: { share: number }) =>
    `Drawn for a check, as ${percent(share)} of this node's results are: another node runs the task again.`,
  drawn_for_reference: ({ share }: { share: number }) =>
    `Drawn for the reference runner, as ${percent(share)} of results are: the heap runs the task itself.`,
  drawn_at_closing: ({ checks, open }: { checks: number; open: number }) =>
    `The node has stopped reporting: ${checks} of its ${amountOf(open, 'open result')} are checked before they become final.`,
  objected: () => 'Its developer objects to it: the heap runs the task itself.',
  rejected_by_verifier: () => "The job's own verifier rejected it: the heap runs the task itself.",
  results_differ: () => 'Two executions differ: the reference runner decides which one is right.',
  results_agree: () => 'Two executions by nodes of different clusters agree.',
  reference_agrees: () => 'The reference runner came to the same result.',
  reference_disagrees: () => 'The reference runner came to another result.',
  node_banned: () => 'The node was banned while this result was open: the task runs again elsewhere.',
  node_proven_wrong: () => 'Another result of the node was proven wrong while this one was open: the task runs again elsewhere.',
  confirmed_elsewhere: () => 'The node was proven wrong elsewhere; this result was confirmed by a node of another cluster and stands.',
  not_drawn_again: () =>
    'A result of the node was proven wrong; others were run again and this one was not drawn. If one of those is wrong too, it is.',
  confirmed_by_reference: () => 'The node was proven wrong elsewhere; this result was confirmed by the reference runner and stands.',
  commitment_missing: () => 'The result was revealed without having been committed to: it is not counted.',
  commitment_broken: () => 'The revealed result is not the one that was committed to: it is not counted.',
  uncommitted: () =>
    'Two executions agree, but not both were committed to before either was known: the heap runs the task itself, and only that confirms it.',
  first_is_gone: () => 'The execution that this one was to confirm ended without a result: its task runs anew.',
} as const satisfies Sentences;

/** For what checks wait. */
export const CHECK_WAITS = {
  waits_for_node: ({ nodes }: { nodes: number }) =>
    `${amountOf(nodes, 'check')} of results: nodes of other owners that may run them run them next, or are at it.`,
  waits_for_heap: ({ heap }: { heap: number }) =>
    `${amountOf(heap, 'check')} of results: the heap runs them itself, because they are its own to run or nobody else on this job may.`,
  waits_for_both: ({ nodes, heap }: { nodes: number; heap: number }) =>
    `${amountOf(nodes, 'check')} of results are for nodes of other owners that may run them; ${heap} the heap runs itself.`,
} as const satisfies Sentences;

/** What a node's results earned it, and what its owner can do. */
export const PENALTY_REASONS = {
  wrong_once: ({ probation }: { probation: number }) =>
    `A result was proven wrong. Hardware may err: the next ${amountOf(probation, 'result')} are checked, then all is as before. Appeal for an independent re-run.`,
  wrong_too_often: ({ wrong, checked }: { wrong: number; checked: number }) =>
    `${wrong} of the last ${checked} checked results were wrong, more than faulty hardware explains. Appeal for an independent re-run.`,
  commitment_broken: ({ probation }: { probation: number }) =>
    `It revealed another result than the one it had committed to, which is not counted: the next ${amountOf(probation, 'result')} are checked. Appeal for an independent re-run of the task: if that comes to what was revealed, the penalty is lifted.`,
  agreed_on_a_lie: () =>
    'It gave the same wrong result as another node, which no accident explains: device and owner are banned. Appeal for an independent re-run.',
  contradicted_itself: () =>
    'It reported two different results of one execution, which no accident explains: device and owner are banned. Appeal for an independent re-run.',
  wrong_bytes: () =>
    'It proved to have other bytes of a piece than it was given to keep. Storage may err: it is on record, and gets fewer pieces the more often it happens.',
  wrong_bytes_often: () =>
    'It proved to have other bytes than it was given to keep, more often than faulty storage explains: it keeps none any more, and what was held for it is void.',
  appeal_open: () => 'The appeal is open: the task in question is run once more by a node that had no part in it, or by the heap.',
  appeal_granted: () => "The independent re-run came to the node's result: the penalty is lifted and what was taken is given back.",
  appeal_refused: () => 'The independent re-run came to another result than the node: the penalty stands.',
  appeal_used: () => 'There is one independent re-run for a penalty and this one has had it.',
  appeal_too_late: ({ days }: { days: number }) => `A penalty can be appealed for ${days} days.`,
  lapsed: () => 'The penalty has lapsed.',
} as const satisfies Sentences;

/** Why a node does not run a certain execution. */
export const EXECUTOR_REASONS = {
  fit: () => 'May run it.',
  node_out: () => 'The node is banned.',
  same_cluster: () => 'Another execution of the task was given to the same cluster.',
  cluster_share: ({ cap }: { cap: number }) => `Its cluster has its share of the job, ${amountOf(cap, 'execution')}.`,
  not_trusted: () => 'The job runs only on nodes that its developer named as trusted.',
  on_probation: () => 'A node on probation checks nobody.',
  too_new: ({ needed }: { needed: number }) => `To check others takes ${amountOf(needed, 'confirmed result')} in a row.`,
} as const satisfies Sentences;

/** Why a result is final or not yet. */
export const WINDOW_REASONS = {
  provisional: ({ left }: { left: number }) =>
    `Provisional: final after ${amountOf(left, 'more result')} of its node, or when the node's open results are closed.`,
  awaits_execution: () => 'Provisional: an execution that is to confirm it is under way.',
  awaits_closing: ({ wait_ms }: { wait_ms: number }) =>
    `Provisional: its open results are closed by checks in ${duration(wait_ms)} if its node reports no more.`,
  window_passed: () => 'Final: its check window has passed and nothing spoke against it.',
  closed: () => "Final: its node's open results were closed by checks.",
  unchecked: () => 'Final: results at this level are not checked by the heap.',
} as const satisfies Sentences;

/** What became of a result that a developer's own verifier looked at. */
export const OWN_CHECK_REASONS = {
  waits_for_verifier: () => 'Your verifier has not looked at it yet.',
  accepted_by_verifier: () => 'Your verifier accepted it.',
  rejected_by_verifier: ({ why }: { why: string }) => `Rejected by your verifier: ${ended(why)} The heap runs the task itself to decide.`,
  rejection_upheld: ({ why }: { why: string }) =>
    `Rejected by your verifier: ${ended(why)} The heap came to another result, which takes its place; what it cost went back to you.`,
  rejection_overruled: ({ why }: { why: string }) =>
    `Rejected by your verifier: ${ended(why)} The heap came to the same result: it is what your program computes, so it stands and is paid.`,
  rejection_undecided: ({ why }: { why: string }) =>
    `Rejected by your verifier: ${ended(why)} The heap could not run the task itself, so it stands as it was reported.`,
  verifier_failed: ({ why }: { why: string }) => `Your verifier failed on it, so it stands unverified: ${ended(why)}`,
  no_verdict: () => 'Your verifier could not be run on it, for a reason that lies with the heap: it stands unverified.',
  verifier_stopped: () => 'Your verifier had stopped: it stands unverified.',
  job_over: () => 'The job was over before your verifier looked: it stands unverified.',
} as const satisfies Sentences;

/** Why a developer's own verifier looks at no further result. */
export const VERIFIER_STOP_REASONS = {
  verifier_rejects_right_results: ({ overruled }: { overruled: number }) =>
    `It rejected ${overruled} results that were right, as the heap's own runs showed: results are the same on every device, so the fault is the verifier's. Further results stand unverified.`,
  verifier_fails: ({ failed }: { failed: number }) => `It failed on ${failed} results. Further results stand unverified.`,
  verifier_budget: ({ budget_micro }: { budget_micro: bigint }) =>
    `Its budget of ${budget_micro} micro-units cannot pay for one more run. Further results stand unverified.`,
} as const satisfies Sentences;

export type CheckCode = keyof typeof CHECK_REASONS;
export type PenaltyCode = keyof typeof PENALTY_REASONS;
export type ExecutorCode = keyof typeof EXECUTOR_REASONS;
export type WindowCode = keyof typeof WINDOW_REASONS;
export type OwnCheckCode = keyof typeof OWN_CHECK_REASONS;
export type VerifierStopCode = keyof typeof VERIFIER_STOP_REASONS;

export const checking = explainer(CHECK_REASONS);
const waitingChecks = explainer(CHECK_WAITS);
export const penalised = explainer(PENALTY_REASONS);
export const executing = explainer(EXECUTOR_REASONS);
export const windowing = explainer(WINDOW_REASONS);
export const ownChecking = explainer(OWN_CHECK_REASONS);
export const verifierStopping = explainer(VERIFIER_STOP_REASONS);

/** Why checks of a job are not decided yet; null where none waits. */
export function checksWait({ nodes, heap }: { nodes: number; heap: number }): Reason<keyof typeof CHECK_WAITS> | null {
  if (nodes > 0 && heap > 0) return waitingChecks('waits_for_both', { nodes, heap });
  if (nodes > 0) return waitingChecks('waits_for_node', { nodes });
  return heap > 0 ? waitingChecks('waits_for_heap', { heap }) : null;
}

/** Somebody else's words as a sentence. */
const ended = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
