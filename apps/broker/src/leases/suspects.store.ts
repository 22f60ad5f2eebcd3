import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import { EMPTY_SHA256 } from '#protocol';

/** Of a job with a single node: so often that one may go away while a task runs, for each attempt that the job allows. */
const SAME_NODE_TIMES = 4;

export interface SetAside {
  job_id: string;
  index: number;
}

/**
 * Tasks that may be the reason why a node, its agent or its sandbox went away. A lease works on its tasks in the order in which it got them: the
 * one that it has had for longest is what ran. A suspect is claimed for nobody's batch, so that the next loss is its own (`dispatch.store.ts`).
 */
@Injectable()
export class SuspectsStore {
  /**
   * Notes the loss, for leases that ended by one, before their tasks are freed. A task that had as many attempts without a verdict as its job
   * allows, each on another node, fails: the last attempt is the one on record, unpaid, and no node answers for any of them.
   */
  async note(tx: Transaction, lease_ids: readonly string[]): Promise<SetAside[]> {
    if (lease_ids.length === 0) return [];
    const { rows } = await tx.query<SetAside & { spent: boolean }>(
      `WITH ran AS (
         SELECT DISTINCT ON (t.lease_id) t.job_id, t.index, t.lease_id FROM task t WHERE t.lease_id = ANY($1) AND t.state = 'LEASED'
         ORDER BY t.lease_id, t.leased_at, t.index
       ), suspect AS (
         SELECT t.job_id, t.index, l.node_id, l.node_id <> ALL (t.avoid) AS elsewhere, j.max_attempts
         FROM ran JOIN task t ON t.job_id = ran.job_id AND t.index = ran.index JOIN lease l ON l.id = ran.lease_id JOIN job j ON j.id = ran.job_id
         ORDER BY t.job_id, t.index FOR NO KEY UPDATE OF t
       )
       UPDATE task t SET losses = t.losses + 1, failures = t.failures + s.elsewhere::int,
         avoid = CASE WHEN s.elsewhere THEN array_append(t.avoid, s.node_id) ELSE t.avoid END
       FROM suspect s WHERE t.job_id = s.job_id AND t.index = s.index
       RETURNING t.job_id, t.index, t.failures >= s.max_attempts OR t.losses >= s.max_attempts * $2 AS spent`,
      [lease_ids, SAME_NODE_TIMES],
    );
    const spent = rows.filter((row) => row.spent);
    if (spent.length > 0) await this.setAside(tx, spent);
    return spent.map(({ job_id, index }) => ({ job_id, index }));
  }

  private async setAside(tx: Transaction, tasks: readonly SetAside[]): Promise<void> {
    await tx.query(
      `WITH aside AS (
         SELECT t.job_id, t.index, t.epoch, t.lease_id, l.node_id, l.task_max_micro, l.end_sentence
         FROM unnest($1::uuid[], $2::int[]) AS a(job_id, index) JOIN task t ON t.job_id = a.job_id AND t.index = a.index JOIN lease l ON l.id = t.lease_id
       ), failed AS (
         UPDATE task t SET state = 'FAILED', lease_id = NULL FROM aside WHERE t.job_id = aside.job_id AND t.index = aside.index
       ), counted AS (
         UPDATE job j SET leased = j.leased - s.n, failed = j.failed + s.n, settled_seq = j.settled_seq + s.n, reserved_micro = j.reserved_micro - s.micro
         FROM (SELECT job_id, count(*)::int AS n, sum(task_max_micro)::bigint AS micro FROM aside GROUP BY job_id) AS s
         WHERE j.id = s.job_id RETURNING j.id, j.settled_seq - s.n AS before
       ), excused AS (
         UPDATE lease SET excused = true FROM (
           SELECT id FROM lease WHERE id IN (
             SELECT a.lease_id FROM attempt a JOIN aside ON a.job_id = aside.job_id AND a.index = aside.index WHERE a.outcome = 'lost'
             UNION SELECT lease_id FROM aside) ORDER BY id FOR NO KEY UPDATE) AS ended
         WHERE lease.id = ended.id
       )
       INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, verdict, detail, fuel_used, charge_micro, output, output_hash, output_bytes,
         logs, wall_ms, memory_peak_bytes, seq)
       SELECT aside.job_id, aside.index, aside.epoch, aside.lease_id, aside.node_id, 'accepted', 'killed', aside.end_sentence, 0, 0, '', $3, 0, '', 0, 0,
         counted.before + (row_number() OVER (PARTITION BY aside.job_id ORDER BY aside.index))::int
       FROM aside JOIN counted ON counted.id = aside.job_id`,
      [tasks.map((t) => t.job_id), tasks.map((t) => t.index), EMPTY_SHA256],
    );
  }
}
