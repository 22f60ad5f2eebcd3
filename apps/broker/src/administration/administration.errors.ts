import { formatMajor, HeapError, type Micro } from '#units';

export const journalUnknown = (): HeapError => new HeapError('manual.not_found', 'There is no such journal by hand.', 'user');

export const ownProposal = (): HeapError =>
  new HeapError('manual.forbidden', 'You proposed this yourself: another admin must approve it. You may reject it.', 'user');

export const journalDecided = (state: string): HeapError =>
  new HeapError('manual.conflict', `This journal is ${state.toLowerCase()}: propose a new one.`, 'user');

export const journalWrong = (why: string): HeapError => new HeapError('invalid_input', why, 'user');

export const accountNotByHand = (account: number): HeapError =>
  new HeapError(
    'invalid_input',
    `Account ${account} follows jobs, captures, payouts, deposits or grants, or is not in the chart: nothing is posted to it by hand.`,
    'user',
  );

export const notInSuspense = (transaction_id: string): HeapError =>
  new HeapError('suspense.not_found', `The movement ${transaction_id} does not stand in suspense, or no longer.`, 'user');

export const balanceTooSmall = (amount: Micro): HeapError =>
  new HeapError(
    'manual_funds.conflict',
    `A balance would fall below zero by this journal of ${formatMajor(amount)}: nothing was posted.`,
    'user',
  );

export const nodeNotThere = (): HeapError => new HeapError('not_found', 'There is no such device.', 'user');

export const nodeUnchanged = (): HeapError =>
  new HeapError('node.conflict', 'The device is in that state already, or was taken out of the heap: nothing was changed.', 'user');

export const personNotThere = (): HeapError => new HeapError('person.not_found', 'There is no such person.', 'user');

export const jobNotThere = (): HeapError => new HeapError('not_found', 'There is no such job.', 'user');
