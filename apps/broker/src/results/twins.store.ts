import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro } from '#units';

/** An execution that another one has made needless, with what of the job's hold it had reserved. */
export interface Superseded {
  job_id: string;
  index: number;
  epoch: number;
  lease_id: string;
  lease_epoch: number;
  node_id: string;
  task_max_micro: Micro;
}

type Place = { job_id: string; index: number };

const EVIDENCE = `INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, fuel_used, charge_micro, output_bytes, logs, wall_ms, memory_peak_bytes)
  SELECT job_id, index, epoch, lease_id, node_id, 'superseded', 0, 0, 0, '', 0, 0 FROM named`;

/** What becomes of a task's second execution when one of the two is decided. Tasks are locked before their twins, everywhere. */
@Injectable()
export class TwinsStore {
  /** The first execution settled these tasks: the second is needless. */
  async supersede(tx: Transaction, tasks: readonly Place[]): Promise<Superseded[]> {
    const { rows } = await tx.query<Superseded>(
      `WITH gone AS (
         DELETE FROM twin w USING unnest($1::uuid[], $2::int[]) AS r(job_id, index) WHERE w.job_id = r.job_id AND w.index = r.index
         RETURNING w.job_id, w.index, w.epoch, w.lease_id
       ), alone AS (
         UPDATE task t SET twinned = false FROM gone WHERE t.job_id = gone.job_id AND t.index = gone.index
       ), named AS (
         SELECT gone.*, l.node_id, l.epoch AS lease_epoch, l.task_max_micro FROM gone JOIN lease l ON l.id = gone.lease_id
       ), evidence AS (${EVIDENCE})
       SELECT * FROM named`,
      [tasks.map((t) => t.job_id), tasks.map((t) => t.index)],
    );
    return rows;
  }

  /** The first execution said nothing: the second goes on in its place. @returns the tasks that had one. */
  async adopt(tx: Transaction, tasks: readonly Place[]): Promise<Place[]> {
    const { rows } = await tx.query<Place>(
      `WITH gone AS (
         DELETE FROM twin w USING unnest($1::uuid[], $2::int[]) AS r(job_id, index) WHERE w.job_id = r.job_id AND w.index = r.index
         RETURNING w.job_id, w.index, w.epoch, w.lease_id, w.leased_at
       )
       UPDATE task t SET state = 'LEASED', lease_id = gone.lease_id, epoch = gone.epoch, leased_at = gone.leased_at, twinned = false
       FROM gone WHERE t.job_id = gone.job_id AND t.index = gone.index RETURNING t.job_id, t.index`,
      [tasks.map((t) => t.job_id), tasks.map((t) => t.index)],
    );
    return rows;
  }

  /** Of results that no first execution matches: those of second ones, locked. */
  async matching(
    tx: Transaction,
    results: readonly { job_id: string; lease_id: string; index: number; epoch: number }[],
  ): Promise<{ lease_id: string; index: number; epoch: number }[]> {
    const { rows } = await tx.query<{ lease_id: string; index: number; epoch: number }>(
      `SELECT w.lease_id, w.index, w.epoch
       FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS r(job_id, lease_id, index, epoch)
       JOIN task t ON t.job_id = r.job_id AND t.index = r.index AND t.twinned AND t.state = 'LEASED'
       JOIN twin w ON w.job_id = r.job_id AND w.index = r.index AND w.epoch = r.epoch AND w.lease_id = r.lease_id
       ORDER BY t.job_id, t.index FOR NO KEY UPDATE OF t`,
      [results.map((r) => r.job_id), results.map((r) => r.lease_id), results.map((r) => r.index), results.map((r) => r.epoch)],
    );
    return rows;
  }

  /** The second execution settles these tasks, which are locked: the first is needless. */
  async win(tx: Transaction, tasks: readonly (Place & { state: 'DONE' | 'FAILED' })[]): Promise<Superseded[]> {
    const { rows } = await tx.query<Superseded>(
      `WITH r AS (
         SELECT * FROM unnest($1::uuid[], $2::int[], $3::task_state[]) AS r(job_id, index, state)
       ), before AS (
         SELECT t.job_id, t.index, t.epoch, t.lease_id FROM task t JOIN r ON t.job_id = r.job_id AND t.index = r.index
       ), gone AS (
         DELETE FROM twin w USING r WHERE w.job_id = r.job_id AND w.index = r.index RETURNING w.job_id, w.index, w.epoch, r.state
       ), done AS (
         UPDATE task t SET state = gone.state, epoch = gone.epoch, lease_id = NULL, twinned = false
         FROM gone WHERE t.job_id = gone.job_id AND t.index = gone.index
       ), named AS (
         SELECT before.*, l.node_id, l.epoch AS lease_epoch, l.task_max_micro FROM before JOIN lease l ON l.id = before.lease_id
       ), evidence AS (${EVIDENCE})
       SELECT * FROM named`,
      [tasks.map((t) => t.job_id), tasks.map((t) => t.index), tasks.map((t) => t.state)],
    );
    return rows;
  }

  /** The second execution said nothing: the first goes on alone. */
  async drop(tx: Transaction, tasks: readonly (Place & { node_id: string })[]): Promise<void> {
    await tx.query(
      `WITH r AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[]) AS r(job_id, index, node_id)
       ), gone AS (
         DELETE FROM twin w USING r WHERE w.job_id = r.job_id AND w.index = r.index
       )
       UPDATE task t SET twinned = false, avoid = array_append(t.avoid, r.node_id) FROM r WHERE t.job_id = r.job_id AND t.index = r.index`,
      [tasks.map((t) => t.job_id), tasks.map((t) => t.index), tasks.map((t) => t.node_id)],
    );
  }
}
