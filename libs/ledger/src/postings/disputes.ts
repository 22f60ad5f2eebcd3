import { HeapError, type Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, notNegative, positive } from '../draft.js';

const { disputeReceivable, stripeAvailable, developerAvailable, developerFrozen, developerDebt, ownerAvailable } = ACCOUNTS;
const { disputeFees, chargebackLoss, badDebt } = ACCOUNTS;

/** `unspent`: what the developer still had of the disputed deposit and is frozen, at most the amount. */
export interface DisputeStep {
  readonly dispute_id: string;
  readonly developer: string;
  readonly amount: Micro;
  readonly unspent: Micro;
}

/** The bank took a disputed deposit back for now; what is left of it is frozen. */
export function disputeOpened(step: DisputeStep): JournalDraft {
  check(step);
  return journal(
    'dispute.opened',
    `dispute-opened:${step.dispute_id}`,
    [
      [at(disputeReceivable), at(stripeAvailable), step.amount],
      [at(developerAvailable, step.developer), at(developerFrozen, step.developer), step.unspent],
    ],
    { dispute_id: step.dispute_id },
  );
}

export function disputeWon(step: DisputeStep): JournalDraft {
  check(step);
  return journal(
    'dispute.won',
    `dispute-won:${step.dispute_id}`,
    [
      [at(stripeAvailable), at(disputeReceivable), step.amount],
      [at(developerFrozen, step.developer), at(developerAvailable, step.developer), step.unspent],
    ],
    { dispute_id: step.dispute_id },
  );
}

/** The frozen rest pays first; what was spent already is the developer's debt. Honest owners keep what they earned. */
export function disputeLost(step: DisputeStep): JournalDraft {
  check(step);
  return journal(
    'dispute.lost',
    `dispute-lost:${step.dispute_id}`,
    [
      [at(developerFrozen, step.developer), at(disputeReceivable), step.unspent],
      [at(developerDebt, step.developer), at(disputeReceivable), step.amount - step.unspent],
    ],
    { dispute_id: step.dispute_id },
  );
}

export function disputeFee(step: { dispute_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The fee of a dispute');
  return journal('dispute.fee', `dispute-fee:${step.dispute_id}`, [[at(disputeFees), at(stripeAvailable), step.amount]], {
    dispute_id: step.dispute_id,
  });
}

/** The developer pays a debt from new money, or from what the same person's devices earned. */
export function developerDebtPaid(step: {
  payment_id: string;
  developer: string;
  amount: Micro;
  from?: 'deposits' | 'earnings';
}): JournalDraft {
  positive(step.amount, 'The payment of a debt');
  const from = step.from === 'earnings' ? ownerAvailable : developerAvailable;
  return journal(
    'developer.debt_paid',
    `developer-debt-paid:${step.payment_id}`,
    [[at(from, step.developer), at(developerDebt, step.developer), step.amount]],
    { payment_id: step.payment_id },
  );
}

/** A debt nobody will pay: a loss by chargeback, or another bad debt. */
export function developerDebtWrittenOff(step: {
  write_off_id: string;
  developer: string;
  amount: Micro;
  cause: 'chargeback' | 'other';
}): JournalDraft {
  positive(step.amount, 'The debt written off');
  return journal(
    'developer.debt_written_off',
    `developer-debt-written-off:${step.write_off_id}`,
    [[at(step.cause === 'chargeback' ? chargebackLoss : badDebt), at(developerDebt, step.developer), step.amount]],
    { write_off_id: step.write_off_id },
  );
}

function check(step: DisputeStep): void {
  positive(step.amount, `Dispute ${step.dispute_id}`);
  if (notNegative(step.unspent, 'The unspent part') > step.amount)
    throw new HeapError(
      'unspent_above_dispute',
      `Dispute ${step.dispute_id}: ${step.unspent} frozen is more than the ${step.amount} disputed.`,
      'platform',
    );
}
