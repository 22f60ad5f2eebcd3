import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface ClaimedTask {
  index: number;
  epoch: number;
  input: Buffer | null;
  input_hash: string | null;
  input_bytes: number;
}

@Injectable()
export class DispatchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Leases the next tasks of a job to one lease: the lowest queued indices, at most `limit`, at most the lease's fair
   * share of what is queued, and never more than the job's budget and the developer's day can pay if each burned its whole fuel limit. One
   * statement; each task's epoch grows, and the lease's row is locked first, as everywhere. A task that failed on a node goes to
   * others as long as the job has any. The job's id is a parameter so
   * that the index hands out the queue in order: found through the lease, all of it would be sorted at each claim.
   */
  async claim(lease_id: string, job_id: string, limit: number): Promise<ClaimedTask[]> {
    const { rows } = await this.database.query<ClaimedTask>(
      `WITH l AS (
         SELECT id, job_id, node_id, task_max_micro FROM lease WHERE id = $1 AND job_id = $3 AND state = 'ACTIVE' FOR NO KEY UPDATE
       ), j AS (
         SELECT job.id, job.person_id, job.queued, job.budget_micro - job.charged_micro - job.reserved_micro AS free
         FROM job JOIN l ON l.job_id = job.id WHERE job.state IN ('QUEUED', 'RUNNING') FOR NO KEY UPDATE OF job
       ), share AS (
         SELECT LEAST($2::bigint, j.free / l.task_max_micro, claimable_today(j.person_id) / l.task_max_micro,
           ceil(j.queued::float8 / GREATEST(1, (SELECT count(*) FROM lease o WHERE o.job_id = j.id AND o.state = 'ACTIVE')))::bigint) AS tasks
         FROM j, l
       ), picked AS (
         SELECT t.index FROM task t WHERE t.job_id = $3 AND t.state = 'QUEUED'
           AND (t.avoid = '{}' OR (SELECT node_id FROM l) <> ALL(t.avoid) OR NOT EXISTS (
             SELECT 1 FROM lease o WHERE o.job_id = $3 AND o.state = 'ACTIVE' AND o.node_id <> ALL(t.avoid)))
         ORDER BY t.index LIMIT COALESCE((SELECT tasks FROM share), 0) FOR NO KEY UPDATE SKIP LOCKED
       ), taken AS (
         UPDATE task t SET state = 'LEASED', epoch = GREATEST(t.issued, t.epoch) + 1, issued = GREATEST(t.issued, t.epoch) + 1,
           lease_id = $1, leased_at = now() FROM picked p
         WHERE t.job_id = $3 AND t.index = p.index
         RETURNING t.index, t.epoch, t.input, t.input_hash, t.input_bytes
       ), counted AS (
         UPDATE job SET queued = queued - c.n, leased = leased + c.n, reserved_micro = reserved_micro + c.n * l.task_max_micro
         FROM (SELECT count(*)::int AS n FROM taken) AS c, l WHERE job.id = l.job_id AND c.n > 0
       )
       SELECT * FROM taken ORDER BY index`,
      [lease_id, limit, job_id],
    );
    return rows;
  }

  /** The tasks out on a lease, as they were sent. */
  async outstanding(lease_id: string): Promise<ClaimedTask[]> {
    const { rows } = await this.database.query<ClaimedTask>(
      "SELECT index, epoch, input, input_hash, input_bytes FROM task WHERE lease_id = $1 AND state = 'LEASED' ORDER BY index",
      [lease_id],
    );
    return rows;
  }
}
