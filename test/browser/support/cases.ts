import type { Codec, ModuleKind, RunLimits, RunTask } from '#sandbox';
import { textFiles } from '../../../libs/sandbox/src/hostile/text-files.js';

/** A module and its runs, as JSON can carry them to a page. */
export interface Case {
  name: string;
  kind: ModuleKind;
  codec: Codec;
  bytes_base64: string;
  runs: CaseRun[];
}

export interface CaseRun {
  input: string;
  args: readonly string[];
  seed: string;
  /** Input files by path, as text. */
  files?: Readonly<Record<string, string>>;
  limits: Omit<RunLimits, 'fuel'> & { fuel: string };
}

/** What came of a case; `refused` when the module was not let in. */
export interface CaseResult {
  name: string;
  refused: string | null;
  metered_hash: string | null;
  runs: { verdict: string; fuel_used: string; hash: string; output: string; memory_peak_bytes: number }[];
}

const encoder = new TextEncoder();

export const taskOf = ({ input, args, seed, files }: CaseRun): RunTask => ({
  input: encoder.encode(input),
  args,
  seed,
  files: textFiles(files),
});

export const limitsOf = ({ limits }: CaseRun): RunLimits => ({ ...limits, fuel: BigInt(limits.fuel) });

/** Without what may differ: nothing of a result may. */
export const comparable = ({ name, refused, metered_hash, runs }: CaseResult) => ({
  name,
  refused,
  metered_hash,
  runs: runs.map(({ verdict, fuel_used, hash }) => `${verdict} ${fuel_used} ${hash}`),
});
