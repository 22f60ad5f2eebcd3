import type { Reason } from '#lifecycle';
import { type CheckCode, checking } from './reasons.js';

/** What a node says an execution came to. In the sandbox all of it is the same on every device. */
export interface Claim {
  readonly verdict: string;
  readonly exit_code: number | null;
  readonly output_hash: string;
  /** A node that claims more fuel than it burned is paid more: fuel is part of the result. */
  readonly fuel_used: bigint;
}

export function sameClaim(a: Claim, b: Claim): boolean {
  return a.output_hash === b.output_hash && a.fuel_used === b.fuel_used && a.verdict === b.verdict && a.exit_code === b.exit_code;
}

/** A program that ended by itself and said that all is well. */
export const endedWell = ({ verdict, exit_code }: Pick<Claim, 'verdict' | 'exit_code'>): boolean =>
  verdict === 'ok' || (verdict === 'exit' && exit_code === 0);

/** Two executions of one task against each other, in the order in which they were committed to. */
export function decideOnReplicas(
  first: Claim,
  second: Claim,
): { readonly kind: 'agreed' | 'reference'; readonly reason: Reason<CheckCode> } {
  return sameClaim(first, second)
    ? { kind: 'agreed', reason: checking('results_agree') }
    : { kind: 'reference', reason: checking('results_differ') };
}

/**
 * Whether a revealed result is the one committed to.
 * @param commitment null where there was none
 * @param revealed the commitment that the revealed result makes, in the same form; null where it came without its nonce
 * @returns null if it is
 */
export function checkReveal(commitment: string | null, revealed: string | null): Reason<'commitment_missing' | 'commitment_broken'> | null {
  if (commitment === null || revealed === null) return checking('commitment_missing');
  return revealed === commitment ? null : checking('commitment_broken');
}
