import { formatMajor, HeapError, type Micro } from '#units';

export const insufficientFunds = (needed: Micro, available: Micro, currency: string): HeapError =>
  new HeapError(
    'insufficient_funds',
    `This needs ${formatMajor(needed)} ${currency} and ${formatMajor(available)} are available: deposit the rest or lower the budget.`,
    'developer',
    { needed_micro: String(needed), available_micro: String(available) },
  );

export const keyReused = (key: string): HeapError =>
  new HeapError('idempotency_mismatch', `The key "${key}" was used before for something else: choose a new one.`, 'developer', { key });

export const payerBlocked = (cause: string): HeapError =>
  new HeapError('payer_blocked', `No money can be held for new work: ${cause}. Settle that first, then place the job again.`, 'developer');
