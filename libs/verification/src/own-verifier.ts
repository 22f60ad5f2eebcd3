import type { Reason } from '#lifecycle';
import { endedWell } from './claim.js';
import { type OwnCheckCode, ownChecking, type VerifierStopCode, verifierStopping } from './reasons.js';

/** What a run of a developer's verifier came to. */
export type OwnVerdict =
  | { readonly kind: 'accepts' }
  | { readonly kind: 'rejects'; readonly why: string }
  /** Its own fault: says nothing about the result. */
  | { readonly kind: 'fails'; readonly why: string };

/** Of the results of one job: a right result that is rejected is a fault of the verifier, as results are the same on every device. */
export const OVERRULED_MAX = 3;
/** Results of one job on which it failed. */
export const FAILED_MAX = 10;
/** The longest reason that is kept, in characters. */
export const WHY_MAX = 300;

/** A run as the sandbox reports it. */
export interface VerifierRun {
  readonly verdict: string;
  readonly detail: string | null;
  readonly exit_code: number | null;
  /** As text; what is not UTF-8 is replaced. */
  readonly output: string;
}

/**
 * JavaScript answers `true`, `false` or `{accept, reason}`; a WASI command ends with 0 to accept, and with 1 to reject, the reason on standard
 * output. Whatever else it comes to is a failure.
 */
export function readVerdict(kind: 'wasm' | 'javascript', run: VerifierRun): OwnVerdict {
  const { verdict, exit_code, output } = run;
  if (kind === 'wasm') {
    if (endedWell(run)) return { kind: 'accepts' };
    if (verdict === 'exit' && exit_code === 1) return rejects(output);
    return fails(run);
  }
  if (verdict !== 'ok') return fails(run);
  const answer = parsed(output);
  if (answer === true) return { kind: 'accepts' };
  if (answer === false) return rejects('');
  if (typeof answer !== 'object' || answer === null || !('accept' in answer) || typeof answer.accept !== 'boolean')
    return { kind: 'fails', why: 'it answered neither true, nor false, nor {accept, reason}' };
  if (answer.accept) return { kind: 'accepts' };
  return rejects('reason' in answer && typeof answer.reason === 'string' ? answer.reason : '');
}

/** Why a verifier looks at no further result, if so. */
export function verifierStop({ overruled, failed }: { overruled: number; failed: number }): Reason<VerifierStopCode> | null {
  if (overruled >= OVERRULED_MAX) return verifierStopping('verifier_rejects_right_results', { overruled });
  if (failed >= FAILED_MAX) return verifierStopping('verifier_fails', { failed });
  return null;
}

/** What becomes of a result that a verifier has rejected, once the heap has run the task itself. @param right the same came out */
export function decideRejected(
  right: boolean,
  why: string,
): { readonly state: 'OVERRULED' | 'UPHELD'; readonly reason: Reason<OwnCheckCode> } {
  return right
    ? { state: 'OVERRULED', reason: ownChecking('rejection_overruled', { why }) }
    : { state: 'UPHELD', reason: ownChecking('rejection_upheld', { why }) };
}

/** Text that a database keeps. */
const kept = (words: string): string => words.replaceAll('\0', '\uFFFD').trim().slice(0, WHY_MAX);

const rejects = (why: string): OwnVerdict => ({ kind: 'rejects', why: kept(why) || 'no reason given' });

const fails = ({ verdict, detail, exit_code }: VerifierRun): OwnVerdict => {
  const what = verdict === 'exit' ? `it ended with the exit code ${exit_code}` : `it ended as ${verdict}`;
  return { kind: 'fails', why: kept(`${what}${detail ? `: ${detail}` : ''}`) };
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
