import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { ClusterShare, Level } from '#verification';

/** Who executes a job, cluster by cluster. */
export interface JobShares {
  level: Level;
  tasks: number;
  clusters: (ClusterShare<string> & { leases: string[] })[];
}

@Injectable()
export class ClusterSharesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async of(job_id: string): Promise<JobShares | null> {
    const { rows } = await this.database.query<JobShares>(
      `SELECT j.order_terms->>'verification' AS level, j.total AS tasks, (SELECT COALESCE(json_agg(c), '[]') FROM (
         SELECT COALESCE(o.cluster_id, l.owner_id) AS cluster, sum(l.tasks_charged + t.out + t.second + COALESCE(c.checks, 0))::int AS executions, bool_or(l.state <> 'ENDED') AS live,
           COALESCE(json_agg(l.id) FILTER (WHERE l.state <> 'ENDED'), '[]') AS leases
         FROM lease l LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id
         CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM task WHERE lease_id = l.id AND state = 'LEASED') AS out,
           (SELECT count(*) FROM twin WHERE lease_id = l.id) AS second) AS t
         LEFT JOIN (SELECT lease_id, count(*) AS checks FROM result_check
           WHERE job_id = $1 AND lease_id IS NOT NULL AND (state = 'OUT' OR NOT awaited) GROUP BY lease_id) AS c ON c.lease_id = l.id
         WHERE l.job_id = j.id GROUP BY 1) AS c) AS clusters
       FROM job j WHERE j.id = $1`,
      [job_id],
    );
    return rows[0] ?? null;
  }
}
