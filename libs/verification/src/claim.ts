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

/** What a commitment hides. The node is in it, so that nobody can commit to what another committed to. */
export interface Committed extends Claim {
  readonly job_id: string;
  readonly index: number;
  readonly epoch: number;
  readonly node_id: string;
  /** At least 128 random bits: without them a small output could be guessed from its commitment. */
  readonly nonce: string;
}

/** The text whose SHA-256 is the commitment; no field can contain the line feed that separates them. */
export function commitmentText(c: Committed): string {
  return [
    'open-heaps-commitment-1',
    c.job_id,
    c.index,
    c.epoch,
    c.node_id,
    c.nonce,
    c.verdict,
    c.exit_code ?? '',
    c.output_hash,
    c.fuel_used,
  ].join('\n');
}

/**
 * Whether a revealed result is the one committed to.
 * @param hash SHA-256 of the text, in the form that commitments have
 * @returns null if it is
 */
export function checkReveal(commitment: string | null, revealed: Committed, hash: (text: string) => string): Reason<CheckCode> | null {
  if (commitment === null) return checking('commitment_missing');
  return hash(commitmentText(revealed)) === commitment ? null : checking('commitment_broken');
}
