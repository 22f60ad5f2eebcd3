import { EMPTY_SHA256, type TaskResult } from '#protocol';
import type { WorkReported } from '../dispatch/dispatch.events.js';
import type { Judgement } from './judge.js';
import type { LockedLease, NewAttempt } from './results.store.js';

export type Report = typeof WorkReported.payload;

/** A reported result, and what it is worth alone. */
export interface Judged {
  report: Report;
  result: TaskResult;
  /** Undefined where the node has no such lease. */
  lease: LockedLease | undefined;
  judgement: Judgement | undefined;
}

export const placeOf = ({ lease_id, index, epoch }: { lease_id: string; index: number; epoch: number }): string =>
  `${lease_id}/${index}/${epoch}`;
export const keyOf = ({ report, result }: Judged): string => placeOf({ ...result, lease_id: report.lease_id });

/** What is put on record of it. */
export function attemptOf(
  { result }: Judged,
  lease: LockedLease,
  judgement: Judgement,
  outcome: NewAttempt['outcome'],
): Omit<NewAttempt, 'charge_micro' | 'place'> {
  const said = judgement.kind === 'settles' ? judgement : judgement.kind === 'rejected' ? judgement.said : undefined;
  // A refused result says nothing about the program, whatever it claims; one that breaks a commitment may have to be looked at again.
  const heard = judgement.kind !== 'rejected' || said !== undefined;
  return {
    job_id: lease.job_id,
    index: result.index,
    epoch: result.epoch,
    lease_id: lease.id,
    node_id: lease.node_id,
    outcome,
    verdict: heard ? result.verdict : 'killed',
    detail: judgement.kind === 'rejected' ? judgement.sentence : result.detail,
    exit_code: heard ? result.exit_code : null,
    fuel_used: said?.fuel_used ?? 0n,
    output: said ? said.output : Buffer.alloc(0),
    output_hash: said ? result.output_hash : EMPTY_SHA256,
    output_bytes: said?.output_bytes ?? 0,
    logs: result.logs,
    wall_ms: result.wall_ms,
    memory_peak_bytes: result.memory_peak_bytes,
    nth: null,
  };
}
