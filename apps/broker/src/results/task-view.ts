import { taskEnded, waiting } from '#lifecycle';
import type { Payload, ResponseOf, ROUTES, TaskOutcome } from '#protocol';
import { joulesEstimate } from '#units';
import { endedWell, ownChecking } from '#verification';
import type { AttemptHeadRow, AttemptRow, CheckRow, OutcomeRow, TaskLineRow, TaskRow } from './outcomes.store.js';

const outputOf = (row: { output: Buffer | null; output_hash: string | null; output_bytes: number }): Payload =>
  row.output === null ? { hash: row.output_hash ?? '', bytes: row.output_bytes } : { inline: row.output.toString('base64') };

const energyOf = ({ fuel_used, kind, speed_fuel_per_ms }: Pick<OutcomeRow, 'fuel_used' | 'kind' | 'speed_fuel_per_ms'>): number | null =>
  joulesEstimate([{ fuel: fuel_used, kind, speed_fuel_per_ms }]);

const WAITS_FOR_VERIFIER = { state: 'waiting', ...ownChecking('waits_for_verifier') } as const;

function verifiedOf({ own_state, own_code, own_sentence }: Pick<OutcomeRow, `own_${string}` & keyof OutcomeRow>): TaskOutcome['verified'] {
  if (own_state === null) return null;
  if (own_state === 'WANTED' || own_state === 'OUT') return WAITS_FOR_VERIFIER;
  return { state: own_state.toLowerCase() as Lowercase<typeof own_state>, code: own_code ?? 'decided', sentence: own_sentence ?? '' };
}

export const outcomeView = (row: OutcomeRow): TaskOutcome => ({
  seq: row.seq,
  index: row.index,
  state: endedWell(row) ? 'DONE' : 'FAILED',
  verdict: row.verdict,
  detail: row.detail,
  exit_code: row.exit_code,
  fuel_used: Number(row.fuel_used),
  charge_micro: String(row.charge_micro),
  energy_joules_estimate: energyOf(row),
  node_id: row.node_id,
  lease_id: row.lease_id,
  output: outputOf(row),
  output_hash: row.output_hash,
  logs: row.logs,
  standing: row.standing,
  verified: verifiedOf(row),
  right:
    row.right_verdict === null
      ? null
      : {
          verdict: row.right_verdict,
          exit_code: row.right_exit_code,
          fuel_used: Number(row.right_fuel),
          output: outputOf({ output: row.right_output, output_hash: row.right_output_hash, output_bytes: row.right_output_bytes ?? 0 }),
        },
});

type Ended = Pick<AttemptRow, 'verdict' | 'exit_code' | 'detail' | 'node_id'>;

/** Why a task is where it is. */
function reasonOf(task: TaskRow, attempts: readonly Ended[]): { code: string; sentence: string } {
  if (task.state === 'DONE') return taskEnded('done');
  if (task.state === 'CANCELLED') return taskEnded(task.job_stopped ? 'job_stopped' : 'job_cancelled');
  if (task.state === 'LEASED') return waiting('on_node', { node_id: task.node_id ?? '' });
  if (task.state === 'QUEUED')
    return task.epoch > 0
      ? waiting('requeued', { attempt: Math.max(1, task.failures), attempts_max: task.max_attempts })
      : waiting('in_queue', { ahead: task.ahead });
  const last = attempts.at(-1);
  switch (last?.verdict) {
    case 'exit':
      return taskEnded('program_failed', { exit_code: last.exit_code ?? -1 });
    case 'trap':
    case 'stack-overflow':
    case 'refused':
      return taskEnded('trapped', { detail: last.detail ?? last.verdict });
    case 'out-of-fuel':
      return taskEnded('fuel_exhausted', { fuel_limit: Number(task.fuel_limit) });
    case 'output-limit':
      return taskEnded('output_too_large', { limit_bytes: task.output_bytes_limit });
    case 'timeout':
      return taskEnded('time_exhausted', { wall_ms_limit: task.wall_ms_limit });
    default:
      return taskEnded('attempts_exhausted', { attempts: attempts.length, nodes: new Set(attempts.map((a) => a.node_id)).size });
  }
}

/** The last execution that was for the task itself, and what all of them cost. */
export function taskLine(task: TaskLineRow, attempts: readonly AttemptHeadRow[]): ResponseOf<typeof ROUTES.listTasks>['tasks'][number] {
  const settled = attempts.find(({ outcome }) => outcome === 'accepted');
  const last = settled ?? attempts.at(-1);
  return {
    index: task.index,
    state: task.state,
    reason: reasonOf(task, attempts),
    attempts: attempts.length,
    verdict: last?.verdict ?? null,
    node_id: task.node_id ?? last?.node_id ?? null,
    fuel_used: last ? Number(last.fuel_used) : null,
    charge_micro: String(attempts.reduce((sum, { charge_micro }) => sum + charge_micro, 0n)),
    standing: settled?.standing ?? null,
    finished_at: last?.finished_at.toISOString() ?? null,
    retry_of_index: task.retry_of_index,
  };
}

export function taskView(task: TaskRow, attempts: readonly AttemptRow[], checks: readonly CheckRow[]): ResponseOf<typeof ROUTES.getTask> {
  return {
    index: task.index,
    state: task.state,
    reason: reasonOf(task, attempts),
    epoch: task.epoch,
    attempts: attempts.map((a) => ({
      epoch: a.epoch,
      node_id: a.node_id,
      lease_id: a.lease_id,
      outcome: a.outcome,
      verdict: a.verdict,
      detail: a.detail,
      logs: a.logs,
      fuel_used: Number(a.fuel_used),
      charge_micro: String(a.charge_micro),
      energy_joules_estimate: energyOf(a),
      standing: a.standing,
      verified: verifiedOf(a),
      finished_at: a.finished_at.toISOString(),
    })),
    checks: checks.map((c) => ({
      of_epoch: c.of_epoch,
      by_reference: c.by_reference,
      state: c.state,
      reason: { code: c.reason_code, sentence: c.reason_sentence },
      outcome: c.outcome_code === null ? null : { code: c.outcome_code, sentence: c.outcome_sentence ?? '' },
      decided_at: c.decided_at?.toISOString() ?? null,
    })),
  };
}
