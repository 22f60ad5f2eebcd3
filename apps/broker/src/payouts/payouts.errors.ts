import { HeapError } from '#units';
import type { PayoutReason } from './payout-reasons.js';

export const payoutRefused = ({ code, sentence }: PayoutReason): HeapError =>
  new HeapError(`payout.${code}.conflict`, sentence, 'owner', { reason: code });

export const noPayoutAccount = (): HeapError =>
  new HeapError('payout.no_account.conflict', 'There is no account to pay to: open one with your payment provider first.', 'owner');

export const payoutNotFound = (): HeapError => new HeapError('not_found', 'There is no such payout among yours.', 'user');

export const nothingPayable = (): HeapError => new HeapError('payout.nothing.conflict', 'There is nothing to pay out yet.', 'owner');

export const keyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another request: choose a new one.', 'user');
