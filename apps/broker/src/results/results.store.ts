import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro, SlotClass } from '#units';
import type { Level } from '#verification';

export interface LockedLease {
  id: string;
  node_id: string;
  owner_id: string;
  job_id: string;
  slot_class: SlotClass;
  /** How the job's results are checked. */
  level: Level;
  /** Its developer brought a verifier, which looks at results. */
  own_verifier: boolean;
  epoch: number;
  price_micro: Micro;
  task_max_micro: Micro;
  fuel_charged: bigint;
  charged_micro: Micro;
  fuel_limit: bigint;
  output_bytes_limit: number;
  max_attempts: number;
  developer_id: string;
  hold_id: string;
}

/** Where a decided task goes; QUEUED is another try, LEASED the other execution of it that is under way. */
export type SettledState = 'DONE' | 'FAILED' | 'QUEUED' | 'LEASED';

export type TaskKey = readonly [lease_id: string, index: number, epoch: number];

export interface NewAttempt {
  job_id: string;
  index: number;
  epoch: number;
  lease_id: string;
  node_id: string;
  outcome: 'accepted' | 'retried' | 'checked';
  verdict: string;
  detail: string | null;
  exit_code: number | null;
  fuel_used: bigint;
  charge_micro: Micro;
  output: Buffer | null;
  output_hash: string;
  output_bytes: number;
  logs: string;
  wall_ms: number;
  memory_peak_bytes: number;
  /** Which of its job's tasks that the group settles it is, from 1; null where it settles none. */
  place: number | null;
  /** The how many'th checked result of its node. */
  nth: bigint | null;
}

export interface JobDelta {
  job_id: string;
  done: number;
  failed: number;
  requeued: number;
  charged_micro: Micro;
  unreserved_micro: Micro;
  /** Replicas that it waits for. */
  checking: number;
}

export interface RecordedJob {
  id: string;
  settled_seq: number;
  emptied: boolean;
}

/** All that a group writes but its money. */
export interface Settlement {
  attempts: NewAttempt[];
  leases: { id: string; fuel: bigint; tasks: number; charged_micro: Micro }[];
  jobs: JobDelta[];
}

/** The writes of a group commit. Each is one statement for any number of tasks. */
@Injectable()
export class ResultsStore {
  /** Locks the leases that are not over, in the order of their ids. */
  async lockLeases(tx: Transaction, lease_ids: readonly string[]): Promise<Map<string, LockedLease>> {
    const { rows } = await tx.query<LockedLease>(
      `SELECT l.id, l.node_id, l.owner_id, l.job_id, l.slot_class, l.epoch, l.price_micro, l.task_max_micro, l.fuel_charged, l.charged_micro,
         j.order_terms->>'verification' AS level, j.fuel_limit, j.output_bytes_limit, j.max_attempts, j.person_id AS developer_id, h.id AS hold_id,
         EXISTS (SELECT 1 FROM own_verifier v WHERE v.job_id = j.id AND v.state = 'ACTIVE') AS own_verifier
       FROM lease l JOIN job j ON j.id = l.job_id JOIN hold h ON h.job_id = j.id
       WHERE l.id = ANY($1) AND l.state <> 'ENDED' ORDER BY l.id FOR NO KEY UPDATE OF l`,
      [lease_ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /**
   * Accepts: each task leaves LEASED exactly once, for the epoch and the lease that hold it. What does not match stays.
   * A retried task is queued again, or fails for good when its attempts are used up.
   * @returns the tasks that changed, with their new state.
   */
  async settleTasks(
    tx: Transaction,
    tasks: readonly {
      job_id: string;
      lease_id: string;
      index: number;
      epoch: number;
      state: SettledState;
      max_attempts: number;
      node_id: string;
    }[],
  ): Promise<{ job_id: string; lease_id: string; index: number; epoch: number; state: SettledState; twinned: boolean }[]> {
    const { rows } = await tx.query<{
      job_id: string;
      lease_id: string;
      index: number;
      epoch: number;
      state: SettledState;
      twinned: boolean;
    }>(
      `UPDATE task t SET lease_id = NULL,
         failures = t.failures + CASE WHEN r.state = 'QUEUED' THEN 1 ELSE 0 END,
         avoid = CASE WHEN r.state = 'QUEUED' THEN array_append(t.avoid, r.node_id) ELSE t.avoid END,
         state = CASE WHEN r.state = 'QUEUED' AND t.failures + 1 >= r.max_attempts THEN 'FAILED'::task_state ELSE r.state END
       FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::task_state[], $6::int[], $7::uuid[])
         AS r(job_id, lease_id, index, epoch, state, max_attempts, node_id)
       WHERE t.job_id = r.job_id AND t.index = r.index AND t.epoch = r.epoch AND t.lease_id = r.lease_id AND t.state = 'LEASED'
       RETURNING t.job_id, r.lease_id, t.index, t.epoch, t.state, t.twinned`,
      [
        tasks.map((t) => t.job_id),
        tasks.map((t) => t.lease_id),
        tasks.map((t) => t.index),
        tasks.map((t) => t.epoch),
        tasks.map((t) => t.state),
        tasks.map((t) => t.max_attempts),
        tasks.map((t) => t.node_id),
      ],
    );
    return rows;
  }

  /** Of executions that were committed to, those that their tasks wait for, locked. */
  async lockFirsts(
    tx: Transaction,
    executions: readonly { job_id: string; lease_id: string; index: number; epoch: number }[],
  ): Promise<{ lease_id: string; index: number; epoch: number; twinned: boolean }[]> {
    const { rows } = await tx.query<{ lease_id: string; index: number; epoch: number; twinned: boolean }>(
      `SELECT t.lease_id, t.index, t.epoch, t.twinned FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS r(job_id, lease_id, index, epoch)
       JOIN task t ON t.job_id = r.job_id AND t.index = r.index AND t.epoch = r.epoch AND t.lease_id = r.lease_id AND t.state = 'LEASED'
       ORDER BY t.job_id, t.index FOR NO KEY UPDATE OF t`,
      [executions.map((e) => e.job_id), executions.map((e) => e.lease_id), executions.map((e) => e.index), executions.map((e) => e.epoch)],
    );
    return rows;
  }

  /** Of results that changed nothing: those whose very attempt is on record are duplicates. */
  async recorded(tx: Transaction, keys: readonly TaskKey[]): Promise<Set<string>> {
    const { rows } = await tx.query<{ lease_id: string; index: number; epoch: number }>(
      `SELECT a.lease_id, a.index, a.epoch FROM unnest($1::uuid[], $2::int[], $3::int[]) AS k(lease_id, index, epoch)
       JOIN lease l ON l.id = k.lease_id
       JOIN attempt a ON a.job_id = l.job_id AND a.index = k.index AND a.epoch = k.epoch AND a.lease_id = k.lease_id AND a.outcome NOT IN ('lost', 'superseded')`,
      [keys.map((k) => k[0]), keys.map((k) => k[1]), keys.map((k) => k[2])],
    );
    return new Set(rows.map((row) => `${row.lease_id}/${row.index}/${row.epoch}`));
  }

  /**
   * Writes down what a group has settled, in one statement: fuel and charge of its locked leases, the counters of its jobs, locked in the order
   * of their ids, and the attempts, whose places follow those that their jobs have given out.
   * @returns each job's place in its order of settlement after this, and whether it has nothing left to do.
   */
  async record(tx: Transaction, { leases, jobs, attempts }: Settlement): Promise<RecordedJob[]> {
    const { rows } = await tx.query<RecordedJob>(
      `WITH charged AS (
         UPDATE lease l SET fuel_charged = l.fuel_charged + d.fuel, tasks_charged = l.tasks_charged + d.tasks,
           charged_micro = l.charged_micro + d.charged
         FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::bigint[]) AS d(id, fuel, tasks, charged) WHERE l.id = d.id
       ), locked AS (
         SELECT id FROM job WHERE id = ANY($5) ORDER BY id FOR NO KEY UPDATE
       ), counted AS (
         UPDATE job j SET leased = j.leased - d.done - d.failed - d.requeued, done = j.done + d.done, failed = j.failed + d.failed,
           queued = j.queued + d.requeued, settled_seq = j.settled_seq + d.done + d.failed, charged_micro = j.charged_micro + d.charged,
           reserved_micro = j.reserved_micro - d.unreserved, checking = j.checking + d.checking
         FROM unnest($5::uuid[], $6::int[], $7::int[], $8::int[], $9::bigint[], $10::bigint[], $30::int[])
           AS d(id, done, failed, requeued, charged, unreserved, checking), locked
         WHERE j.id = d.id AND locked.id = j.id
         RETURNING j.id, j.settled_seq, j.settled_seq - d.done - d.failed AS before, NOT j.open AND j.queued = 0 AND j.leased = 0 AND j.checking = 0 AS emptied
       ), written AS (
         INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, verdict, detail, exit_code, fuel_used, charge_micro, output,
           output_hash, output_bytes, logs, wall_ms, memory_peak_bytes, seq, nth)
         SELECT a.job_id, a.index, a.epoch, a.lease_id, a.node_id, a.outcome, a.verdict, a.detail, a.exit_code, a.fuel_used, a.charge_micro,
           a.output, a.output_hash, a.output_bytes, a.logs, a.wall_ms, a.memory_peak_bytes, counted.before + a.place, a.nth
         FROM unnest($11::uuid[], $12::int[], $13::int[], $14::uuid[], $15::uuid[], $16::attempt_outcome[], $17::text[], $18::text[], $19::int[],
           $20::bigint[], $21::bigint[], $22::bytea[], $23::text[], $24::int[], $25::text[], $26::float8[], $27::bigint[], $28::int[], $29::bigint[])
           AS a(job_id, index, epoch, lease_id, node_id, outcome, verdict, detail, exit_code, fuel_used, charge_micro, output, output_hash,
             output_bytes, logs, wall_ms, memory_peak_bytes, place, nth)
         JOIN counted ON counted.id = a.job_id
       )
       SELECT id, settled_seq, emptied FROM counted`,
      [
        leases.map((l) => l.id),
        leases.map((l) => l.fuel),
        leases.map((l) => l.tasks),
        leases.map((l) => l.charged_micro),
        jobs.map((j) => j.job_id),
        jobs.map((j) => j.done),
        jobs.map((j) => j.failed),
        jobs.map((j) => j.requeued),
        jobs.map((j) => j.charged_micro),
        jobs.map((j) => j.unreserved_micro),
        attempts.map((a) => a.job_id),
        attempts.map((a) => a.index),
        attempts.map((a) => a.epoch),
        attempts.map((a) => a.lease_id),
        attempts.map((a) => a.node_id),
        attempts.map((a) => a.outcome),
        attempts.map((a) => a.verdict),
        attempts.map((a) => a.detail),
        attempts.map((a) => a.exit_code),
        attempts.map((a) => a.fuel_used),
        attempts.map((a) => a.charge_micro),
        attempts.map((a) => a.output),
        attempts.map((a) => a.output_hash),
        attempts.map((a) => a.output_bytes),
        attempts.map((a) => a.logs),
        attempts.map((a) => a.wall_ms),
        attempts.map((a) => a.memory_peak_bytes),
        attempts.map((a) => a.place),
        attempts.map((a) => a.nth),
        jobs.map((j) => j.checking),
      ],
    );
    return rows;
  }
}
