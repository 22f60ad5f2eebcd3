import { Inject, Injectable } from '@nestjs/common';
import { Database, NOT_FLUSHED } from '#database';

export interface ClaimedTask {
  index: number;
  epoch: number;
  input: Buffer | null;
  input_hash: string | null;
  input_bytes: number;
}

/** What one lease got, and how many tasks of the job were queued after it; null where lease or job are over. */
export interface Claimed {
  tasks: ClaimedTask[];
  queued: number | null;
}

/** A claim that took nothing is one row without a task. */
type Row = ClaimedTask & { left: number | null };

@Injectable()
export class DispatchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Leases the next tasks of a job to one lease: the lowest queued indices, at most `limit`, at most the lease's fair
   * share of what is queued, and never more than the job's budget and the developer's day can pay if each burned its whole fuel limit. One
   * statement; each task's epoch grows, and the lease's row is locked first, as everywhere. A task that got no verdict on a node goes to
   * others as long as the job has any, and alone, so that what happens next is its own doing. The job's id is a parameter so
   * that the index hands out the queue in order: found through the lease, all of it would be sorted at each claim.
   */
  async claim(lease_id: string, job_id: string, limit: number): Promise<Claimed> {
    const { rows } = await this.database.query<Row>(
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
         SELECT t.index, t.avoid FROM task t WHERE t.job_id = $3 AND t.state = 'QUEUED'
           AND (t.avoid = '{}' OR (SELECT node_id FROM l) <> ALL(t.avoid) OR NOT EXISTS (
             SELECT 1 FROM lease o WHERE o.job_id = $3 AND o.state = 'ACTIVE' AND o.node_id <> ALL(t.avoid)))
         ORDER BY t.index LIMIT COALESCE((SELECT tasks FROM share), 0) FOR NO KEY UPDATE SKIP LOCKED
       ), placed AS (
         SELECT index FROM (SELECT index, avoid, first_value(avoid) OVER (ORDER BY index) AS led_by, row_number() OVER (ORDER BY index) AS turn FROM picked) AS p
         WHERE turn = 1 OR (avoid = '{}' AND led_by = '{}')
       ), taken AS (
         UPDATE task t SET state = 'LEASED', epoch = GREATEST(t.issued, t.epoch) + 1, issued = GREATEST(t.issued, t.epoch) + 1,
           lease_id = $1, leased_at = now() FROM placed p
         WHERE t.job_id = $3 AND t.index = p.index
         RETURNING t.index, t.epoch, t.input, t.input_hash, t.input_bytes
       ), counted AS (
         UPDATE job SET queued = queued - c.n, leased = leased + c.n, reserved_micro = reserved_micro + c.n * l.task_max_micro
         FROM (SELECT count(*)::int AS n FROM taken) AS c, l WHERE job.id = l.job_id AND c.n > 0
       )
       SELECT rest.left, taken.* FROM ${LEFT} AS rest LEFT JOIN taken ON true ORDER BY index`,
      [lease_id, limit, job_id],
    );
    return {
      tasks: rows.flatMap(({ left: _, ...task }) => ((task.index as number | null) === null ? [] : [task])),
      queued: rows[0]?.left ?? null,
    };
  }

  /**
   * The same for several leases of one job in one statement: leases are locked in the order of their ids, then the job; the lowest queued
   * indices go to the leases in the order given, to each at most what it wants and its fair share, as far as the money reaches. A task that would
   * come to a node which it avoids stays queued. Places are looked up in arrays: the planner takes every step here for one row and would join
   * the tasks with the leases pair by pair. @returns by lease; a lease that got nothing is absent; how many tasks of the job are queued
   * after it, and how many its leases' nodes were spared.
   */
  async claimForMany(
    job_id: string,
    wants: readonly { lease_id: string; limit: number }[],
  ): Promise<{ claimed: Map<string, ClaimedTask[]>; queued: number | null; spared: number }> {
    const { rows } = await this.database.query<Row & { lease_id: string; spared: number }>(
      `WITH asked AS (
         SELECT a.lease_id, a.wanted, a.turn FROM unnest($2::uuid[], $3::int[]) WITH ORDINALITY AS a(lease_id, wanted, turn)
       ), l AS (
         SELECT id, node_id, task_max_micro FROM lease WHERE id = ANY($2) AND job_id = $1 AND state = 'ACTIVE' ORDER BY id FOR NO KEY UPDATE
       ), j AS (
         SELECT id, person_id, queued, budget_micro - charged_micro - reserved_micro AS free
         FROM job WHERE id = $1 AND state IN ('QUEUED', 'RUNNING') AND (SELECT count(*) FROM l) > 0 FOR NO KEY UPDATE
       ), purse AS (
         SELECT LEAST(j.free, claimable_today(j.person_id)) AS micro,
           ceil(j.queued::float8 / GREATEST(1, (SELECT count(*) FROM lease o WHERE o.job_id = j.id AND o.state = 'ACTIVE')))::bigint AS share
         FROM j
       ), capped AS (
         SELECT l.id, l.node_id, l.task_max_micro, a.turn, LEAST(a.wanted, purse.share) AS n, purse.micro
         FROM l JOIN asked a ON a.lease_id = l.id CROSS JOIN purse
       ), funded AS (
         SELECT id, node_id, task_max_micro, turn, GREATEST(0, LEAST(n, (micro - before) / task_max_micro))::bigint AS n
         FROM (SELECT c.*, COALESCE(sum(n * task_max_micro) OVER (ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
               FROM capped c) AS ordered
       ), places AS (
         SELECT array_agg(id ORDER BY turn) AS leases, array_agg(node_id ORDER BY turn) AS nodes, array_agg(task_max_micro ORDER BY turn) AS micro
         FROM funded, generate_series(1, n)
       ), picked AS (
         SELECT t.index, t.avoid FROM task t WHERE t.job_id = $1 AND t.state = 'QUEUED'
         ORDER BY t.index LIMIT COALESCE((SELECT cardinality(leases) FROM places), 0) FOR NO KEY UPDATE SKIP LOCKED
       ), numbered AS (
         SELECT index, avoid, (SELECT leases FROM places)[place] AS lease_id, (SELECT nodes FROM places)[place] AS node_id,
           (SELECT micro FROM places)[place] AS micro,
           (SELECT leases FROM places)[place] IS DISTINCT FROM (SELECT leases FROM places)[place - 1] AS leads
         FROM (SELECT index, avoid, row_number() OVER (ORDER BY index) AS place FROM picked) AS p
       ), alone AS MATERIALIZED (
         SELECT COALESCE(array_agg(lease_id), '{}') AS leases FROM numbered WHERE avoid <> '{}' AND leads AND node_id <> ALL (avoid)
       ), placed AS (
         SELECT index, lease_id, micro FROM numbered
         WHERE CASE WHEN avoid = '{}' THEN lease_id <> ALL ((SELECT leases FROM alone)::uuid[])
           ELSE leads AND lease_id = ANY ((SELECT leases FROM alone)::uuid[]) END
       ), taken AS (
         UPDATE task t SET state = 'LEASED', epoch = GREATEST(t.issued, t.epoch) + 1, issued = GREATEST(t.issued, t.epoch) + 1,
           lease_id = p.lease_id, leased_at = now() FROM placed p
         WHERE t.job_id = $1 AND t.index = p.index
         RETURNING t.lease_id, t.index, t.epoch, t.input, t.input_hash, t.input_bytes, p.micro
       ), counted AS (
         UPDATE job SET queued = queued - c.n, leased = leased + c.n, reserved_micro = reserved_micro + c.micro
         FROM (SELECT count(*)::int AS n, COALESCE(sum(micro), 0)::bigint AS micro FROM taken) AS c
         WHERE job.id = $1 AND c.n > 0
       )
       SELECT rest.left, (SELECT count(*) FROM picked)::int - (SELECT count(*) FROM taken)::int AS spared,
         lease_id, index, epoch, input, input_hash, input_bytes
       FROM ${LEFT} AS rest LEFT JOIN taken ON true ORDER BY index`,
      [job_id, wants.map(({ lease_id }) => lease_id), wants.map(({ limit }) => limit)],
    );
    const claimed = new Map<string, ClaimedTask[]>();
    for (const { left: _, spared: __, lease_id, ...task } of rows) {
      if ((task.index as number | null) === null) continue;
      const tasks = claimed.get(lease_id);
      if (tasks) tasks.push(task);
      else claimed.set(lease_id, [task]);
    }
    return { claimed, queued: rows[0]?.left ?? null, spared: rows[0]?.spared ?? 0 };
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

/**
 * What is queued after a claim. No claim waits for the disk: one that is lost with PostgreSQL has left its tasks queued, what nodes return of
 * it is stale, and a result that counts is committed after its claim.
 */
const LEFT = `(SELECT (SELECT queued FROM j) - (SELECT count(*) FROM taken)::int AS left FROM ${NOT_FLUSHED} WHERE flushed = 'off')`;
