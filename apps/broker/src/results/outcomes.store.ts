import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { QueryOf, ROUTES, TaskOutcome } from '#protocol';
import type { Micro, NodeKind } from '#units';
import { LEVEL_RULES, LEVELS } from '#verification';

export interface OutcomeRow {
  seq: number;
  index: number;
  verdict: TaskOutcome['verdict'];
  detail: string | null;
  exit_code: number | null;
  fuel_used: bigint;
  charge_micro: Micro;
  node_id: string;
  /** Of the node, for an estimate of the energy. */
  kind: NodeKind;
  speed_fuel_per_ms: number;
  lease_id: string;
  output: Buffer | null;
  output_hash: string;
  output_bytes: number;
  logs: string;
  standing: TaskOutcome['standing'];
  own_state: 'WANTED' | 'OUT' | 'REJECTED' | 'ACCEPTED' | 'UPHELD' | 'OVERRULED' | 'FAILED' | 'SKIPPED' | null;
  own_code: string | null;
  own_sentence: string | null;
  right_verdict: string | null;
  right_exit_code: number | null;
  right_fuel: bigint | null;
  right_output: Buffer | null;
  right_output_hash: string | null;
  right_output_bytes: number | null;
}

export interface TaskRow {
  index: number;
  state: 'QUEUED' | 'LEASED' | 'DONE' | 'FAILED' | 'CANCELLED';
  job_stopped: boolean;
  epoch: number;
  failures: number;
  node_id: string | null;
  ahead: number;
  max_attempts: number;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
}

export interface AttemptRow extends Omit<OutcomeRow, 'seq' | 'index' | 'verdict' | 'output' | 'standing' | `right_${string}`> {
  epoch: number;
  outcome: 'accepted' | 'retried' | 'lost' | 'superseded' | 'checked';
  verdict: TaskOutcome['verdict'] | null;
  standing: TaskOutcome['standing'] | null;
  finished_at: Date;
}

export interface CheckRow {
  of_epoch: number;
  by_reference: boolean;
  state: 'AGREED' | 'DIFFERED' | 'DROPPED';
  reason_code: string;
  reason_sentence: string;
  outcome_code: string | null;
  outcome_sentence: string | null;
  decided_at: Date | null;
}

export type TaskFilter = QueryOf<typeof ROUTES.listTasks>;
export type TaskLineRow = TaskRow & { retry_of_index: number | null };
export type AttemptHeadRow = { index: number } & Pick<
  AttemptRow,
  'epoch' | 'node_id' | 'outcome' | 'verdict' | 'detail' | 'exit_code' | 'fuel_used' | 'charge_micro' | 'standing' | 'finished_at'
>;

const WINDOWS = new Map(LEVELS.map((level) => [level, LEVEL_RULES[level].window_results] as const));

/**
 * A result is final when its node has reported so many more, or what it has open was closed by checks; no check of it may be under way. What the
 * heap's own run confirmed is final at once. Of an attempt `a` of job `j` with what `STANDING_OF` joins; levels and windows are the values of that place
 * and the next.
 */
const standingAt = (
  levels: number,
) => `CASE WHEN r.epoch IS NOT NULL THEN 'refuted' WHEN v.state IN ('WANTED', 'OUT', 'REJECTED') THEN 'provisional'
  WHEN v.state IN ('ACCEPTED', 'OVERRULED') THEN 'final' WHEN a.nth IS NULL THEN 'unchecked'
  WHEN EXISTS (SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.of_epoch = a.epoch AND c.state IN ('WANTED', 'OUT')
    AND c.kind NOT IN ('appeal', 'objection')) THEN 'provisional'
  WHEN a.nth <= s.closed OR a.nth + ($${levels + 1}::int[])[array_position($${levels}::text[], j.order_terms->>'verification')] <= s.results
    OR EXISTS (SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.of_epoch = a.epoch AND c.by_reference AND c.state = 'AGREED')
    THEN 'final' ELSE 'provisional' END`;

/** What is known of an attempt `a`: its node's standing, the developer's own check, and whether it was proven wrong. */
const STANDING_OF = `LEFT JOIN node_standing s ON s.node_id = a.node_id
       LEFT JOIN own_check v ON v.job_id = a.job_id AND v.index = a.index AND v.epoch = a.epoch
       LEFT JOIN refuted_result r ON r.job_id = a.job_id AND r.index = a.index AND r.epoch = a.epoch AND NOT EXISTS (
             SELECT 1 FROM penalty p WHERE p.node_id = r.node_id AND p.job_id = r.job_id AND p.index = r.index AND p.epoch = r.epoch AND p.state = 'OVERTURNED')`;
const WINDOW_VALUES = [[...WINDOWS.keys()], [...WINDOWS.values()]];

/** Reads of what happened to tasks. */
@Injectable()
export class OutcomesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Settled tasks after a place in the job's order of settlement. */
  async after(job_id: string, seq: number, limit: number): Promise<OutcomeRow[]> {
    const { rows } = await this.database.query<OutcomeRow>(
      `SELECT a.seq, a.index, a.verdict, a.detail, a.exit_code, a.fuel_used, a.charge_micro, a.node_id, n.kind, n.speed_fuel_per_ms, a.lease_id, a.output,
         a.output_hash, a.output_bytes, a.logs, ${standingAt(4)} AS standing, v.state AS own_state,
         v.code AS own_code, v.sentence AS own_sentence, r.right_verdict, r.right_exit_code, r.right_fuel, r.right_output,
         r.right_output_hash, r.right_output_bytes
       FROM attempt a JOIN node n ON n.id = a.node_id JOIN job j ON j.id = a.job_id ${STANDING_OF}
       WHERE a.job_id = $1 AND a.seq > $2 ORDER BY a.seq LIMIT $3`,
      [job_id, seq, limit, ...WINDOW_VALUES],
    );
    return rows;
  }

  async task(job_id: string, index: number): Promise<TaskRow | null> {
    const { rows } = await this.database.query<TaskRow>(
      `SELECT t.index, t.state, j.state = 'STOPPED' AS job_stopped, t.epoch, t.failures, l.node_id, j.max_attempts, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit,
         (SELECT count(*)::int FROM task a WHERE a.job_id = t.job_id AND a.state = 'QUEUED' AND a.index < t.index) AS ahead
       FROM task t JOIN job j ON j.id = t.job_id LEFT JOIN lease l ON l.id = t.lease_id WHERE t.job_id = $1 AND t.index = $2`,
      [job_id, index],
    );
    return rows[0] ?? null;
  }

  async attempts(job_id: string, index: number): Promise<AttemptRow[]> {
    const { rows } = await this.database.query<AttemptRow>(
      `SELECT a.epoch, a.node_id, n.kind, n.speed_fuel_per_ms, a.lease_id, a.outcome, a.verdict, a.detail, a.exit_code, a.fuel_used, a.charge_micro,
         a.output_hash, a.output_bytes, a.logs, a.finished_at, v.state AS own_state, v.code AS own_code, v.sentence AS own_sentence,
         CASE WHEN a.outcome = 'accepted' THEN ${standingAt(3)} END AS standing
       FROM attempt a JOIN node n ON n.id = a.node_id JOIN job j ON j.id = a.job_id ${STANDING_OF}
       WHERE a.job_id = $1 AND a.index = $2 ORDER BY a.epoch`,
      [job_id, index, ...WINDOW_VALUES],
    );
    return rows;
  }

  /** A job's tasks by index. `queued_before` counts the queued ones up to `after`, for how many are ahead. */
  async tasks(job_id: string, { after, state, verdict, limit }: TaskFilter): Promise<TaskLineRow[]> {
    const { rows } = await this.database.query<TaskLineRow>(
      `SELECT t.index, t.state, j.state = 'STOPPED' AS job_stopped, t.epoch, t.failures, l.node_id, j.max_attempts, j.fuel_limit, j.output_bytes_limit,
         j.wall_ms_limit, j.retry_indices[t.index + 1] AS retry_of_index,
         CASE WHEN t.state = 'QUEUED' THEN
           (SELECT count(*)::int FROM task a WHERE a.job_id = t.job_id AND a.state = 'QUEUED' AND a.index <= $2)
           + (count(*) FILTER (WHERE t.state = 'QUEUED') OVER (ORDER BY t.index))::int - 1 ELSE 0 END AS ahead
       FROM (SELECT * FROM task WHERE job_id = $1 AND index > $2 AND ($3::task_state IS NULL OR state = $3)
               AND ($4::text IS NULL OR (SELECT a.verdict FROM attempt a WHERE a.job_id = task.job_id AND a.index = task.index ORDER BY a.epoch DESC LIMIT 1) = $4)
             ORDER BY index LIMIT $5) AS t
         JOIN job j ON j.id = t.job_id LEFT JOIN lease l ON l.id = t.lease_id
       ORDER BY t.index`,
      [job_id, after ?? -1, state ?? null, verdict ?? null, limit],
    );
    return rows;
  }

  /** What is on record of these tasks, without outputs and logs; by task and epoch. */
  async attemptsOf(job_id: string, indices: readonly number[]): Promise<AttemptHeadRow[]> {
    const { rows } = await this.database.query<AttemptHeadRow>(
      `SELECT a.index, a.epoch, a.node_id, a.outcome, a.verdict, a.detail, a.exit_code, a.fuel_used, a.charge_micro, a.finished_at,
         CASE WHEN a.outcome = 'accepted' THEN ${standingAt(3)} END AS standing
       FROM attempt a JOIN job j ON j.id = a.job_id ${STANDING_OF} WHERE a.job_id = $1 AND a.index = ANY($2) ORDER BY a.index, a.epoch`,
      [job_id, indices, ...WINDOW_VALUES],
    );
    return rows;
  }

  /** The checks of a task that are decided, as they were. */
  async checksOf(job_id: string, index: number): Promise<CheckRow[]> {
    const { rows } = await this.database.query<CheckRow>(
      `SELECT of_epoch, by_reference, state, reason_code, reason_sentence, outcome_code, outcome_sentence, decided_at
       FROM result_check WHERE job_id = $1 AND index = $2 AND state IN ('AGREED', 'DIFFERED', 'DROPPED') ORDER BY wanted_at, id`,
      [job_id, index],
    );
    return rows;
  }
}
