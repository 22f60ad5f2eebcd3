import { createHash } from 'node:crypto';
import { moduleKey, Runtime } from '#sandbox';
import { engineBytes } from '#sandbox/node';
import { HeapError } from '#units';
import { CONFORMANCE_LIMITS, conformancePrograms, filePrograms, GIVEN_FILES } from '../../programs/conformance.js';
import { RandomProgram } from '../../programs/random-program.js';
import { asCommand } from './as-command.js';
import { type Case, type CaseResult, type CaseRun, comparable, limitsOf, taskOf } from './cases.js';
import { asText } from './make-case.js';
import { stateHash } from './state-hash.js';

const MIB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const LIMITS = asText(CONFORMANCE_LIMITS);
/** Of so many random programs one is also cut short. */
const RANDOM_CUT_EVERY = 10;

/** The programs of test/programs. */
export function programCases(): Case[] {
  return [...conformancePrograms(), ...filePrograms()].map(({ name, source, task, limits }) => ({
    name,
    kind: source.kind,
    codec: source.codec,
    bytes_base64: Buffer.from(source.bytes).toString('base64'),
    runs: [
      {
        input: Buffer.from(task.input).toString(),
        args: task.args ?? [],
        seed: task.seed ?? '',
        files: task.files ? GIVEN_FILES : {},
        limits: asText(limits),
      },
    ],
  }));
}

/** Random programs of the seeds 1 to `count`, as commands. */
export function randomCases(count: number): Case[] {
  const limits = { ...LIMITS, fuel: String(1n << 40n), memory_bytes: MIB };
  return Array.from({ length: count }, (_, i) => ({
    name: `random ${i + 1}`,
    kind: 'wasm' as const,
    codec: 'bytes' as const,
    bytes_base64: Buffer.from(asCommand(new RandomProgram(i + 1, false).bytes())).toString('base64'),
    runs: [{ input: '', args: [], seed: '', limits }],
  }));
}

/** Runs cases in this process, on one runtime. Their hashes cover memory and output: see `stateHash`. */
export function runHere(cases: readonly Case[]): CaseResult[] {
  const lent = stateHash(sha256);
  const runtime = new Runtime({ ...lent, engine: engineBytes });
  return cases.map((one) => {
    const source = { kind: one.kind, codec: one.codec, bytes: Buffer.from(one.bytes_base64, 'base64') };
    try {
      const { module_hash, metered_hash } = runtime.load(source);
      const key = moduleKey(module_hash, source);
      const runs = one.runs.map((run) => {
        const raw = runtime.run(key, taskOf(run), limitsOf(run));
        const { verdict, fuel_used, output, memory_peak_bytes } = raw;
        return {
          verdict,
          fuel_used: String(fuel_used),
          hash: lent.sha256(output),
          output: Buffer.from(output).toString(),
          memory_peak_bytes,
        };
      });
      runtime.forget(key);
      return { name: one.name, refused: null, metered_hash, runs };
    } catch (error) {
      if (!(error instanceof HeapError)) throw error;
      return { name: one.name, refused: error.code, metered_hash: null, runs: [] };
    }
  });
}

/**
 * The same cases, run again with exactly the fuel they took, with one unit less, and cut at several places in between: a run must stop at the
 * same place everywhere, and leave the same memory.
 */
export function withCuts(cases: readonly Case[], results: readonly CaseResult[]): Case[] {
  return cases.map((one, i) => {
    const [run] = one.runs;
    const used = BigInt(results[i]?.runs[0]?.fuel_used ?? 0);
    if (!run || used === 0n) return one;
    if (one.name.startsWith('random') && i % RANDOM_CUT_EVERY !== 0) return one;
    const cut = (fuel: bigint): CaseRun => ({ ...run, limits: { ...run.limits, fuel: String(fuel) } });
    return { ...one, runs: [run, ...[used, used - 1n, (used * 9n) / 10n, (used * 6n) / 10n, used / 4n].map(cut)] };
  });
}

/** The whole suite and what it comes to in this process. */
export function conformanceSuite(random_count: number): { cases: Case[]; expected: ReturnType<typeof comparable>[]; runs: number } {
  const whole = [...programCases(), ...randomCases(random_count)];
  const cases = withCuts(whole, runHere(whole));
  const expected = runHere(cases).map(comparable);
  return { cases, expected, runs: expected.reduce((sum, { runs }) => sum + runs.length, 0) };
}
