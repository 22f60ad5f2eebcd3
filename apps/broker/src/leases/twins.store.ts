import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';

/** What becomes of second executions of tasks when leases end. */
@Injectable()
export class TwinsStore {
  /**
   * Second executions on these leases are lost; a task whose first execution is lost with them goes on with its second one and is not
   * queued again. Before the leases' own tasks are freed, whose rows are locked here first.
   */
  async release(tx: Transaction, lease_ids: readonly string[]): Promise<void> {
    const { rowCount } = await tx.query(
      `SELECT 1 FROM task t JOIN twin w ON w.job_id = t.job_id AND w.index = t.index
       WHERE w.lease_id = ANY($1) OR t.lease_id = ANY($1) ORDER BY t.job_id, t.index FOR NO KEY UPDATE OF t`,
      [lease_ids],
    );
    if (!rowCount) return;
    const lost = `named AS (
        SELECT gone.*, l.node_id, l.task_max_micro, l.end_sentence FROM gone JOIN lease l ON l.id = gone.lease_id
      ), evidence AS (
        INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, detail, fuel_used, charge_micro, output_bytes, logs, wall_ms, memory_peak_bytes)
        SELECT job_id, index, epoch, lease_id, node_id, 'lost', end_sentence, 0, 0, 0, '', 0, 0 FROM named
      )
      UPDATE job j SET reserved_micro = j.reserved_micro - f.reserved
      FROM (SELECT job_id, sum(task_max_micro)::bigint AS reserved FROM named GROUP BY job_id) AS f WHERE j.id = f.job_id`;
    await tx.query(
      `WITH gone AS (
        DELETE FROM twin WHERE lease_id = ANY($1) RETURNING job_id, index, epoch, lease_id
      ), alone AS (
        UPDATE task t SET twinned = false FROM gone WHERE t.job_id = gone.job_id AND t.index = gone.index
      ), ${lost}`,
      [lease_ids],
    );
    await tx.query(
      `WITH gone AS (
        SELECT t.job_id, t.index, t.epoch, t.lease_id FROM task t WHERE t.lease_id = ANY($1) AND t.twinned AND t.state = 'LEASED'
      ), heir AS (
        DELETE FROM twin w USING gone WHERE w.job_id = gone.job_id AND w.index = gone.index
        RETURNING w.job_id, w.index, w.epoch, w.lease_id, w.leased_at
      ), goes_on AS (
        UPDATE task t SET lease_id = heir.lease_id, epoch = heir.epoch, leased_at = heir.leased_at, twinned = false
        FROM heir WHERE t.job_id = heir.job_id AND t.index = heir.index
      ), ${lost}`,
      [lease_ids],
    );
  }
}
