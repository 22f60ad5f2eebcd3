import type { DepositState, RefundState } from '#lifecycle';

/** Why a deposit or refund is in its state: a stable code and a sentence. */
export interface MoneyReason {
  readonly code: string;
  readonly sentence: string;
}

const DEPOSIT: Readonly<Record<DepositState, MoneyReason>> = {
  PENDING: {
    code: 'asking_provider',
    sentence: 'The payment provider is being asked; this takes seconds, and longer while it cannot be reached.',
  },
  OPEN: { code: 'waiting_for_payment', sentence: 'It waits until you pay on the page of the payment provider.' },
  SUCCEEDED: { code: 'arrived', sentence: 'The money arrived and can be spent.' },
  FAILED: { code: 'payment_failed', sentence: 'The payment did not work: try again, or with another card.' },
  EXPIRED: { code: 'payment_expired', sentence: 'Nobody paid in time: make a new deposit.' },
};

const REFUND: Readonly<Record<RefundState, MoneyReason>> = {
  REQUESTED: { code: 'asking_provider', sentence: 'The payment provider is being asked; the amount is set aside.' },
  UNKNOWN: {
    code: 'outcome_unknown',
    sentence: 'The provider did not answer; the same refund is asked again with the same key, so it cannot happen twice.',
  },
  SENT: { code: 'refund_sent', sentence: 'It is on its way to the card, which takes five to ten working days.' },
  SUCCEEDED: { code: 'refunded', sentence: 'It went back to the card.' },
  FAILED: { code: 'refund_failed', sentence: 'The card did not take it back; the money is in your balance again.' },
};

export const depositReason = (state: DepositState, stored: { code: string | null; sentence: string | null }): MoneyReason =>
  stored.code === null ? DEPOSIT[state] : { code: stored.code, sentence: stored.sentence ?? DEPOSIT[state].sentence };

export const refundReason = (state: RefundState, stored: { code: string | null; sentence: string | null }): MoneyReason =>
  stored.code === null ? REFUND[state] : { code: stored.code, sentence: stored.sentence ?? REFUND[state].sentence };
