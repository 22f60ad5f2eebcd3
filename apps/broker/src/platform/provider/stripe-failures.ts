import { Stripe } from 'stripe';
import { type FailureOutcome, ProviderFailure } from './provider-failure.js';

const RETRY_AFTER_MS_MAX = 600_000;

/** What an error of the `stripe` package says about the call: the rule is Stripe's own on retries with an idempotency key. */
export function toFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const code = error.code ?? error.type;
  return new ProviderFailure(outcomeOf(error), code, error.message, retryAfterMs(error.headers?.['retry-after']));
}

function outcomeOf(error: InstanceType<typeof Stripe.errors.StripeError>): FailureOutcome {
  const { statusCode } = error;
  // No answer: the request may have arrived.
  if (error instanceof Stripe.errors.StripeConnectionError || statusCode === undefined || statusCode >= 500) return 'unknown';
  // The key stands for another request: whatever that did is not undone by this refusal.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return statusCode === 409 ? 'later' : 'unknown';
  // Too many requests, the same key in use by a request under way, or a key of ours that is wrong: nothing was done.
  if (statusCode === 429 || statusCode === 409 || statusCode === 401 || statusCode === 403) return 'later';
  return 'refused';
}

function retryAfterMs(header: string | undefined): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, RETRY_AFTER_MS_MAX) : 0;
}
