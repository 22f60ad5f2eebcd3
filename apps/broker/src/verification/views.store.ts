import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';
import type { Level } from '#verification';
import type { Ban } from './standing.store.js';

export interface JobCounts {
  level: Level;
  provisional: number;
  final: number;
  refuted: number;
  unchecked: number;
  waiting: number;
  /** Of these, how many are the heap's own to run. */
  waiting_heap: number;
  by_nodes: number;
  by_reference: number;
  agreed: number;
  differed: number;
  paid_back: Micro;
}

export interface NodeConduct {
  owner_id: string;
  present_ms: number;
  enrolled_ms: number;
  speed_fuel_per_ms: number;
  results: number;
  yields: number;
  withheld: number;
}

export interface NodeCheck {
  job_id: string;
  index: number;
  state: 'WANTED' | 'OUT' | 'AGREED' | 'DIFFERED' | 'DROPPED';
  reason_code: string;
  reason_sentence: string;
  outcome_code: string | null;
  outcome_sentence: string | null;
  wanted_at: Date;
  decided_at: Date | null;
}

export interface Suspect {
  node_id: string;
  owner_id: string;
  cluster_id: string;
  results: number;
  results_checked: number;
  mismatches: number;
  banned: Ban | null;
}

/** What people see of verification. */
@Injectable()
export class ViewsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @param window_results by level, what makes a result final */
  async job(job_id: string, person_id: string, windows: ReadonlyMap<Level, number>): Promise<JobCounts | null> {
    const { rows } = await this.database.query<JobCounts>(
      `SELECT j.order_terms->>'verification' AS level, r.*, c.*,
         (SELECT COALESCE(sum(x.refunded), 0)::bigint FROM capture x JOIN hold h ON h.id = x.hold_id WHERE h.job_id = j.id AND EXISTS (
            SELECT 1 FROM correction k WHERE k.capture_id = x.id))
           + (SELECT COALESCE(sum(k.amount), 0)::bigint FROM correction k WHERE k.job_id = j.id AND k.kind = 'clawback') AS paid_back
       FROM job j, LATERAL (
         SELECT count(*) FILTER (WHERE s = 'provisional')::int AS provisional, count(*) FILTER (WHERE s = 'final')::int AS final,
           count(*) FILTER (WHERE s = 'refuted')::int AS refuted, count(*) FILTER (WHERE s = 'unchecked')::int AS unchecked
         FROM (
           SELECT CASE WHEN f.epoch IS NOT NULL THEN 'refuted' WHEN v.state IN ('WANTED', 'OUT', 'REJECTED') THEN 'provisional'
             WHEN v.state IN ('ACCEPTED', 'OVERRULED') THEN 'final' WHEN a.nth IS NULL THEN 'unchecked' WHEN o.open THEN 'provisional'
             WHEN a.nth <= n.closed OR a.nth + w.results <= n.results OR o.confirmed THEN 'final' ELSE 'provisional' END AS s
           FROM attempt a JOIN unnest($3::text[], $4::int[]) AS w(level, results) ON w.level = j.order_terms->>'verification'
           LEFT JOIN node_standing n ON n.node_id = a.node_id
           LEFT JOIN own_check v ON v.job_id = a.job_id AND v.index = a.index AND v.epoch = a.epoch
           LEFT JOIN refuted_result f ON f.job_id = a.job_id AND f.index = a.index AND f.epoch = a.epoch AND NOT EXISTS (
             SELECT 1 FROM penalty p WHERE p.node_id = f.node_id AND p.job_id = f.job_id AND p.index = f.index AND p.epoch = f.epoch AND p.state = 'OVERTURNED')
           LEFT JOIN (SELECT index, of_epoch, bool_or(state IN ('WANTED', 'OUT') AND kind NOT IN ('appeal', 'objection')) AS open,
                        bool_or(state = 'AGREED' AND by_reference) AS confirmed
                      FROM result_check WHERE job_id = $1 GROUP BY index, of_epoch) AS o ON o.index = a.index AND o.of_epoch = a.epoch
           WHERE a.job_id = j.id AND a.outcome = 'accepted') AS each) AS r, LATERAL (
         SELECT count(*) FILTER (WHERE state IN ('WANTED', 'OUT'))::int AS waiting,
           count(*) FILTER (WHERE state IN ('WANTED', 'OUT') AND by_reference)::int AS waiting_heap, count(*) FILTER (WHERE NOT by_reference)::int AS by_nodes,
           count(*) FILTER (WHERE by_reference)::int AS by_reference, count(*) FILTER (WHERE state = 'AGREED')::int AS agreed,
           count(*) FILTER (WHERE state = 'DIFFERED')::int AS differed
         FROM result_check WHERE job_id = $1) AS c
       WHERE j.id = $1 AND j.person_id = $2`,
      [job_id, person_id, [...windows.keys()], [...windows.values()]],
    );
    return rows[0] ?? null;
  }

  async conduct(node_id: string): Promise<NodeConduct | null> {
    const { rows } = await this.database.query<NodeConduct>(
      `SELECT n.owner_id, (n.present_us / 1000)::float8 AS present_ms, (extract(epoch FROM now() - n.enrolled_at) * 1000)::float8 AS enrolled_ms,
         n.speed_fuel_per_ms, l.results, l.yields, l.withheld
       FROM node n, LATERAL (
         SELECT COALESCE(sum(l.tasks_charged), 0)::int AS results, count(*) FILTER (WHERE l.end_code IN ('owner_wants_device', 'paused'))::int AS yields,
           COALESCE(sum((SELECT count(*) FROM attempt a WHERE a.job_id = l.job_id AND a.lease_id = l.id AND a.outcome = 'lost')), 0)::int AS withheld
         FROM (SELECT * FROM lease WHERE owner_id = n.owner_id AND node_id = n.id ORDER BY id DESC LIMIT 200) AS l) AS l
       WHERE n.id = $1`,
      [node_id],
    );
    return rows[0] ?? null;
  }

  async checksOf(node_id: string, limit: number): Promise<NodeCheck[]> {
    const { rows } = await this.database.query<NodeCheck>(
      `SELECT job_id, index, state, reason_code, reason_sentence, outcome_code, outcome_sentence, wanted_at, decided_at
       FROM result_check WHERE node_id = $1 AND state IN ('AGREED', 'DIFFERED', 'DROPPED') ORDER BY wanted_at DESC LIMIT $2`,
      [node_id, limit],
    );
    return rows;
  }

  async suspects(limit: number): Promise<Suspect[]> {
    const { rows } = await this.database.query<Suspect>(
      `SELECT s.node_id, s.owner_id, COALESCE(o.cluster_id, s.owner_id) AS cluster_id, s.results::float8 AS results, s.checked AS results_checked,
         s.mismatches, s.banned
       FROM node_standing s LEFT JOIN owner_cluster o ON o.owner_id = s.owner_id WHERE s.mismatches > 0 OR s.banned IS NOT NULL
       ORDER BY s.mismatches DESC, s.node_id LIMIT $1`,
      [limit],
    );
    return rows;
  }
}
