import type { Micro } from '#units';
import type { Identity } from '../platform/provider/money-provider.js';
import { PAYOUT_REASONS, type PayoutReason } from './payout-reasons.js';

/** What is known of an owner when a payout is screened. Amounts in micro-units. */
export interface PayoutFacts {
  readonly identity: Identity;
  readonly payouts_enabled: boolean;
  /** How long the bank details are what they are; null where there are none to change. */
  readonly bank_age_s: number | null;
  /** How long the password and the address are what they are; null for always. */
  readonly credentials_age_s: number | null;
  readonly cool_down_s: number;
  readonly debt: Micro;
  /** Money or account frozen, or a payment of the same person disputed. */
  readonly frozen: boolean;
  readonly amount: Micro;
  readonly minimum: Micro;
  /** What this payout may take: without what the own linked cluster paid. */
  readonly payable: Micro;
  /** Other payouts of the last 24 hours, of everybody in the own linked cluster. */
  readonly recent: { readonly count: number; readonly amount: Micro };
  readonly limits: { readonly count: number; readonly amount: Micro };
}

export type Verdict =
  | { readonly verdict: 'pass' }
  /** Nothing is wrong with the payout; something must happen first. */
  | { readonly verdict: 'wait'; readonly reason: PayoutReason }
  | { readonly verdict: 'refuse'; readonly reason: PayoutReason };

/** Refusals first: what can never be paid does not wait. The order is that of what an owner should hear first. */
export function screen(facts: PayoutFacts): Verdict {
  const { amount, minimum, payable, recent, limits } = facts;
  if (facts.identity === 'rejected') return refuse(PAYOUT_REASONS.identity_rejected());
  if (facts.frozen) return refuse(PAYOUT_REASONS.frozen());
  if (facts.debt > 0n) return refuse(PAYOUT_REASONS.debt_open(facts.debt));
  if (amount < minimum) return refuse(PAYOUT_REASONS.below_minimum(minimum - amount));
  if (amount > payable) return refuse(PAYOUT_REASONS.own_cluster(payable));
  if (recent.count >= limits.count) return refuse(PAYOUT_REASONS.too_many(limits.count));
  if (recent.amount + amount > limits.amount)
    return refuse(PAYOUT_REASONS.daily_limit(recent.amount < limits.amount ? limits.amount - recent.amount : 0n));
  if (facts.identity !== 'active') return wait(PAYOUT_REASONS.identity_missing());
  if (!facts.payouts_enabled) return wait(PAYOUT_REASONS.payouts_disabled());
  if (facts.bank_age_s !== null && facts.bank_age_s < facts.cool_down_s)
    return wait(PAYOUT_REASONS.bank_details_new((facts.cool_down_s - facts.bank_age_s) * 1000));
  if (facts.credentials_age_s !== null && facts.credentials_age_s < facts.cool_down_s)
    return wait(PAYOUT_REASONS.credentials_new((facts.cool_down_s - facts.credentials_age_s) * 1000));
  return { verdict: 'pass' };
}

const refuse = (reason: PayoutReason): Verdict => ({ verdict: 'refuse', reason });
const wait = (reason: PayoutReason): Verdict => ({ verdict: 'wait', reason });
