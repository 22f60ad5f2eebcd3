import { payoutEnded, waiting } from '#lifecycle';
import { formatMajor, type Micro } from '#units';

/** Why a payout is in its state or was not begun: a stable code and one sentence. */
export interface PayoutReason {
  readonly code: string;
  readonly sentence: string;
}

export const PAYOUT_REASONS = {
  screening: (): PayoutReason => waiting('in_screening'),
  identity_missing: (): PayoutReason => waiting('identity_missing'),
  identity_rejected: (): PayoutReason => ({
    code: 'identity_rejected',
    sentence: 'The payment provider has rejected your account, so your earnings are frozen: write to the heap to hear why or to object.',
  }),
  payouts_disabled: (): PayoutReason => ({
    code: 'payouts_disabled',
    sentence: 'The payment provider does not pay to your bank at present: open its form again and see what it asks for.',
  }),
  bank_details_new: (remaining_ms: number): PayoutReason => waiting('bank_details_new', { remaining_ms }),
  credentials_new: (remaining_ms: number): PayoutReason => waiting('credentials_new', { remaining_ms }),
  debt_open: (debt_micro: Micro): PayoutReason => waiting('debt_open', { debt_micro }),
  frozen: (): PayoutReason => waiting('account_frozen'),
  below_minimum: (short_micro: Micro): PayoutReason => waiting('below_minimum', { short_micro }),
  below_a_cent: (): PayoutReason => ({
    code: 'below_a_cent',
    sentence: 'The payment provider moves whole cents only, or whatever is smallest: the fraction stays until more comes.',
  }),
  no_account: (): PayoutReason => ({ code: 'no_account', sentence: 'Open an account with the payment provider to be paid out.' }),
  ready: (): PayoutReason => ({ code: 'ready', sentence: 'A payout can be asked for: `heap payout`.' }),
  too_many: (per_day: number): PayoutReason => ({
    code: 'too_many_payouts',
    sentence: `${per_day} payouts within 24 hours is the most: ask again tomorrow.`,
  }),
  daily_limit: (left_micro: Micro): PayoutReason => ({
    code: 'daily_limit',
    sentence: `At most ${formatMajor(left_micro)} more can be paid out within these 24 hours: ask for less, or for the rest tomorrow.`,
  }),
  own_cluster: (payable_micro: Micro): PayoutReason => ({
    code: 'own_cluster',
    sentence: `What your devices earned from your own or a linked account cannot be paid out: ${formatMajor(payable_micro)} can.`,
  }),
  funds_clearing: (): PayoutReason => ({
    code: 'funds_clearing',
    sentence: 'It passed the checks and is sent as soon as the payment provider has cleared the money of the buyers.',
  }),
  sending: (): PayoutReason => ({ code: 'sending', sentence: 'The payment provider is being asked to transfer it.' }),
  unknown: (): PayoutReason => waiting('transfer_outcome_unknown'),
  transferred: (): PayoutReason => ({
    code: 'transferred',
    sentence: 'It is in your account at the payment provider and goes on to your bank.',
  }),
  at_the_bank: (): PayoutReason => waiting('at_the_bank'),
  paid: (): PayoutReason => payoutEnded('paid'),
  rejected: (why: string): PayoutReason => payoutEnded('screen_refused', { why }),
  transfer_failed: (why: string): PayoutReason => payoutEnded('transfer_refused', { why }),
  bank_failed: (why: string): PayoutReason => payoutEnded('bank_refused', { why }),
} as const;
