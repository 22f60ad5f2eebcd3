import type { TaskOutcome } from '#protocol';
import { HeapError, type Micro } from '#units';
import { type Amount, microOf } from './amount.js';
import type { Codec, ModuleStore, UploadedModule, Work } from './module.js';

/**
 * What a verifier of your own is shown of a result. Where the job reads and writes bytes, `input` and `output` are null: both are there as files,
 * `context.files.read('input')`. Of a task that failed the output is null too, and `verdict` says how it ended.
 */
export interface ResultToVerify<I = unknown, O = unknown> {
  index: number;
  input: I;
  output: O;
  verdict: TaskOutcome['verdict'];
  exit_code: number | null;
  fuel_used: number;
}

/** `true` to accept. Whatever else it answers, or a trap, is a failure of the verifier, and the result stands. */
export type VerifierAnswer = boolean | { accept: boolean; reason?: string };

/** What may be said about a verifier of your own. */
export interface VerifierTerms {
  /**
   * Looks at every result, in the heap's sandbox: `({ input, output }) => accept`, sent as its source, or a module. What it rejects the heap runs itself,
   * and that decides. Makes the level `L0`, and `wait: 'final'` the default. A WASI command reads the output from standard input and `/input`, and
   * ends with 0 to accept or 1 to reject, the reason on standard output.
   */
  verify?: Work;
  /** The most fuel that it may burn on one result, at most 10¹⁰. Default 10⁹. */
  verifyFuelLimit?: number;
  /** Held beside the budget for all its runs; what is left comes back. Default 0.01. */
  verifyBudget?: Amount;
}

const DEFAULT_BUDGET_MICRO = 10_000n;

/** What is held for it beside the budget. */
export const verifierBudget = ({ verify, verifyBudget }: VerifierTerms): Micro => {
  if (!verify) return 0n;
  return verifyBudget === undefined ? DEFAULT_BUDGET_MICRO : microOf(verifyBudget, 'verifyBudget');
};

/** The part of an order that is about its verifier, which is uploaded like any module. @throws HeapError `verifier_needs_l0`. */
export async function verifierOf(
  modules: ModuleStore,
  terms: VerifierTerms & { verification?: string | undefined },
  shown_as: Codec,
  signal?: AbortSignal,
): Promise<Record<string, never> | ReturnType<typeof orderPart>> {
  if (!terms.verify) return {};
  if (terms.verification !== undefined && terms.verification !== 'L0')
    throw new HeapError(
      'verifier_needs_l0',
      `At ${terms.verification} the heap checks results by itself: leave verification out, or verify.`,
      'developer',
    );
  return orderPart(terms, await modules.put(terms.verify, signal), shown_as);
}

const orderPart = (terms: VerifierTerms, module: UploadedModule, codec: Codec) => ({
  verification: 'L0' as const,
  verifier: { module_hash: module.hash, codec, fuel_limit: terms.verifyFuelLimit, budget_micro: String(verifierBudget(terms)) },
});
