import { HeapError } from '#units';

export const alertUnknown = (): HeapError => new HeapError('alert.not_found', 'There is no such alert.', 'user');

export const stretchWrong = (): HeapError =>
  new HeapError('invalid_input', 'The stretch of time ends before it begins: `from` is before `to`.', 'user');

export const tooManyPoints = (points: number, most: number): HeapError =>
  new HeapError(
    'invalid_input',
    `That would be ${points} points and ${most} are the most: ask for a longer step or a shorter time.`,
    'user',
  );
