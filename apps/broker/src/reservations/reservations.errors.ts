import { formatMajor, HeapError } from '#units';

export const reservationUnknown = (): HeapError => new HeapError('not_found', 'There is no such reservation among yours.', 'user');

export const keyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another reservation: choose a new one.', 'developer');

export const deadlinePassed = (deadline: string): HeapError =>
  new HeapError('deadline_passed', `The deadline ${deadline} has passed already: choose a later one, or none.`, 'developer', { deadline });

export const budgetTooSmall = (least_micro: bigint): HeapError =>
  new HeapError(
    'budget_too_small',
    `The budget pays for no term at all at the maximum price: it takes at least ${formatMajor(least_micro)}.`,
    'developer',
    { least_micro: String(least_micro) },
  );

export const amountTooLarge = (): HeapError =>
  new HeapError('invalid_input', 'So much for so long at this price is more than any account can hold: ask for less.', 'developer');

export const capExceeded = (cap_micro: bigint): HeapError =>
  new HeapError(
    'job_cap_exceeded',
    `Your own cap for a job or reservation is ${formatMajor(cap_micro)}: lower the budget, or raise the cap with \`heap limits --job-cap\`.`,
    'developer',
    { cap_micro: String(cap_micro) },
  );

export const notExtensible = (): HeapError =>
  new HeapError('not_extensible.conflict', 'It is over, has not begun, or was extended a moment ago: look at it again.', 'developer');

export const auditRefused = (lease_ids: readonly string[]): HeapError =>
  new HeapError(
    'audit_refused',
    'An audit names a lease of storage that is over, or more bytes than it can have kept: nothing was counted.',
    'platform',
    {
      lease_ids,
    },
  );
