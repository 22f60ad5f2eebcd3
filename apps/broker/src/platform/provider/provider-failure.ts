/**
 * `refused`: it did not happen and never will under this key. `later`: it did not happen; the same call may succeed later.
 * `unknown`: it may have happened. `forged`: a webhook whose signature is not right.
 */
export type FailureOutcome = 'refused' | 'later' | 'unknown' | 'forged';

/** A call to the provider that did not return an object. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  constructor(
    readonly outcome: FailureOutcome,
    readonly code: string,
    message: string,
    readonly retry_after_ms = 0,
  ) {
    super(message);
  }
}

/** Same key, other content (I4). Whatever the first request did stays; nobody may assume that this one did not happen. */
export const keyConflict = (key: string): ProviderFailure =>
  new ProviderFailure('unknown', 'idempotency_error', `The key ${key} was used for another request.`);

export const noSuchObject = (ref: string): ProviderFailure =>
  new ProviderFailure('refused', 'resource_missing', `The provider knows no ${ref}.`);
