import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '#database';
import type { OrderView } from '#protocol';
import type { Micro, SlotClass } from '#units';
import { type ClusterShare, clusterRoom, LEVEL_RULES } from '#verification';
import { LinksQuery } from '../funding/links.query.js';
import { taskCostMax } from '../platform/task-price.js';
import type { Demand } from './order-of.js';
import type { EndingTerm } from './terms.js';

/** What a job says when it is placed; none of it changes. */
interface Terms extends Pick<Demand, 'person_id' | 'max_price_micro' | 'workload_class'> {
  id: string;
  order_terms: Demand['order_terms'] & Pick<OrderView, 'verification'>;
  fuel_limit: bigint;
  priority: number;
}

interface CountsRow {
  id: string;
  arrival: bigint;
  held: number;
  wanted: number;
  /** Ending leases with tasks out: what those may cost is reserved already. */
  busy: number;
  incumbents: string[] | null;
  left_micro: Micro;
  reserved_micro: Micro;
  not_owners: string[] | null;
  not_nodes: string[] | null;
  day_cap_micro: Micro | null;
  day_left_micro: Micro | null;
}

export interface WaitingJob extends Demand {
  fuel_limit: bigint;
  /** Among the jobs of its developer. */
  priority: number;
  /** The developer's cap for a day and what it leaves; null without one. */
  day_cap_micro: Micro | null;
  day_left_micro: Micro | null;
  /** Nodes that lately could not run its module as the heap metered it; they are among `not_nodes`. */
  differing: readonly string[];
}

/**
 * A node that instruments a module into something else than the heap did gives the lease back for one of these: it or the heap is older. Nobody is to blame, and the
 * next round would lease it again at once.
 */
const DIFFERS = ['meter_id_mismatch', 'metered_hash_mismatch'];
const DIFFERS_MINUTES = 10;

const clusterOf = (cluster: string | undefined) => (cluster === undefined ? {} : { cluster });

/**
 * The jobs that want slots. Their counts change with every task and are read in every round: a bid of a job that wants nothing any more would
 * set prices. Their terms are read once.
 */
@Injectable()
export class DemandStore {
  private readonly terms = new Map<SlotClass, ReadonlyMap<string, Terms>>();

  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly links: LinksQuery,
  ) {}

  /** By arrival. What they hold counts slots that they have won and wait for; an ending lease with tasks out is still wanted. */
  async read(slot_class: SlotClass, ending: readonly EndingTerm[] = [], db: Queryable = this.database): Promise<WaitingJob[]> {
    const { rows } = await db.query<CountsRow>(
      `SELECT d.*, b.not_owners, b.not_nodes, b.day_cap_micro,
         CASE WHEN b.day_cap_micro IS NOT NULL THEN day_left(b.person_id) END AS day_left_micro
       FROM (
         SELECT j.id, j.person_id, j.arrival, l.held, j.budget_micro - j.charged_micro - j.reserved_micro AS left_micro, j.reserved_micro,
           LEAST(j.queued + COALESCE(e.busy, 0), j.slots - l.held) AS wanted, COALESCE(e.busy, 0) AS busy, e.nodes AS incumbents
         FROM job j
         LEFT JOIN (SELECT job_id, count(*) FILTER (WHERE busy)::int AS busy, array_agg(node_id ORDER BY busy DESC, n) AS nodes
                    FROM unnest($3::uuid[], $4::uuid[], $5::boolean[]) WITH ORDINALITY AS x(job_id, node_id, busy, n) GROUP BY job_id) AS e ON e.job_id = j.id
         CROSS JOIN LATERAL (SELECT
           (SELECT count(*)::int FROM lease WHERE job_id = j.id AND state <> 'ENDED' AND id <> ALL($2))
           + (SELECT count(*)::int FROM lease WHERE next_job_id = j.id AND job_id <> j.id AND state <> 'ENDED') AS held) AS l
         WHERE j.slot_class = $1 AND j.state IN ('QUEUED', 'RUNNING') AND (j.queued > 0 OR e.busy > 0)
       ) AS d LEFT JOIN buyer_limits b ON b.person_id = d.person_id
       WHERE d.wanted > 0 ORDER BY d.arrival`,
      [
        slot_class,
        ending.map((lease) => lease.id),
        ending.map((lease) => lease.job_id),
        ending.map((lease) => lease.node_id),
        ending.map((lease) => lease.busy),
      ],
    );
    const ids = rows.map((row) => row.id);
    const [terms, differing] = [await this.termsOf(slot_class, ids, db), await this.differing(ids, db)];
    const full = await this.overShare(
      ids.filter((id) => LEVEL_RULES[terms.get(id)?.order_terms.verification ?? 'L0'].by === 'nodes'),
      db,
    );
    const buyers = [...new Set([...terms.values()].map((one) => one.person_id))];
    const clusters = buyers.length === 0 ? new Map<string, string>() : await this.links.namesOf(buyers, db);
    return rows.flatMap(({ left_micro, reserved_micro, busy, ...row }) => {
      const said = terms.get(row.id);
      if (!said) return [];
      const differs = differing.get(row.id) ?? [];
      const affordable = Number(left_micro / taskCostMax(said.fuel_limit, said.max_price_micro)) + busy;
      return {
        ...row,
        ...said,
        ...clusterOf(clusters.get(said.person_id)),
        incumbents: row.incumbents ?? [],
        not_owners: [...(row.not_owners ?? []), ...(full.get(row.id) ?? [])],
        not_nodes: [...(row.not_nodes ?? []), ...differs],
        differing: differs,
        // With nothing out, one slot may still be cheap enough; where it is not, whoever feeds its lease ends the job.
        budget_slots: row.held === 0 && reserved_micro === 0n ? Math.max(1, affordable) : Math.max(0, affordable),
      };
    });
  }

  /** What these jobs said, of which only those that were not here the last time are read. */
  private async termsOf(slot_class: SlotClass, ids: readonly string[], db: Queryable): Promise<ReadonlyMap<string, Terms>> {
    const known = this.terms.get(slot_class) ?? new Map<string, Terms>();
    const missing = ids.filter((id) => !known.has(id));
    const { rows } =
      missing.length === 0
        ? { rows: [] }
        : await db.query<Terms>(
            'SELECT id, person_id, max_price_micro, fuel_limit, priority, workload_class, order_terms FROM job WHERE id = ANY($1)',
            [missing],
          );
    const read = new Map(rows.map((row) => [row.id, row]));
    const terms = new Map(ids.flatMap((id) => [known.get(id) ?? read.get(id) ?? []].flat().map((one) => [id, one] as const)));
    this.terms.set(slot_class, terms);
    return terms;
  }

  /** Owners whose cluster has its share of a job already, of jobs whose results are checked. */
  private async overShare(job_ids: readonly string[], db: Queryable): Promise<Map<string, string[]>> {
    if (job_ids.length === 0) return new Map();
    const { rows } = await db.query<{ job_id: string; tasks: number; shares: (ClusterShare<string> & { owners: string[] | null })[] }>(
      `SELECT c.job_id, j.total AS tasks, json_agg(json_build_object('cluster', c.cluster, 'executions', c.executions, 'live', c.live,
         'owners', (SELECT json_agg(x.owner_id) FROM owner_cluster x WHERE x.cluster_id = c.cluster))) AS shares
       FROM (SELECT l.job_id, COALESCE(o.cluster_id, l.owner_id) AS cluster, sum(l.tasks_charged)::int AS executions, bool_or(l.state <> 'ENDED') AS live
             FROM lease l LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id WHERE l.job_id = ANY($1) GROUP BY 1, 2) AS c
       JOIN job j ON j.id = c.job_id GROUP BY c.job_id, j.total`,
      [job_ids],
    );
    return new Map(
      rows.map(({ job_id, tasks, shares }) => {
        const full = shares.filter(({ cluster }) => clusterRoom(tasks, shares, cluster) === 0);
        return [job_id, [...new Set(full.flatMap(({ cluster, owners }) => [cluster, ...(owners ?? [])]))]];
      }),
    );
  }

  /** Nodes that lately could not run a job's module as the heap metered it, by job. */
  private async differing(job_ids: readonly string[], db: Queryable): Promise<Map<string, string[]>> {
    if (job_ids.length === 0) return new Map();
    const { rows } = await db.query<{ job_id: string; nodes: string[] }>(
      `SELECT job_id, array_agg(DISTINCT node_id ORDER BY node_id) AS nodes FROM lease
       WHERE job_id = ANY($1) AND end_code = ANY($2) AND ended_at > now() - make_interval(mins => $3) GROUP BY job_id`,
      [job_ids, DIFFERS, DIFFERS_MINUTES],
    );
    return new Map(rows.map((row) => [row.job_id, row.nodes]));
  }
}
