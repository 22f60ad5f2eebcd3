import type { Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, positive } from '../draft.js';

const { stripeAvailable, stripePending, developerAvailable, developerPromo, stripeFees, promotions, bankOperating, operatorEquity } =
  ACCOUNTS;

/** The developer paid: the provider has the money, not yet cleared. */
export function deposit(step: { deposit_id: string; developer: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The deposit');
  return journal('deposit', `deposit:${step.deposit_id}`, [[at(stripePending), at(developerAvailable, step.developer), step.amount]], {
    deposit_id: step.deposit_id,
  });
}

/** What the provider keeps of a deposit is the heap's expense; the developer has the whole deposit. */
export function depositFee(step: { deposit_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, "The deposit's fee");
  return journal('deposit.fee', `deposit-fee:${step.deposit_id}`, [[at(stripeFees), at(stripePending), step.amount]], {
    deposit_id: step.deposit_id,
  });
}

/** The provider made the money (less its fee) available. */
export function depositClears(step: { deposit_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The cleared deposit');
  return journal('deposit.clears', `deposit-clears:${step.deposit_id}`, [[at(stripeAvailable), at(stripePending), step.amount]], {
    deposit_id: step.deposit_id,
  });
}

/** Unspent money back to the card it came from. The caller has checked I27: refundable ≤ deposit − consumed − disputed. */
export function depositRefund(step: { refund_id: string; deposit_id: string; developer: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The refund of a deposit');
  return journal(
    'deposit.refund',
    `deposit-refund:${step.refund_id}`,
    [[at(developerAvailable, step.developer), at(stripeAvailable), step.amount]],
    {
      refund_id: step.refund_id,
      deposit_id: step.deposit_id,
    },
  );
}

export function promoGrant(step: { grant_id: string; developer: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The promotion');
  return journal('promo.grant', `promo-grant:${step.grant_id}`, [[at(promotions), at(developerPromo, step.developer), step.amount]], {
    grant_id: step.grant_id,
  });
}

/** What is left of a grant goes back to the operator. `part` tells what jobs returned after that from what was left then. */
export function promoExpires(step: { grant_id: string; developer: string; amount: Micro; part?: number }): JournalDraft {
  positive(step.amount, 'The expired promotion');
  return journal(
    'promo.expires',
    step.part ? `promo-expires:${step.grant_id}:${step.part}` : `promo-expires:${step.grant_id}`,
    [[at(developerPromo, step.developer), at(promotions), step.amount]],
    {
      grant_id: step.grant_id,
    },
  );
}

/** The operator puts own money in, for instance to pay for verification and promotions. */
export function operatorFunds(step: { transfer_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, "The operator's money");
  return journal('operator.funds', `operator-funds:${step.transfer_id}`, [[at(bankOperating), at(operatorEquity), step.amount]], {
    transfer_id: step.transfer_id,
  });
}

/** The provider paid cleared money out to the operator's bank account. */
export function bankSweep(step: { transfer_id: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The sweep to the bank');
  return journal('bank.sweep', `bank-sweep:${step.transfer_id}`, [[at(bankOperating), at(stripeAvailable), step.amount]], {
    transfer_id: step.transfer_id,
  });
}
