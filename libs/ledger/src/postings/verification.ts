import type { Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, type Leg, notNegative, positive } from '../draft.js';

const { verification, ownerPending, ownerAvailable, ownerReserve, operatorEquity, developerHeld, verifierRuns } = ACCOUNTS;

/** The pay of one check, or what comes back of one penalty. */
export interface CheckPayStep {
  readonly check_id: string;
  /** Null of a penalty that was for no result. */
  readonly job_id: string | null;
  readonly owner: string;
  readonly amount: Micro;
}

/** An execution that the heap ordered to check another one's result, and that came to what is right: earned, and held like any earning. */
export function checkPaid(step: CheckPayStep): JournalDraft {
  return payOfCheck('paid', step, [[at(verification), at(ownerPending, step.owner), step.amount]]);
}

/** The holdback of a check's pay is over; a part of a new owner's stays in reserve. */
export function checkReleased(step: CheckPayStep & { readonly reserve?: Micro }): JournalDraft {
  const reserve = notNegative(step.reserve ?? 0n, 'The reserve');
  const pending = at(ownerPending, step.owner);
  return payOfCheck('released', step, [
    [pending, at(ownerAvailable, step.owner), step.amount - reserve],
    [pending, at(ownerReserve, step.owner), reserve],
  ]);
}

/** Whoever checked turned out to have lied before its pay was released. */
export function checkVoided(step: CheckPayStep): JournalDraft {
  return payOfCheck('voided', step, [[at(ownerPending, step.owner), at(verification), step.amount]]);
}

function payOfCheck(what: 'paid' | 'released' | 'voided', { check_id, job_id, amount }: CheckPayStep, legs: readonly Leg[]): JournalDraft {
  positive(amount, 'The pay of a check');
  return journal(`verification.${what}`, `verification-${what}:${check_id}`, legs, { check_id, ...(job_id !== null && { job_id }) });
}

/** What the heap's own runs cost: the operator puts in the computing. `run_id` names one turn of the runner. */
export function referenceRun(step: { run_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The cost of a reference run');
  return journal('verification.run', `verification-run:${step.run_id}`, [[at(verification), at(operatorEquity), step.amount]], {
    run_id: step.run_id,
  });
}

/** A penalty that an independent run has overturned: the heap pays what was taken because of it, held like the pay of a check whose id is the penalty's. */
export function penaltyOverturned(step: { penalty_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'What a penalty took');
  return journal(
    'verification.overturned',
    `verification-overturned:${step.penalty_id}`,
    [[at(verification), at(ownerPending, step.owner), step.amount]],
    { penalty_id: step.penalty_id, check_id: step.penalty_id },
  );
}

/** Runs of a developer's own verifier, from the money that was held for it. `run_id` names one turn of the runner. */
export function verifierCharged(step: { run_id: string; hold_id: string; job_id: string; developer: string; amount: Micro }): JournalDraft {
  const { run_id, hold_id, job_id } = step;
  positive(step.amount, 'The cost of a verifier');
  return journal('verifier.charged', `verifier-charged:${run_id}`, [[at(developerHeld, step.developer), at(verifierRuns), step.amount]], {
    run_id,
    hold_id,
    job_id,
  });
}
