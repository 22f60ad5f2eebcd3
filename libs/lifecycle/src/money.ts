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

/** Captured money in its holdback. SPLIT is a dispute decided in part: released + refunded equal what was captured. */
export const CAPTURE = lifecycle('capture', 'CAPTURED', {
  CAPTURED: ['RELEASED', 'DISPUTED', 'REFUNDED'],
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
