import type { HeapError } from '#units';

/**
 * The HTTP status of an error code. A station's own code may end in one of these after a dot (`job.not_found`): it then
 * has the same status. What is in neither form is answered by who is at fault.
 */
const STATUS: Readonly<Record<string, number>> = {
  invalid_input: 400,
  idempotency_key_missing: 400,
  idempotency_key_invalid: 400,
  unauthenticated: 401,
  insufficient_funds: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  rate_limited: 429,
  internal: 500,
  provider_failed: 502,
  unavailable: 503,
  root_differs: 422,
  relay_full: 503,
  held_full: 503,
  piece_unplaced: 503,
  piece_unavailable: 503,
};

/** Ways in which a heap of devices that come and go says "not now": ordinary, and nothing an operator could do about one of them. */
export const ORDINARY: ReadonlySet<string> = new Set(['relay_full', 'held_full', 'piece_unplaced', 'piece_unavailable']);

const TITLES: Readonly<Record<number, string>> = {
  400: 'Invalid request',
  401: 'Not signed in',
  402: 'Not enough money',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be processed',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Provider failed',
  503: 'Unavailable',
};

export function statusOf({ code, fault }: Pick<HeapError, 'code' | 'fault'>): number {
  const known = STATUS[code] ?? STATUS[code.slice(code.lastIndexOf('.') + 1)];
  if (known) return known;
  if (fault === 'platform') return 500;
  return fault === 'provider' ? 502 : 400;
}

export const titleOf = (status: number): string => TITLES[status] ?? 'Error';

/** The code for an error that only has a status: Fastify's, Nest's and the rate limiter's. A status alone says nothing of keys. */
export function codeOf(status: number): string {
  const match = Object.entries(STATUS).find(([code, value]) => value === status && !code.startsWith('idempotency_'));
  if (match) return match[0];
  return status < 500 ? 'invalid_input' : 'internal';
}
