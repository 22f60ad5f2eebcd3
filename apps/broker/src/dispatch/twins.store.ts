import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { ClaimedTask } from './dispatch.store.js';

/** A task is late that has been out so many times the median of its job's tasks, for each task before it on its lease … */
const LATE_TIMES = 3;
/** … and at least so long: what is quick anyway is not worth a second execution. */
const LATE_MS = 2_000;
/** The tasks of a job that were accepted last tell how long one takes. */
const PACE_TASKS = 50;

/** Its node has committed to what it came to. */
const NOT_FINISHED = 'NOT EXISTS (SELECT 1 FROM commitment k WHERE k.job_id = t.job_id AND k.index = t.index AND k.epoch = t.epoch)';

const pace = (job_id: string, tasks: string): string =>
  `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wall_ms) AS ms
   FROM (SELECT wall_ms FROM attempt WHERE job_id = ${job_id} AND seq IS NOT NULL ORDER BY seq DESC LIMIT ${tasks}) AS last`;

/** Second executions: a task has at most one beside its first, on another node, and the hold reserves the cost of both until one wins. */
@Injectable()
export class TwinsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Whether `claim` could have something for one of the job's leases. */
  async anyLate(job_id: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `WITH pace AS (
         ${pace('$1', '$2')}
       ), slow AS (
         SELECT n.state NOT IN ('ONLINE', 'PAUSED') AND j.on_disconnect <> 'wait' AS away, extract(epoch FROM now() - t.leased_at) * 1000 AS out_ms
         FROM job j JOIN lease o ON o.job_id = j.id AND o.state <> 'ENDED' JOIN node n ON n.id = o.node_id
         JOIN task t ON t.lease_id = o.id AND t.state = 'LEASED' AND NOT t.twinned
         WHERE j.id = $1 AND j.state = 'RUNNING' AND j.queued = 0 AND j.leased > 0 AND ${NOT_FINISHED}
       )
       SELECT 1 FROM slow, pace WHERE away OR out_ms > GREATEST($3, $4 * pace.ms) LIMIT 1`,
      [job_id, PACE_TASKS, LATE_MS, LATE_TIMES],
    );
    return (rowCount ?? 0) > 0;
  }

  /**
   * For a lease with nothing to do and a job with nothing queued: tasks that are late on other nodes, and those whose node is away if the
   * job wants them replaced. The epoch of the second execution is the task's next; the first keeps its own (backup tasks of MapReduce,
   * Dean and Ghemawat 2004).
   */
  async claim(lease_id: string, job_id: string, limit: number): Promise<ClaimedTask[]> {
    const { rows } = await this.database.query<ClaimedTask>(
      `WITH l AS (
         SELECT id, node_id, task_max_micro FROM lease WHERE id = $1 AND job_id = $2 AND state = 'ACTIVE' FOR NO KEY UPDATE
       ), j AS (
         SELECT job.id, job.person_id, job.on_disconnect, job.budget_micro - job.charged_micro - job.reserved_micro AS free
         FROM job JOIN l ON job.id = $2 WHERE job.state = 'RUNNING' AND job.queued = 0 AND job.leased > 0 FOR NO KEY UPDATE OF job
       ), pace AS (
         ${pace('$2', '$5')}
       ), slow AS (
         SELECT t.index, t.leased_at, n.state NOT IN ('ONLINE', 'PAUSED') AND j.on_disconnect <> 'wait' AS away,
           extract(epoch FROM now() - t.leased_at) * 1000 AS out_ms, row_number() OVER (PARTITION BY t.lease_id ORDER BY t.index) AS place
         FROM j, l, task t JOIN lease o ON o.id = t.lease_id JOIN node n ON n.id = o.node_id
         WHERE t.job_id = $2 AND t.state = 'LEASED' AND NOT t.twinned AND o.node_id <> l.node_id AND l.node_id <> ALL(t.avoid) AND ${NOT_FINISHED}
       ), picked AS (
         SELECT t.index FROM task t JOIN slow ON slow.index = t.index, pace
         WHERE t.job_id = $2 AND t.state = 'LEASED' AND NOT t.twinned AND (slow.away OR slow.out_ms > GREATEST($6, $7 * pace.ms * slow.place))
         ORDER BY slow.leased_at
         LIMIT COALESCE((SELECT LEAST($3::bigint, j.free / l.task_max_micro, claimable_today(j.person_id) / l.task_max_micro) FROM j, l), 0)
         FOR NO KEY UPDATE OF t SKIP LOCKED
       ), taken AS (
         UPDATE task t SET twinned = true, issued = GREATEST(t.issued, t.epoch) + 1 FROM picked p WHERE t.job_id = $4 AND t.index = p.index
         RETURNING t.index, t.issued AS epoch, t.input, t.input_hash, t.input_bytes
       ), written AS (
         INSERT INTO twin (job_id, index, epoch, lease_id) SELECT $4, index, epoch, $1 FROM taken
       ), counted AS (
         UPDATE job SET reserved_micro = reserved_micro + c.n * l.task_max_micro
         FROM (SELECT count(*)::int AS n FROM taken) AS c, l WHERE job.id = $4 AND c.n > 0
       )
       SELECT * FROM taken ORDER BY index`,
      [lease_id, job_id, limit, job_id, PACE_TASKS, LATE_MS, LATE_TIMES],
    );
    return rows;
  }

  /** The second executions out on a lease, as they were sent. */
  async outstanding(lease_id: string): Promise<ClaimedTask[]> {
    const { rows } = await this.database.query<ClaimedTask>(
      `SELECT w.index, w.epoch, t.input, t.input_hash, t.input_bytes FROM twin w JOIN task t ON t.job_id = w.job_id AND t.index = w.index
       WHERE w.lease_id = $1 ORDER BY w.index`,
      [lease_id],
    );
    return rows;
  }

  /** Nodes are back: where their jobs prefer the original, what was begun elsewhere in its place is called off. */
  async preferOriginals(
    node_ids: readonly string[],
  ): Promise<{ lease_id: string; node_id: string; lease_epoch: number; index: number; epoch: number }[]> {
    const { rows } = await this.database.query<{ lease_id: string; node_id: string; lease_epoch: number; index: number; epoch: number }>(
      `WITH original AS (
         SELECT t.job_id, t.index FROM lease l JOIN job j ON j.id = l.job_id JOIN task t ON t.lease_id = l.id AND t.state = 'LEASED'
         WHERE l.node_id = ANY($1) AND l.state <> 'ENDED' AND j.on_disconnect = 'prefer_original' AND t.twinned
         ORDER BY t.job_id, t.index FOR NO KEY UPDATE OF t
       ), alone AS (
         UPDATE task t SET twinned = false FROM original o WHERE t.job_id = o.job_id AND t.index = o.index
       ), gone AS (
         DELETE FROM twin w USING original o WHERE w.job_id = o.job_id AND w.index = o.index RETURNING w.job_id, w.index, w.epoch, w.lease_id
       ), named AS (
         SELECT gone.*, l.node_id, l.epoch AS lease_epoch, l.task_max_micro FROM gone JOIN lease l ON l.id = gone.lease_id
       ), evidence AS (
         INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, fuel_used, charge_micro, output_bytes, logs, wall_ms, memory_peak_bytes)
         SELECT job_id, index, epoch, lease_id, node_id, 'superseded', 0, 0, 0, '', 0, 0 FROM named
       ), counted AS (
         UPDATE job j SET reserved_micro = j.reserved_micro - f.reserved
         FROM (SELECT job_id, sum(task_max_micro)::bigint AS reserved FROM named GROUP BY job_id) AS f WHERE j.id = f.job_id
       )
       SELECT lease_id, node_id, lease_epoch, index, epoch FROM named`,
      [node_ids],
    );
    return rows;
  }
}
