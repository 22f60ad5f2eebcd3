import { Inject, Injectable } from '@nestjs/common';
import { Database, NOT_FLUSHED } from '#database';
import type { Level, Standing } from '#verification';
import { CLUSTERS, REVEALED, type SentTask } from './checks.store.js';

/** A check that waits for a node. */
export interface WaitingCheck {
  id: string;
  index: number;
  level: Level;
  /** What it checks is not revealed yet: only who commits to results may run it. */
  hidden: boolean;
  /** Who had a part in the task. */
  clusters: string[];
}

/** Who may run checks on a lease. */
export interface Taker extends Standing {
  lease_id: string;
  cluster: string;
  banned: boolean;
}

/** A lease, and the checks that are meant for it. */
export interface CheckClaim {
  lease_id: string;
  /** Its node commits to results before it reveals them. */
  commits: boolean;
  check_ids: readonly string[];
}

/** Checks on their way to the leases of their jobs. */
@Injectable()
export class CheckClaimsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Jobs that have checks for nodes. */
  async jobsWaiting(): Promise<string[]> {
    const { rows } = await this.database.query<{ job_id: string }>(
      "SELECT DISTINCT job_id FROM result_check WHERE state = 'WANTED' AND NOT by_reference",
    );
    return rows.map((row) => row.job_id);
  }

  /** What waits for nodes longest. */
  async waiting(job_id: string, limit: number): Promise<WaitingCheck[]> {
    const { rows } = await this.database.query<WaitingCheck>(
      `SELECT c.id, c.index, j.order_terms->>'verification' AS level, c.awaited AND NOT ${REVEALED} AS hidden, ${CLUSTERS} AS clusters
       FROM result_check c JOIN job j ON j.id = c.job_id AND j.state = 'RUNNING'
       WHERE c.job_id = $1 AND c.state = 'WANTED' AND NOT c.by_reference ORDER BY c.wanted_at LIMIT $2`,
      [job_id, limit],
    );
    return rows;
  }

  /** How the nodes of these leases stand. */
  async takers(lease_ids: readonly string[]): Promise<Taker[]> {
    const { rows } = await this.database.query<Taker>(
      `SELECT l.id AS lease_id, COALESCE(o.cluster_id, l.owner_id) AS cluster, s.banned IS NOT NULL AS banned, COALESCE(s.confirmed, 0) AS confirmed,
         COALESCE(s.checked, 0) AS checked, COALESCE(s.wrong_at, '{}') AS wrong_at
       FROM lease l LEFT JOIN node_standing s ON s.node_id = l.node_id LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id
       WHERE l.id = ANY($1) AND l.state = 'ACTIVE'`,
      [lease_ids],
    );
    return rows;
  }

  /**
   * Sends checks out as tasks like any others, each to the lease that it is meant for: if its node has enough confirmed results in a row, and
   * only of results that nobody of its cluster had a part in. Each is an execution with an epoch of its own; of two checks of one task
   * one waits. Of replicas, which the developer pays, the worst cost is reserved; checks cost the job nothing, and leave its row alone. As
   * with any claim nobody waits for the disk. Locks: leases, job, tasks. @returns by lease.
   */
  async send(job_id: string, claims: readonly CheckClaim[]): Promise<Map<string, SentTask[]>> {
    const asked = claims.flatMap(({ lease_id, commits, check_ids }) => check_ids.map((id) => ({ id, lease_id, commits })));
    const { rows } = await this.database.query<SentTask & { lease_id: string }>(
      `WITH asked AS (
         SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::boolean[]) AS a(check_id, lease_id, commits)
       ), l AS (
         SELECT id, node_id, owner_id, task_max_micro FROM lease WHERE id = ANY($3) AND job_id = $1 AND state = 'ACTIVE' ORDER BY id FOR NO KEY UPDATE
       ), me AS (
         SELECT l.*, COALESCE(o.cluster_id, l.owner_id) AS cluster_id, s.confirmed FROM l JOIN node_standing s ON s.node_id = l.node_id
         LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id WHERE s.banned IS NULL
       ), costly AS (
         SELECT count(*) > 0 AS found FROM result_check WHERE id = ANY($2) AND awaited AND (SELECT count(*) FROM me) > 0
       ), purse AS (
         SELECT budget_micro - charged_micro - reserved_micro AS micro FROM job WHERE id = $1 AND state = 'RUNNING' AND (SELECT found FROM costly)
         FOR NO KEY UPDATE
       ), j AS (
         SELECT id FROM job WHERE id = $1 AND state = 'RUNNING'
       ), picked AS (
         SELECT c.id, c.index, c.awaited, me.id AS lease_id, me.node_id, me.task_max_micro
         FROM asked JOIN result_check c ON c.id = asked.check_id JOIN me ON me.id = asked.lease_id JOIN task t ON t.job_id = c.job_id AND t.index = c.index, j
         WHERE c.job_id = j.id AND c.state = 'WANTED' AND NOT c.by_reference AND me.confirmed >= c.checker_confirmed
           AND (asked.commits OR NOT c.awaited OR ${REVEALED}) AND me.cluster_id <> ALL (${CLUSTERS})
         ORDER BY c.index FOR NO KEY UPDATE OF t, c SKIP LOCKED
       ), chosen AS (
         SELECT DISTINCT ON (index) *, CASE WHEN awaited THEN task_max_micro ELSE 0 END AS micro FROM picked ORDER BY index, awaited DESC
       ), funded AS (
         SELECT * FROM (SELECT *, sum(micro) OVER (ORDER BY index) AS up_to FROM chosen) AS c
         WHERE NOT awaited OR up_to <= (SELECT micro FROM purse)
       ), numbered AS (
         UPDATE task t SET issued = GREATEST(t.issued, t.epoch) + 1 FROM funded f WHERE t.job_id = $1 AND t.index = f.index
         RETURNING f.id, f.lease_id, f.node_id, t.index, t.issued AS epoch, t.input, t.input_hash, t.input_bytes
       ), sent AS (
         UPDATE result_check c SET state = 'OUT', epoch = n.epoch, lease_id = n.lease_id, checker_id = n.node_id, sent_at = now(), tries = c.tries + 1
         FROM numbered n WHERE c.id = n.id
       ), counted AS (
         UPDATE job SET reserved_micro = reserved_micro + f.micro
         FROM (SELECT COALESCE(sum(micro), 0)::bigint AS micro FROM funded) AS f WHERE job.id = $1 AND f.micro > 0
       )
       SELECT lease_id, index, epoch, input, input_hash, input_bytes FROM ${NOT_FLUSHED} JOIN numbered ON flushed = 'off' ORDER BY index`,
      [job_id, asked.map((a) => a.id), asked.map((a) => a.lease_id), asked.map((a) => a.commits)],
    );
    const sent = new Map<string, SentTask[]>();
    for (const { lease_id, ...task } of rows) sent.set(lease_id, [...(sent.get(lease_id) ?? []), task]);
    return sent;
  }
}
