/** Who can mend a fault. */
export type Fault = 'user' | 'owner' | 'developer' | 'platform' | 'provider';

/**
 * What the product says when something is wrong: a stable code, a sentence a person can act on, and who is at fault.
 * Every edge turns it into its own form (RFC 9457 over HTTP, an `error` frame on a socket, an exit code in the CLI).
 */
export class HeapError extends Error {
  override readonly name = 'HeapError';
  constructor(
    readonly code: string,
    message: string,
    readonly fault: Fault,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** For code that only a defect can reach. */
export function unreachable(value: never): never {
  throw new HeapError('internal', `unexpected value ${JSON.stringify(value)}`, 'platform');
}
