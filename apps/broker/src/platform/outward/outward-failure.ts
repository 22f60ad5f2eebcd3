export const OUTWARD_REASONS = {
  address_wrong: 'The address cannot be used: it must be a whole https address without a user name.',
  not_https: 'Only https addresses are called.',
  host_unknown: 'The name of the host leads nowhere.',
  address_refused: 'The host is not on the public internet: the heap calls no private or special address.',
  unreachable: 'Nobody could be reached there.',
  too_slow: 'There was no whole answer within 5 s.',
  answer_too_large: 'The answer is larger than 64 KiB.',
} as const;
export type OutwardCode = keyof typeof OUTWARD_REASONS;

/** A call to somebody else's server that brought no answer. */
export class OutwardFailure extends Error {
  constructor(
    readonly code: OutwardCode,
    /** What the system says, for the person whose server it is. */
    detail = '',
  ) {
    super(detail === '' ? OUTWARD_REASONS[code] : `${OUTWARD_REASONS[code]} (${detail})`);
  }

  /** Another try may go better. */
  get passing(): boolean {
    return this.code !== 'address_wrong' && this.code !== 'not_https' && this.code !== 'address_refused';
  }
}
