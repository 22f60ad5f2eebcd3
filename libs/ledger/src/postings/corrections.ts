import type { Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, notNegative, positive } from '../draft.js';

const { ownerAvailable, ownerReserve, ownerFrozen, ownerDebt, developerAvailable, developerFrozen, developerPromo, partnerPayable } =
  ACCOUNTS;
const { computeFee, forfeitedReserve, badDebt, suspense, stripeAvailable } = ACCOUNTS;

/**
 * A wrong result proven after its release: the owner's free money pays first, then the reserve, the rest becomes a debt that
 * later earnings pay; the heap gives its fee back.
 */
export function clawback(step: {
  capture_id: string;
  owner: string;
  developer: string;
  from_available: Micro;
  from_reserve: Micro;
  as_debt: Micro;
  fee: Micro;
  /** The share of who brought the device. */
  partner?: { person: string; from_payable: Micro; as_debt: Micro };
  /** The part of all that was promotional money. */
  promo?: Micro;
  /** Tells the parts of a capture that are taken back one after the other. */
  key?: string;
}): JournalDraft {
  const available = at(developerAvailable, step.developer);
  return journal(
    'clawback',
    step.key ?? `clawback:${step.capture_id}`,
    [
      [at(ownerAvailable, step.owner), available, step.from_available],
      [at(ownerReserve, step.owner), available, step.from_reserve],
      [at(ownerDebt, step.owner), available, step.as_debt],
      [at(computeFee), available, step.fee],
      ...(step.partner
        ? [
            [at(partnerPayable, step.partner.person), available, step.partner.from_payable] as const,
            [at(ownerDebt, step.partner.person), available, step.partner.as_debt] as const,
          ]
        : []),
      [available, at(developerPromo, step.developer), step.promo ?? 0n],
    ],
    { capture_id: step.capture_id },
  );
}

/** How a clawback of `net` falls on what the owner has. */
export function planClawback(net: Micro, available: Micro, reserve: Micro): { from_available: Micro; from_reserve: Micro; as_debt: Micro } {
  const from_available = least(positive(net, 'The clawback'), notNegative(available, 'The available money'));
  const from_reserve = least(net - from_available, notNegative(reserve, 'The reserve'));
  return { from_available, from_reserve, as_debt: net - from_available - from_reserve };
}

/** Earnings pay an owner's debt. */
export function ownerDebtPaid(step: { payment_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The payment of a debt');
  return journal(
    'owner.debt_paid',
    `owner-debt-paid:${step.payment_id}`,
    [[at(ownerAvailable, step.owner), at(ownerDebt, step.owner), step.amount]],
    {
      payment_id: step.payment_id,
    },
  );
}

export function ownerDebtWrittenOff(step: { write_off_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The debt written off');
  return journal(
    'owner.debt_written_off',
    `owner-debt-written-off:${step.write_off_id}`,
    [[at(badDebt), at(ownerDebt, step.owner), step.amount]],
    {
      write_off_id: step.write_off_id,
    },
  );
}

/** The 90 days of a new owner's reserve are over. */
export function reserveReleased(step: { reserve_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The reserve');
  return journal(
    'reserve.released',
    `reserve-released:${step.reserve_id}`,
    [[at(ownerReserve, step.owner), at(ownerAvailable, step.owner), step.amount]],
    { reserve_id: step.reserve_id },
  );
}

/** A proven cheat loses the reserve. */
export function reserveForfeited(step: { penalty_id: string; owner: string; amount: Micro }): JournalDraft {
  positive(step.amount, 'The reserve');
  return journal(
    'reserve.forfeited',
    `reserve-forfeited:${step.penalty_id}`,
    [[at(ownerReserve, step.owner), at(forfeitedReserve), step.amount]],
    {
      penalty_id: step.penalty_id,
    },
  );
}

/** `freeze_id` names one freeze; `thaw` with the same id undoes it. */
export interface FreezeStep {
  readonly freeze_id: string;
  readonly person: string;
  readonly role: 'owner' | 'developer';
  readonly amount: Micro;
}

export function freeze(step: FreezeStep): JournalDraft {
  positive(step.amount, 'The frozen money');
  const [free, frozen] = sides(step);
  return journal('freeze', `freeze:${step.freeze_id}`, [[free, frozen, step.amount]], { freeze_id: step.freeze_id });
}

export function thaw(step: FreezeStep): JournalDraft {
  positive(step.amount, 'The frozen money');
  const [free, frozen] = sides(step);
  return journal('thaw', `thaw:${step.freeze_id}`, [[frozen, free, step.amount]], { freeze_id: step.freeze_id });
}

/** The provider's balance moved for no reason we know yet (I16: explained within 24 hours). `amount` is signed: what came in is positive. */
export function unexplained(step: { transaction_id: string; amount: Micro }): JournalDraft {
  const [debit, credit] = step.amount < 0n ? [at(suspense), at(stripeAvailable)] : [at(stripeAvailable), at(suspense)];
  const amount = positive(step.amount < 0n ? -step.amount : step.amount, 'The unexplained movement');
  return journal('suspense', `suspense:${step.transaction_id}`, [[debit, credit, amount]], { transaction_id: step.transaction_id });
}

function sides(step: FreezeStep) {
  return step.role === 'owner'
    ? ([at(ownerAvailable, step.person), at(ownerFrozen, step.person)] as const)
    : ([at(developerAvailable, step.person), at(developerFrozen, step.person)] as const);
}

function least(a: Micro, b: Micro): Micro {
  return a < b ? a : b;
}
