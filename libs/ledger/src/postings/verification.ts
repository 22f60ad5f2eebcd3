import type { Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, positive } from '../draft.js';

const { verification, ownerAvailable, operatorEquity } = ACCOUNTS;

/** An execution that the heap ordered to check another one's result, and that came to what is right. */
export function checkPaid(step: { check_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The pay of a check');
  return journal(
    'verification.paid',
    `verification-paid:${step.check_id}`,
    [[at(verification), at(ownerAvailable, step.owner), step.amount]],
    { check_id: step.check_id },
  );
}

/** What the heap's own runs cost: the operator puts in the computing. `run_id` names one turn of the runner. */
export function referenceRun(step: { run_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The cost of a reference run');
  return journal('verification.run', `verification-run:${step.run_id}`, [[at(verification), at(operatorEquity), step.amount]], {
    run_id: step.run_id,
  });
}

/** A penalty that an independent run has overturned: the heap pays what was taken because of it. */
export function penaltyOverturned(step: { penalty_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'What a penalty took');
  return journal(
    'verification.overturned',
    `verification-overturned:${step.penalty_id}`,
    [[at(verification), at(ownerAvailable, step.owner), step.amount]],
    { penalty_id: step.penalty_id },
  );
}
