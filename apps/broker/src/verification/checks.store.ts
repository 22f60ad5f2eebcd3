import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Claim, Level } from '#verification';

export type CheckKind = 'check' | 'replica' | 'reference' | 'mismatch' | 'reverify' | 'closing' | 'appeal' | 'objection' | 'verifier';

export interface NewCheck {
  id: string;
  job_id: string;
  index: number;
  of_epoch: number;
  node_id: string;
  kind: CheckKind;
  by_reference: boolean;
  awaited: boolean;
  /** What a node must have confirmed in a row to do it. */
  checker_confirmed: number;
  reason: { code: string; sentence: string };
}

/** A task as it is sent to a node. */
export interface SentTask {
  index: number;
  epoch: number;
  input: Buffer | null;
  input_hash: string | null;
  input_bytes: number;
}

/** A check that is out on a lease, with the result that it checks. */
export interface CheckOut extends Claim {
  id: string;
  lease_id: string;
  job_id: string;
  index: number;
  epoch: number;
  of_epoch: number;
  kind: CheckKind;
  awaited: boolean;
  /** Of a replica: it was committed to before the other result was here. */
  sealed: boolean;
  level: Level;
  /** Whose result it is. */
  node_id: string;
  /** Why it is checked. */
  reason_code: string;
}

/** A check of a result that is not revealed yet. */
type HiddenCheck = Omit<CheckOut, keyof Claim> & { verdict: null };

export interface Decided {
  id: string;
  state: 'AGREED' | 'DIFFERED' | 'DROPPED';
  code: string;
  sentence: string;
}

/** A node that has sat on a check for so long, beside what its job allows a task, will not bring it. */
const WITHHELD_MS = 60_000;

/** An accepted result that is objected to. */
export interface ObjectedResult {
  job_id: string;
  index: number;
  of_epoch: number;
  node_id: string;
  fuel_used: bigint;
  level: Level;
}

/** Runs that an objection ordered. */
export interface Reruns {
  ordered: number;
  waiting: number;
  agreed: number;
  differed: number;
}

const OBJECTED = '($2::uuid IS NULL OR a.lease_id = $2) AND (cardinality($3::int[]) = 0 OR a.index = ANY($3))';

/** The clusters of those who had a part in the task of a check `c`. */
export const CLUSTERS = `ARRAY(SELECT COALESCE(o.cluster_id, n.owner_id)
  FROM (SELECT a.node_id FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index UNION SELECT c.node_id) AS e
  JOIN node n ON n.id = e.node_id LEFT JOIN owner_cluster o ON o.owner_id = n.owner_id)`;
/** The result that a check `c` looks at is there. */
export const REVEALED = `EXISTS (
  SELECT 1 FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch AND a.outcome = 'accepted')`;

/** Checks of results: ordered, sent out, compared. */
@Injectable()
export class ChecksStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(tx: Transaction, checks: readonly NewCheck[]): Promise<void> {
    if (checks.length === 0) return;
    await tx.query(
      `INSERT INTO result_check (id, job_id, index, of_epoch, node_id, kind, by_reference, awaited, checker_confirmed, reason_code,
         reason_sentence)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::uuid[], $6::check_kind[], $7::boolean[], $8::boolean[], $9::int[],
         $10::text[], $11::text[])`,
      [
        checks.map((c) => c.id),
        checks.map((c) => c.job_id),
        checks.map((c) => c.index),
        checks.map((c) => c.of_epoch),
        checks.map((c) => c.node_id),
        checks.map((c) => c.kind),
        checks.map((c) => c.by_reference),
        checks.map((c) => c.awaited),
        checks.map((c) => c.checker_confirmed),
        checks.map((c) => c.reason.code),
        checks.map((c) => c.reason.sentence),
      ],
    );
  }

  /** The checks out on a lease, as they were sent. */
  async outstanding(lease_id: string): Promise<SentTask[]> {
    const { rows } = await this.database.query<SentTask>(
      `SELECT c.index, c.epoch, t.input, t.input_hash, t.input_bytes FROM result_check c JOIN task t ON t.job_id = c.job_id AND t.index = c.index
       WHERE c.lease_id = $1 AND c.state = 'OUT' ORDER BY c.index`,
      [lease_id],
    );
    return rows;
  }

  /** Accepted results that an objection is about. */
  async accepted(
    tx: Transaction,
    { job_id, lease_id, tasks }: { job_id: string; lease_id: string | null; tasks: readonly number[] },
    limit: number,
  ): Promise<ObjectedResult[]> {
    const { rows } = await tx.query<ObjectedResult>(
      `SELECT a.job_id, a.index, a.epoch AS of_epoch, a.node_id, a.fuel_used, j.order_terms->>'verification' AS level
       FROM attempt a JOIN job j ON j.id = a.job_id
       WHERE a.job_id = $1 AND ${OBJECTED} AND a.outcome = 'accepted' AND a.verdict <> 'killed' ORDER BY a.index LIMIT $4`,
      [job_id, lease_id, tasks, limit],
    );
    return rows;
  }

  /**
   * What the heap has run, or is to run, for objections of a job's developer in so many days, and was not shown to be wrong. One of their objections is
   * looked at at a time.
   */
  async unfounded(tx: Transaction, job_id: string, days: number): Promise<{ runs: number; fuel: bigint }> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('objections of ' || person_id, 0)) FROM job WHERE id = $1", [job_id]);
    const { rows } = await tx.query<{ runs: number; fuel: bigint }>(
      `SELECT count(*)::int AS runs, COALESCE(sum(a.fuel_used), 0)::bigint AS fuel
       FROM (SELECT DISTINCT o.job_id FROM job j JOIN objection o ON o.person_id = j.person_id WHERE j.id = $1) AS o
       JOIN result_check c ON c.job_id = o.job_id AND c.kind = 'objection' AND c.state <> 'DIFFERED' AND c.wanted_at > now() - make_interval(days => $2)
       JOIN attempt a ON a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch`,
      [job_id, days],
    );
    return rows[0] ?? { runs: 0, fuel: 0n };
  }

  /** How far the heap's own runs of what an objection is about are, and which results they proved wrong. */
  async reruns(
    tx: Transaction,
    { job_id, lease_id, tasks }: { job_id: string; lease_id: string | null; tasks: readonly number[] },
  ): Promise<Reruns> {
    const { rows } = await tx.query<Reruns>(
      `SELECT count(*)::int AS ordered, count(*) FILTER (WHERE c.state IN ('WANTED', 'OUT'))::int AS waiting,
         count(*) FILTER (WHERE c.state = 'AGREED')::int AS agreed, count(*) FILTER (WHERE c.state = 'DIFFERED')::int AS differed
       FROM attempt a JOIN result_check c ON c.job_id = a.job_id AND c.index = a.index AND c.of_epoch = a.epoch AND c.kind = 'objection'
       WHERE a.job_id = $1 AND ${OBJECTED} AND a.outcome = 'accepted'`,
      [job_id, lease_id, tasks],
    );
    return rows[0] ?? { ordered: 0, waiting: 0, agreed: 0, differed: 0 };
  }

  /** Of reported results those of checks of live jobs, locked. */
  async matching(
    tx: Transaction,
    results: readonly { job_id: string; lease_id: string; index: number; epoch: number }[],
  ): Promise<(CheckOut | HiddenCheck)[]> {
    const { rows } = await tx.query<CheckOut | HiddenCheck>(
      `SELECT c.id, c.lease_id, c.job_id, c.index, c.epoch, c.of_epoch, c.kind, c.awaited, c.sealed, c.node_id, c.reason_code, j.order_terms->>'verification' AS level, a.verdict, a.exit_code, a.fuel_used,
         a.output_hash
       FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS r(job_id, lease_id, index, epoch)
       JOIN result_check c ON c.lease_id = r.lease_id AND c.state = 'OUT' AND c.job_id = r.job_id AND c.index = r.index AND c.epoch = r.epoch
       JOIN job j ON j.id = c.job_id AND (NOT c.awaited OR j.state = 'RUNNING')
       LEFT JOIN attempt a ON a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch AND a.outcome IN ('accepted', 'checked')
       ORDER BY c.id FOR NO KEY UPDATE OF c`,
      [results.map((r) => r.job_id), results.map((r) => r.lease_id), results.map((r) => r.index), results.map((r) => r.epoch)],
    );
    return rows;
  }

  /** Of executions that were committed to, those that check others. Notes whether the other result of a replica was hidden until then. */
  async seal(
    tx: Transaction,
    executions: readonly { job_id: string; lease_id: string; index: number; epoch: number }[],
  ): Promise<{ lease_id: string; index: number; epoch: number }[]> {
    const { rows } = await tx.query<{ lease_id: string; index: number; epoch: number }>(
      `UPDATE result_check c SET sealed = c.sealed OR c.kind = 'replica' AND NOT EXISTS (
           SELECT 1 FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch)
       FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS r(job_id, lease_id, index, epoch)
       WHERE c.lease_id = r.lease_id AND c.state = 'OUT' AND c.job_id = r.job_id AND c.index = r.index AND c.epoch = r.epoch
       RETURNING c.lease_id, c.index, c.epoch`,
      [executions.map((e) => e.job_id), executions.map((e) => e.lease_id), executions.map((e) => e.index), executions.map((e) => e.epoch)],
    );
    return rows;
  }

  /** Of these executions those whose replica was ordered already, when they were committed to. */
  async replicated(
    tx: Transaction,
    executions: readonly { job_id: string; index: number; epoch: number }[],
  ): Promise<{ job_id: string; index: number; epoch: number }[]> {
    const { rows } = await tx.query<{ job_id: string; index: number; epoch: number }>(
      `SELECT c.job_id, c.index, c.of_epoch AS epoch FROM unnest($1::uuid[], $2::int[], $3::int[]) AS r(job_id, index, epoch)
       JOIN result_check c ON c.job_id = r.job_id AND c.index = r.index AND c.of_epoch = r.epoch AND c.kind = 'replica'`,
      [executions.map((e) => e.job_id), executions.map((e) => e.index), executions.map((e) => e.epoch)],
    );
    return rows;
  }

  /** Jobs wait for so many more replicas. */
  async await(tx: Transaction, replicas: ReadonlyMap<string, number>): Promise<void> {
    await tx.query(
      `UPDATE job SET checking = checking + r.n FROM (
         SELECT j.id, r.n FROM unnest($1::uuid[], $2::int[]) AS r(id, n) JOIN job j ON j.id = r.id ORDER BY j.id FOR NO KEY UPDATE OF j) AS r
       WHERE job.id = r.id`,
      [[...replicas.keys()], [...replicas.values()]],
    );
  }

  /** Ends checks that are out or wanted. @returns how many. */
  async decide(tx: Transaction, checks: readonly Decided[]): Promise<number> {
    const { rowCount } = await tx.query(
      `UPDATE result_check c SET state = d.state, decided_at = now(), outcome_code = d.code, outcome_sentence = d.sentence
       FROM unnest($1::uuid[], $2::check_state[], $3::text[], $4::text[]) AS d(id, state, code, sentence)
       WHERE c.id = d.id AND c.state IN ('WANTED', 'OUT')`,
      [checks.map((c) => c.id), checks.map((c) => c.state), checks.map((c) => c.code), checks.map((c) => c.sentence)],
    );
    return rowCount ?? 0;
  }

  /** Executions that showed nothing: the reference runner does them. The caller tells their jobs. */
  async toReference(tx: Transaction, check_ids: readonly string[]): Promise<void> {
    await tx.query(
      "UPDATE result_check SET state = 'WANTED', by_reference = true, lease_id = NULL, epoch = NULL, checker_id = NULL WHERE id = ANY($1) AND state = 'OUT'",
      [check_ids],
    );
  }

  /** More checks of these nodes' results are under way. The rows are the caller's already. */
  async addPending(tx: Transaction, counts: ReadonlyMap<string, number>): Promise<void> {
    await tx.query(
      'UPDATE node_standing s SET pending = s.pending + n.count FROM unnest($1::uuid[], $2::int[]) AS n(node_id, count) WHERE s.node_id = n.node_id',
      [[...counts.keys()], [...counts.values()]],
    );
  }

  /**
   * Gives to the reference runner what no node will take, and what was lost with its lease; those jobs wait no longer for it, and what was
   * reserved for it is free. A check waits for as long as a node that may run it has a lease of its job, unless nothing but checks is left of that.
   * @param patience_ms before that is looked at: nodes come @param busy_ms and no longer than so for a node that is there
   * @returns how many, and the jobs that may be over now.
   */
  async handOver(
    tx: Transaction,
    patience_ms: number,
    busy_ms: number,
    limit: number,
  ): Promise<{ handed_over: number; job_ids: string[] }> {
    const { rows } = await tx.query<{ job_id: string; waits: number }>(
      `WITH fit AS MATERIALIZED (
         SELECT l.job_id, COALESCE(o.cluster_id, l.owner_id) AS cluster, n.commits, max(s.confirmed) AS confirmed
         FROM (SELECT DISTINCT job_id FROM result_check WHERE state = 'WANTED' AND NOT by_reference) AS d
         JOIN lease l ON l.job_id = d.job_id AND l.state = 'ACTIVE' JOIN node n ON n.id = l.node_id AND n.state = 'ONLINE'
         JOIN node_standing s ON s.node_id = l.node_id AND s.banned IS NULL LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id GROUP BY 1, 2, 3
       ), due AS (
         SELECT c.id, c.job_id, c.state = 'OUT' AS was_out, c.awaited, l.task_max_micro
         FROM result_check c JOIN job j ON j.id = c.job_id LEFT JOIN lease l ON l.id = c.lease_id
         WHERE NOT c.by_reference AND (c.state = 'OUT' AND (l.state = 'ENDED'
             OR c.sent_at < now() - make_interval(secs => ($3::float8 + 4 * j.wall_ms_limit) / 1000) AND NOT EXISTS (
               SELECT 1 FROM commitment k WHERE k.job_id = c.job_id AND k.index = c.index AND k.epoch = c.epoch AND k.asks = 0)) OR c.state = 'WANTED' AND (
           j.state NOT IN ('QUEUED', 'RUNNING') OR c.wanted_at < now() - make_interval(secs => $4::float8 / 1000)
           OR c.wanted_at < now() - make_interval(secs => $1::float8 / 1000) AND (NOT j.open AND j.queued = 0 AND j.leased = 0 OR NOT EXISTS (
             SELECT 1 FROM fit WHERE fit.job_id = c.job_id AND fit.confirmed >= c.checker_confirmed AND fit.cluster <> ALL (${CLUSTERS})
               AND (fit.commits OR NOT c.awaited OR ${REVEALED})))))
         ORDER BY c.id LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED
       ), lost AS (
         INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, fuel_used, charge_micro, output_bytes, logs, wall_ms, memory_peak_bytes)
         SELECT c.job_id, c.index, c.epoch, c.lease_id, c.checker_id, 'lost', 0, 0, 0, '', 0, 0 FROM result_check c JOIN due ON due.id = c.id
         WHERE due.was_out
       ), moved AS (
         UPDATE result_check c SET state = 'WANTED', by_reference = true, lease_id = NULL, epoch = NULL, checker_id = NULL FROM due WHERE c.id = due.id
       ), freed AS (
         SELECT job_id, count(*)::int AS waits, COALESCE(sum(task_max_micro) FILTER (WHERE was_out), 0)::bigint AS micro
         FROM due WHERE awaited GROUP BY job_id
       ), counted AS (
         UPDATE job j SET checking = j.checking - freed.waits, reserved_micro = j.reserved_micro - freed.micro
         FROM (SELECT freed.* FROM freed JOIN job ON job.id = freed.job_id WHERE job.state IN ('QUEUED', 'RUNNING') ORDER BY job.id FOR NO KEY UPDATE OF job)
           AS freed WHERE j.id = freed.job_id
       )
       SELECT due.job_id, COALESCE(freed.waits, 0) AS waits FROM due LEFT JOIN freed ON freed.job_id = due.job_id`,
      [patience_ms, limit, WITHHELD_MS, busy_ms],
    );
    return { handed_over: rows.length, job_ids: [...new Set(rows.filter((row) => row.waits > 0).map((row) => row.job_id))] };
  }
}
