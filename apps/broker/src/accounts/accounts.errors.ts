import { HeapError } from '#units';

export const personGone = () => new HeapError('unauthenticated', 'The person these credentials belong to is no longer here.', 'user');

export const apiKeyNotFound = () => new HeapError('not_found', 'There is no such API key among yours.', 'user');

export const tooManyApiKeys = (limit: number) =>
  new HeapError('conflict', `You have ${limit} API keys, which is the limit: revoke one that you do not use.`, 'user');

export const signInUnavailable = () =>
  new HeapError('unavailable', 'Sign-ins cannot be checked right now: try again in a moment.', 'platform');

export const stepUpNeeded = (minutes: number) =>
  new HeapError(
    'step_up.forbidden',
    `This decides where money goes: send your password with the request, or sign in again and ask within ${minutes} minutes.`,
    'user',
  );

export const stepUpFailed = () => new HeapError('step_up.forbidden', 'This is not your password.', 'user');

export const stepUpTooOften = () =>
  new HeapError('rate_limited', 'Too many wrong passwords: wait a minute before the next try.', 'user', { retry_after_seconds: 60 });

export const personSuspended = (why: string) =>
  new HeapError(
    'suspended.forbidden',
    `Your account is suspended: ${why} What is yours stays yours. Write to whoever runs this heap.`,
    'user',
  );

export const personUnknown = () => new HeapError('person.not_found', 'There is no such person.', 'user');

export const notOneself = () =>
  new HeapError('oneself.forbidden', 'Nobody suspends themselves or changes their own roles: ask another admin.', 'user');

export const adminNoMore = () =>
  new HeapError('forbidden', 'You are no longer an admin, or suspended yourself since you asked: nothing was changed.', 'user');

export const alreadyThat = (what: string) =>
  new HeapError('person.conflict', `This person is ${what} already: nothing was changed.`, 'user');
export const sessionNotFound = () => new HeapError('not_found', 'There is no such sign-in among yours.', 'user');

export const notASession = () =>
  new HeapError('forbidden', 'An API key proves nothing about who holds it: send the password with the request itself.', 'user');
