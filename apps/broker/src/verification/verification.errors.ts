import { HeapError } from '#units';

export const penaltyNotFound = (): HeapError => new HeapError('not_found', 'There is no such penalty of yours.', 'user');
export const appealRefused = (sentence: string): HeapError => new HeapError('penalty.appeal.conflict', sentence, 'owner');
export const nothingToRun = (): HeapError =>
  new HeapError('penalty.appeal.conflict', 'An admin imposed this penalty, and no result could be run again: write to the heap.', 'owner');
export const nodeNotFound = (): HeapError => new HeapError('not_found', 'There is no such node, or it is out of the heap already.', 'user');
export const jobNotFound = (): HeapError => new HeapError('not_found', 'There is no such job among yours.', 'user');
