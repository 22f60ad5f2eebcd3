import { HeapError } from '#units';

export const jobNotFound = (): HeapError => new HeapError('not_found', 'There is no such job among yours.', 'user');

export const objectionNotFound = (): HeapError => new HeapError('not_found', 'There is no such objection.', 'user');

export const nothingHeld = (): HeapError =>
  new HeapError(
    'objection.nothing_held.conflict',
    'Nothing of this was charged and is still held: its owners have been paid, or it was objected to before.',
    'developer',
  );

export const objectedBefore = (index: number): HeapError =>
  new HeapError('objection.again.conflict', `Task ${index} was objected to before: leave it out.`, 'developer', { index });

export const decidedOtherwise = (): HeapError =>
  new HeapError('objection.decided.conflict', 'This objection is decided already, and a decision is never changed.', 'user');

export const splitOutOfRange = (): HeapError =>
  new HeapError('invalid_input', 'A split gives back more than nothing and less than what was objected to.', 'user');

export const keyUsed = (): HeapError =>
  new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another request: choose a new one.', 'user');
