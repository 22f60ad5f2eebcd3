import { createHash } from 'node:crypto';
import type { TaskResult } from '#protocol';
import { isDeterministic } from '#sandbox';
import { endedWell } from '#verification';

/** What a lease allows its results to be. */
export interface ResultBounds {
  fuel_limit: bigint;
  output_bytes_limit: number;
}

export type Judgement =
  /** Settles the task: paid, whether the program succeeded or failed. */
  | { kind: 'settles'; state: 'DONE' | 'FAILED'; output: Buffer | null; output_bytes: number; fuel_used: bigint }
  /** Says nothing about the program: runs elsewhere, unpaid. */
  | { kind: 'retry' }
  /** The node's fault: unpaid, runs elsewhere. */
  | { kind: 'rejected'; code: string; sentence: string; said?: Said };

/** What a result says, as it is kept. */
type Said = { output: Buffer | null; output_bytes: number; fuel_used: bigint };

/** What a result is worth that is not what its node had committed to: nothing, and what it says is kept for who appeals. */
export function broken(judgement: Judgement, { code, sentence }: { code: string; sentence: string }): Judgement {
  if (judgement.kind === 'retry') return judgement;
  if (judgement.kind === 'rejected') return { kind: 'rejected', code, sentence };
  const { output, output_bytes, fuel_used } = judgement;
  return { kind: 'rejected', code, sentence, said: { output, output_bytes, fuel_used } };
}

const reject = (code: string, sentence: string): Judgement => ({ kind: 'rejected', code, sentence });

/**
 * The checks that one result can stand alone: its output is what its hash says, and fuel and sizes are within what was
 * leased. Comparing it with other nodes' results is verification's.
 */
export function judge(result: TaskResult, bounds: ResultBounds, hasBlob: (hash: string) => boolean): Judgement {
  if (!isDeterministic(result.verdict)) return { kind: 'retry' };
  const fuel_used = BigInt(result.fuel_used);
  if (fuel_used > bounds.fuel_limit)
    return reject('fuel_above_limit', `The result claims ${fuel_used} fuel; the lease allows ${bounds.fuel_limit}.`);
  const settles = { kind: 'settles' as const, state: endedWell(result) ? ('DONE' as const) : ('FAILED' as const), fuel_used };
  if ('hash' in result.output) {
    const { hash, bytes } = result.output;
    if (bytes > bounds.output_bytes_limit)
      return reject('output_too_large', `The output has ${bytes} bytes; the lease allows ${bounds.output_bytes_limit}.`);
    if (hash !== result.output_hash) return reject('hash_mismatch', 'The output is named by another hash than the result.');
    if (!hasBlob(hash)) return reject('output_missing', 'The output was not stored before its result was reported.');
    return { ...settles, output: null, output_bytes: bytes };
  }
  const output = Buffer.from(result.output.inline, 'base64');
  if (output.length > bounds.output_bytes_limit)
    return reject('output_too_large', `The output has ${output.length} bytes; the lease allows ${bounds.output_bytes_limit}.`);
  if (createHash('sha256').update(output).digest('hex') !== result.output_hash)
    return reject('hash_mismatch', 'The output does not have the hash that the result names.');
  return { ...settles, output, output_bytes: output.length };
}
