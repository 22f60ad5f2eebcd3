import { HeapError } from '#units';

export const penaltyNotFound = (): HeapError => new HeapError('not_found', 'There is no such penalty of yours.', 'user');
export const appealRefused = (sentence: string): HeapError => new HeapError('penalty.appeal.conflict', sentence, 'owner');
export const nothingToRun = (): HeapError =>
  new HeapError('penalty.appeal.conflict', 'An admin imposed this penalty, and no result could be run again: write to the heap.', 'owner');
export const nodeNotFound = (): HeapError => new HeapError('not_found', 'There is no such node, or it is out of the heap already.', 'user');
export const jobNotFound = (): HeapError => new HeapError('not_found', 'There is no such job among yours.', 'user');
export const objectionTooLarge = (most: number): HeapError =>
  new HeapError(
    'objection.too_many.conflict',
    `The heap runs at most ${most} results again for an objection: name so many tasks of which you doubt the results. Who lied in one is looked at in all.`,
    'user',
    { most },
  );
export const objectionsUnfounded = (days: number): HeapError =>
  new HeapError(
    'objection.unfounded.conflict',
    `What you objected to in the last ${days} days was run again and was right, or is still to be run: the heap runs no more of it for you now. Write to its operator.`,
    'user',
    { days },
  );
