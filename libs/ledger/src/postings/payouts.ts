import type { Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, type Leg, positive } from '../draft.js';

const { ownerAvailable, ownerPayoutInFlight, partnerPayable, stripeInTransit, stripeAvailable } = ACCOUNTS;

export interface PayoutStep {
  readonly payout_id: string;
  /** An owner, or a partner where `payee` says so. */
  readonly person: string;
  readonly amount: Micro;
  readonly payee?: 'owner' | 'partner';
}

/** The money leaves the payable balance at once, so that it cannot be asked for twice. */
export function payoutRequested(step: PayoutStep): JournalDraft {
  return posted('payout.requested', step, [[payable(step), at(ownerPayoutInFlight, step.person), step.amount]]);
}

/** Refused by the screen before anything was sent. */
export function payoutRejected(step: PayoutStep): JournalDraft {
  return posted('payout.rejected', step, [[at(ownerPayoutInFlight, step.person), payable(step), step.amount]]);
}

/** The transfer was asked of the provider; its outcome may be unknown for a while. */
export function payoutSent(step: PayoutStep): JournalDraft {
  return posted('payout.sent', step, [[at(stripeInTransit), at(stripeAvailable), step.amount]]);
}

/** The provider has the transfer. */
export function payoutConfirmed(step: PayoutStep): JournalDraft {
  return posted('payout.confirmed', step, [[at(ownerPayoutInFlight, step.person), at(stripeInTransit), step.amount]]);
}

/** The provider has no such transfer and never will: both steps are undone. */
export function payoutFailed(step: PayoutStep): JournalDraft {
  return posted('payout.failed', step, [
    [at(stripeAvailable), at(stripeInTransit), step.amount],
    [at(ownerPayoutInFlight, step.person), payable(step), step.amount],
  ]);
}

/** The bank sent a confirmed payout back and the transfer was reversed. */
export function payoutReturned(step: PayoutStep): JournalDraft {
  return posted('payout.returned', step, [[at(stripeAvailable), payable(step), step.amount]]);
}

function payable(step: PayoutStep) {
  return at(step.payee === 'partner' ? partnerPayable : ownerAvailable, step.person);
}

function posted(kind: string, step: PayoutStep, legs: Leg[]): JournalDraft {
  positive(step.amount, `Payout ${step.payout_id}`);
  return journal(kind, `${kind}:${step.payout_id}`, legs, { payout_id: step.payout_id });
}
