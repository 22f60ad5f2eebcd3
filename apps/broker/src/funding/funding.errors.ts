import { formatMajor, HeapError, type Micro } from '#units';

export const depositOutOfRange = (max: Micro, currency: string): HeapError =>
  new HeapError('amount_out_of_range', `A deposit is more than nothing and at most ${formatMajor(max)} ${currency}.`, 'developer');

export const notWhole = (whole: Micro, currency: string): HeapError =>
  new HeapError(
    'amount_not_whole',
    `The payment provider moves whole cents only, or whatever is smallest in ${currency}: ask for ${formatMajor(whole)} or ${formatMajor(whole + 10_000n)}.`,
    'developer',
    { whole_micro: String(whole) },
  );

export const keyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another request: choose a new one.', 'user');

export const depositNotFound = (): HeapError => new HeapError('not_found', 'There is no such deposit among yours.', 'user');

export const notRefundable = (refundable: Micro, currency: string): HeapError =>
  new HeapError(
    'refund.conflict',
    `Of this deposit ${formatMajor(refundable)} ${currency} can go back: what was paid, less what was spent, held, refunded or disputed.`,
    'developer',
    { refundable_micro: String(refundable) },
  );

export const noSavedCard = (): HeapError =>
  new HeapError('top_up.conflict', 'There is no saved card to charge: make one deposit by card first.', 'developer');

export const topUpTooSmall = (): HeapError =>
  new HeapError('invalid_input', 'A top-up needs an amount above 0 and a monthly cap that is not below it.', 'developer');

export const refundBlocked = (): HeapError =>
  new HeapError(
    'refund.blocked.conflict',
    'A payment of yours is disputed or a debt is open: what is unspent waits for that and pays it first.',
    'developer',
  );
