import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OWN_VERIFIER_LIMITS } from '#protocol';
import { isDeterministic, type RunOutcome, type RunTask } from '#sandbox';
import { SLOT_MEMORY_BYTES, type SlotClass } from '#units';
import { type OwnVerdict, readVerdict, WHY_MAX } from '#verification';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { runLimitsOf } from '../platform/run-limits.js';
import { ModuleRunner } from './module-runner.js';
import type { DueVerifier, OwnCheck } from './own-verifiers.store.js';

/** Larger slots are for tasks, of which each pays for its own device. */
const CLASS_MAX: SlotClass = 'small';
const OUTPUT_BYTES = 4 * 1024;
const WALL_MS = 15_000;
const NOTHING = { env: {}, scratch: null, seed: null, clock_ms: null };

/** What a verifier said of a result, and what that took; null is no verdict: something about this machine. */
export interface Looked {
  check: OwnCheck;
  verdict: OwnVerdict | null;
  fuel: bigint;
}

/**
 * Runs developers' verifiers on results, in a sandbox process apart from that of the heap's own checks. A verifier sees `input` and `output` as files;
 * JavaScript is handed the facts as one value, with what input and output spell where the job speaks JSON; a WASI command reads the output from its
 * standard input. It draws the same random numbers each time and has no other view.
 */
@Injectable()
export class OwnVerifierRunner {
  private readonly runner: ModuleRunner;

  constructor(private readonly blobs: BlobStore) {
    this.runner = new ModuleRunner(blobs);
  }

  /** What it said, in the order of the checks; shorter when it was stopped. @throws HeapError when the sandbox fails. */
  async look(verifier: DueVerifier, checks: readonly OwnCheck[], signal: AbortSignal): Promise<Looked[]> {
    const slot_class = SLOT_MEMORY_BYTES[verifier.slot_class] > SLOT_MEMORY_BYTES[CLASS_MAX] ? CLASS_MAX : verifier.slot_class;
    const run = { ...verifier, slot_class, codec: verifier.kind === 'wasm' ? ('bytes' as const) : ('json' as const) };
    const looked: Looked[] = [];
    // One by one: the files of each take their part of the memory that is its limit.
    for (const check of checks) {
      if (check.shown_bytes > OWN_VERIFIER_LIMITS.shown_bytes) {
        looked.push({
          check,
          verdict: { kind: 'fails', why: `input and output have more than ${OWN_VERIFIER_LIMITS.shown_bytes} bytes` },
          fuel: 0n,
        });
        continue;
      }
      const [input, output] = await Promise.all([this.inputOf(check), this.outputOf(check)]);
      const task = taskOf(verifier, check, input, output);
      if (task === null) {
        looked.push({ check, verdict: { kind: 'rejects', why: 'its output is not JSON' }, fuel: 0n });
        continue;
      }
      const view = { ...NOTHING, files: (task.files ?? []).map(({ path, hash, bytes }) => ({ path, hash, bytes: bytes.length })) };
      const limits = runLimitsOf({
        ...run,
        fuel_limit: verifier.fuel_limit,
        output_bytes_limit: OUTPUT_BYTES,
        wall_ms_limit: WALL_MS,
        view,
      });
      const [outcome] = await this.runner.runAll(run, [task], { ...limits, fuel: verifier.fuel_limit }, signal);
      if (!outcome) break;
      looked.push({ check, verdict: verdictOf(verifier, outcome), fuel: outcome.fuel_used });
    }
    return looked;
  }

  close(): Promise<void> {
    return this.runner.close();
  }

  private async inputOf({ input, input_hash }: OwnCheck): Promise<Uint8Array> {
    return input ?? this.blobs.get(input_hash ?? '');
  }

  private async outputOf({ output, output_hash }: OwnCheck): Promise<Uint8Array> {
    return output ?? this.blobs.get(output_hash);
  }
}

function verdictOf({ kind }: DueVerifier, { verdict, detail, exit_code, output }: RunOutcome): OwnVerdict | null {
  if (!isDeterministic(verdict)) return null;
  return readVerdict(kind, { verdict, detail, exit_code, output: new TextDecoder().decode(output).slice(0, 4 * WHY_MAX) });
}

/** Null where a result claims to be JSON and is not: no program of that job could have answered it. */
function taskOf({ kind, codec, id }: DueVerifier, check: OwnCheck, input: Uint8Array, output: Uint8Array): RunTask | null {
  const { index, verdict, exit_code, fuel_used } = check;
  const facts = { index, verdict, exit_code, fuel_used: Number(fuel_used), input: null as unknown, output: null as unknown };
  const files = [fileOf('input', input), fileOf('output', output)];
  const seed = `${id}/${index}`;
  if (kind === 'wasm') return { input: output, args: [verdict], files, seed, clock_ms: 0 };
  if (codec === 'json') {
    facts.input = jsonOf(input) ?? null;
    const value = verdict === 'ok' ? jsonOf(output) : null;
    if (value === undefined) return null;
    facts.output = value;
  }
  return { input: new TextEncoder().encode(JSON.stringify(facts)), files, seed, clock_ms: 0 };
}

const fileOf = (path: string, bytes: Uint8Array) => ({ path, hash: createHash('sha256').update(bytes).digest('hex'), bytes });

/** Nothing at all is what a handler writes that answers nothing; undefined is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
