import { lifecycle, type StateOf } from './table.js';

/** Held money of one attempt (money.md). A lost node returns it to HELD with the next epoch. */
export const HOLD = lifecycle('hold', 'HELD', {
  HELD: ['RUNNING', 'VOIDED'],
  RUNNING: ['SUBMITTED', 'HELD', 'VOIDED'],
  SUBMITTED: ['CAPTURED', 'VOIDED'],
  CAPTURED: [],
  VOIDED: [],
});
export type HoldState = StateOf<typeof HOLD>;

/**
 * Held money of a whole job: captured in batches by its leases while it is HELD. It ends as CAPTURED when something was captured
 * (the rest returned) and as VOIDED when nothing was.
 */
export const JOB_HOLD = lifecycle('job hold', 'HELD', {
  HELD: ['CAPTURED', 'VOIDED'],
  CAPTURED: [],
  VOIDED: [],
});
export type JobHoldState = StateOf<typeof JOB_HOLD>;

/** Captured money in its holdback. SPLIT is what was given back in part and released for the rest: the two sums equal what was captured. */
export const CAPTURE = lifecycle('capture', 'CAPTURED', {
  CAPTURED: ['RELEASED', 'DISPUTED', 'REFUNDED', 'SPLIT'],
  DISPUTED: ['RELEASED', 'REFUNDED', 'SPLIT'],
  RELEASED: [],
  REFUNDED: [],
  SPLIT: [],
});
export type CaptureState = StateOf<typeof CAPTURE>;

/** Captured money that is still pending for its owner (control total I17). */
export function isPending(state: CaptureState): boolean {
  return state === 'CAPTURED' || state === 'DISPUTED';
}

/** Money on its way out. PAID is not the end: a bank can return a payout that was paid. */
export const PAYOUT = lifecycle('payout', 'REQUESTED', {
  REQUESTED: ['SCREENED', 'REJECTED'],
  SCREENED: ['TRANSFER_SENT', 'REJECTED'],
  TRANSFER_SENT: ['TRANSFERRED', 'UNKNOWN', 'TRANSFER_FAILED'],
  UNKNOWN: ['TRANSFERRED', 'TRANSFER_FAILED'],
  TRANSFERRED: ['BANK_PENDING', 'PAID', 'BANK_FAILED'],
  BANK_PENDING: ['PAID', 'BANK_FAILED'],
  PAID: ['BANK_FAILED'],
  REJECTED: [],
  TRANSFER_FAILED: [],
  BANK_FAILED: [],
});
export type PayoutState = StateOf<typeof PAYOUT>;

/** States whose money is in 2130 (control total I17): asked for, and not yet known to have arrived or failed. */
export function isInFlight(state: PayoutState): boolean {
  return state === 'REQUESTED' || state === 'SCREENED' || state === 'TRANSFER_SENT' || state === 'UNKNOWN';
}

/** Money on its way in. What was paid can be refunded and disputed; both are lives of their own. */
export const DEPOSIT = lifecycle('deposit', 'PENDING', {
  PENDING: ['OPEN', 'SUCCEEDED', 'FAILED', 'EXPIRED'],
  OPEN: ['SUCCEEDED', 'FAILED', 'EXPIRED'],
  SUCCEEDED: [],
  // A call that was refused or given up may turn out to have been paid all the same: what came in is the payer's.
  FAILED: ['SUCCEEDED'],
  EXPIRED: ['SUCCEEDED'],
});
export type DepositState = StateOf<typeof DEPOSIT>;

/** Unspent money on its way back. SUCCEEDED is not the end: a bank can send a refund back. */
export const REFUND = lifecycle('refund', 'REQUESTED', {
  REQUESTED: ['UNKNOWN', 'SENT', 'SUCCEEDED', 'FAILED'],
  UNKNOWN: ['SENT', 'SUCCEEDED', 'FAILED'],
  SENT: ['SUCCEEDED', 'FAILED'],
  SUCCEEDED: ['FAILED'],
  FAILED: [],
});
export type RefundState = StateOf<typeof REFUND>;

export const DISPUTE = lifecycle('dispute', 'OPEN', { OPEN: ['WON', 'LOST'], WON: [], LOST: [] });
export type DisputeState = StateOf<typeof DISPUTE>;
