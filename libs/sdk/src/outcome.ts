import type { TaskOutcome } from '#protocol';
import { HeapError, type Micro } from '#units';
import type { HttpClient } from './http.js';
import type { Codec } from './module.js';
import { decodeOutput, getPayload } from './payload.js';
import { inOwnPlaces, logsInOwnPlaces, type Places } from './places.js';

interface Evidence {
  /** Place of the input, from 0. */
  index: number;
  /** Place in the order in which tasks settled, from 1. */
  seq: number;
  /** What it cost, in micro-units (a millionth of the currency). */
  cost: Micro;
  /** The node that did it. */
  node: string;
  lease: string;
  /** Deterministic units of executed work. */
  fuel_used: number;
  /** Joules that it took, by its fuel and the kind and speed of the node: an estimate. Null when the node's speed is unknown. */
  energy_joules_estimate: number | null;
  /** The end of the task's console or standard error. */
  logs: string;
  verdict: TaskOutcome['verdict'];
  exit_code: number | null;
  /** Whether it can still be proven wrong; `refuted` was, and what it cost is paid back. */
  standing: TaskOutcome['standing'];
  /** What your own verifier said of it, and what followed; null where the job has none. */
  verified: TaskOutcome['verified'];
  /** Of a refuted result: what the heap's own run came to; `value` is what that spells. */
  right: { verdict: string; exit_code: number | null; output: Uint8Array } | null;
  /** SHA-256 of the output, lower-case hex. */
  output_hash: string;
  /** The output as it was. */
  output: Uint8Array;
  /** With the option `outputs`: what reads the output in its volume. Null without, and of tasks that failed. */
  capability: string | null;
}

export interface TaskResult<T> extends Evidence {
  value: T;
  error: null;
}

/** A task that failed; its error has the code `task_failed`. */
export interface TaskFailure extends Evidence {
  value: undefined;
  error: HeapError;
}

const SENTENCES: Readonly<Record<TaskOutcome['verdict'], string>> = {
  ok: 'its output could not be used',
  exit: 'the program reported a failure',
  trap: 'the program stopped with a fault',
  'out-of-fuel': 'it used all its fuel without ending: raise fuelLimit or make it do less',
  'stack-overflow': 'it called itself too deeply',
  'output-limit': 'its output is larger than outputLimit',
  refused: 'the nodes refused the module',
  'host-oom': 'no node had enough memory for it: choose a larger slotClass',
  'host-stack': 'no node had enough stack for it',
  timeout: 'it did not end within wallLimitMs on any node',
  killed: 'it was stopped on every node that tried it',
};

function failure(job_id: string, outcome: TaskOutcome, places: Places | undefined): HeapError {
  const { index, verdict, exit_code, node_id } = outcome;
  const detail = outcome.detail === null ? null : inOwnPlaces(outcome.detail, places);
  const logs = logsInOwnPlaces(outcome.logs, places);
  const exit = verdict === 'exit' && exit_code !== null ? ` (exit code ${exit_code})` : '';
  return new HeapError('task_failed', `Task ${index} failed: ${SENTENCES[verdict]}${exit}${detail ? `: ${detail}` : ''}.`, 'developer', {
    job_id,
    index,
    verdict,
    detail,
    exit_code,
    logs,
    node: node_id,
  });
}

/** A result that was proven wrong: what counts is what the heap came to. */
function corrected(
  job_id: string,
  codec: Codec,
  outcome: TaskOutcome,
  evidence: Evidence,
  right: NonNullable<Evidence['right']>,
  places: Places | undefined,
): TaskResult<unknown> | TaskFailure {
  const { verdict, exit_code } = right;
  if (verdict !== 'ok' && (verdict !== 'exit' || exit_code !== 0)) {
    const ended = { ...outcome, verdict: verdict as TaskOutcome['verdict'], exit_code, detail: null };
    return { ...evidence, value: undefined, error: failure(job_id, ended, places) };
  }
  return { ...evidence, value: decodeOutput(right.output, codec, outcome.index), error: null };
}

/** A settled task with its output fetched, checked and decoded. */
export async function readOutcome(
  http: HttpClient,
  job_id: string,
  codec: Codec,
  outcome: TaskOutcome,
  signal?: AbortSignal,
  places?: Places,
): Promise<TaskResult<unknown> | TaskFailure> {
  const output = await getPayload(http, outcome.output, signal);
  const { right } = outcome;
  const evidence: Evidence = {
    index: outcome.index,
    seq: outcome.seq,
    cost: BigInt(outcome.charge_micro),
    node: outcome.node_id,
    lease: outcome.lease_id,
    fuel_used: outcome.fuel_used,
    energy_joules_estimate: outcome.energy_joules_estimate,
    logs: logsInOwnPlaces(outcome.logs, places),
    verdict: outcome.verdict,
    exit_code: outcome.exit_code,
    standing: outcome.standing,
    verified: outcome.verified,
    right: right && { verdict: right.verdict, exit_code: right.exit_code, output: await getPayload(http, right.output, signal) },
    output_hash: outcome.output_hash,
    output,
    capability: null,
  };
  if (evidence.right) return corrected(job_id, codec, outcome, evidence, evidence.right, places);
  if (outcome.state === 'FAILED') return { ...evidence, value: undefined, error: failure(job_id, outcome, places) };
  try {
    return { ...evidence, value: decodeOutput(output, codec, outcome.index), error: null };
  } catch (error) {
    if (error instanceof HeapError) return { ...evidence, value: undefined, error };
    throw error;
  }
}
