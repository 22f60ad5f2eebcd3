import { HeapError } from '#units';

export const penaltyNotFound = (): HeapError => new HeapError('not_found', 'There is no such penalty of yours.', 'user');
export const appealRefused = (sentence: string): HeapError => new HeapError('penalty.appeal.conflict', sentence, 'owner');
export const nothingToRun = (): HeapError =>
  new HeapError('penalty.appeal.conflict', 'An admin imposed this penalty, and no result could be run again: write to the heap.', 'owner');
