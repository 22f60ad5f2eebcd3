import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { OrderView, QueryOf, ROUTES, ViewTerms } from '#protocol';
import type { Micro, NodeKind, SlotClass, WorkloadClass } from '#units';

export type JobStateName = 'QUEUED' | 'RUNNING' | 'DONE' | 'CANCELLED' | 'STOPPED';

/** What an order says to the market beside what SQL reads; weights are decimal strings, as on the wire. */
export type StoredTerms = Pick<OrderView, 'constraints' | 'preferences' | 'spread' | 'min_slots' | 'verification' | 'preemption_notice_ms'>;

export interface JobRow {
  id: string;
  person_id: string;
  name: string;
  state: JobStateName;
  reason_code: string;
  reason_sentence: string;
  module_hash: string;
  codec: 'bytes' | 'json';
  slot_class: SlotClass;
  slots: number;
  max_price_micro: Micro;
  budget_micro: Micro;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  args: string[];
  view: ViewTerms;
  max_attempts: number;
  open: boolean;
  workload_class: WorkloadClass;
  order_terms: StoredTerms;
  deadline: Date | null;
  disconnect_wait_ms: number | null;
  on_disconnect: 'wait' | 'replace' | 'prefer_original';
  interruptible: boolean;
  priority: number;
  request_hash: string;
  total: number;
  queued: number;
  leased: number;
  done: number;
  failed: number;
  cancelled: number;
  settled_seq: number;
  charged_micro: Micro;
  reserved_micro: Micro;
  /** Replicas that it waits for. */
  checking: number;
  /** The job whose tasks it runs again, and which of them its own are. */
  retry_of: string | null;
  retry_indices: number[];
  created_at: Date;
  finished_at: Date | null;
  /** Leases that are not over. */
  leases: number;
  /** Milliseconds that one slot took for the job's paid work, by kind of device, at the speed each has measured. */
  slot_ms_by_kind: Partial<Record<NodeKind, number>>;
}

export interface NewJob
  extends Pick<
    JobRow,
    | 'id'
    | 'person_id'
    | 'name'
    | 'reason_code'
    | 'reason_sentence'
    | 'module_hash'
    | 'codec'
    | 'slot_class'
    | 'slots'
    | 'max_price_micro'
    | 'budget_micro'
    | 'fuel_limit'
    | 'output_bytes_limit'
    | 'wall_ms_limit'
    | 'args'
    | 'view'
    | 'max_attempts'
    | 'open'
    | 'workload_class'
    | 'order_terms'
    | 'disconnect_wait_ms'
    | 'on_disconnect'
    | 'interruptible'
    | 'priority'
    | 'request_hash'
    | 'retry_of'
    | 'retry_indices'
  > {
  deadline: string | null;
  idempotency_key: string;
  total: number;
}

export interface WaitingReason {
  job_id: string;
  code: string;
  sentence: string;
}

export interface TaskInput {
  bytes: Buffer | null;
  hash: string | null;
  size_bytes: number;
}

export interface StoredInput extends TaskInput {
  index: number;
}

export type JobFilter = QueryOf<typeof ROUTES.listJobs>;

interface AddedTasks {
  before: number;
  total: number;
  slot_class: SlotClass;
  all_slots: boolean;
}

const LIVE = "('QUEUED', 'RUNNING')";
const SELECT_JOB = `SELECT j.*, (SELECT count(*)::int FROM lease l WHERE l.job_id = j.id AND l.state <> 'ENDED') AS leases,
  (SELECT COALESCE(json_object_agg(kind, slot_ms), '{}') FROM (
     SELECT n.kind, sum(l.fuel_charged / n.speed_fuel_per_ms) AS slot_ms FROM lease l JOIN node n ON n.id = l.node_id
     WHERE l.job_id = j.id AND l.fuel_charged > 0 AND n.speed_fuel_per_ms > 0 GROUP BY n.kind) AS work) AS slot_ms_by_kind FROM job j`;

@Injectable()
export class OrdersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false when the developer used this idempotency key before. */
  async insertJob(tx: Transaction, job: NewJob): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO job (id, person_id, name, reason_code, reason_sentence, module_hash, codec, slot_class, slots, max_price_micro,
         budget_micro, fuel_limit, output_bytes_limit, wall_ms_limit, args, max_attempts, open, idempotency_key, request_hash, total, queued,
         workload_class, order_terms, deadline, disconnect_wait_ms, interruptible, view, on_disconnect, priority,
         retry_of, retry_indices)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
       ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [
        job.id,
        job.person_id,
        job.name,
        job.reason_code,
        job.reason_sentence,
        job.module_hash,
        job.codec,
        job.slot_class,
        job.slots,
        job.max_price_micro,
        job.budget_micro,
        job.fuel_limit,
        job.output_bytes_limit,
        job.wall_ms_limit,
        job.args,
        job.max_attempts,
        job.open,
        job.idempotency_key,
        job.request_hash,
        job.total,
        job.workload_class,
        JSON.stringify(job.order_terms),
        job.deadline,
        job.disconnect_wait_ms,
        job.interruptible,
        JSON.stringify(job.view),
        job.on_disconnect,
        job.priority,
        job.retry_of,
        job.retry_indices,
      ],
    );
    return rowCount === 1;
  }

  async insertTasks(tx: Transaction, job_id: string, first_index: number, inputs: readonly TaskInput[]): Promise<void> {
    if (inputs.length === 0) return;
    await tx.query(
      `INSERT INTO task (job_id, index, input, input_hash, input_bytes)
       SELECT $1, $2 + t.n - 1, t.input, t.hash, t.size
       FROM unnest($3::bytea[], $4::text[], $5::int[]) WITH ORDINALITY AS t(input, hash, size, n)`,
      [job_id, first_index, inputs.map((i) => i.bytes), inputs.map((i) => i.hash), inputs.map((i) => i.size_bytes)],
    );
  }

  /**
   * Adds inputs to an open job from an index on, in one statement; those that it has already are left out.
   * @returns the job's tasks before and after, its class and whether it has all the slots that it may have, or null when it takes none. Beyond its
   * end nothing is added.
   */
  async addTasks(job_id: string, person_id: string, first_index: number, inputs: readonly TaskInput[]): Promise<AddedTasks | null> {
    const { rows } = await this.database.query<AddedTasks>(
      `WITH j AS (
         SELECT total, slot_class, slots FROM job WHERE id = $1 AND person_id = $2 AND open AND state IN ${LIVE} FOR NO KEY UPDATE
       ), added AS (
         INSERT INTO task (job_id, index, input, input_hash, input_bytes)
         SELECT $1, $3 + t.n - 1, t.input, t.hash, t.size
         FROM j, unnest($4::bytea[], $5::text[], $6::int[]) WITH ORDINALITY AS t(input, hash, size, n)
         WHERE $3 <= j.total AND $3 + t.n - 1 >= j.total RETURNING 1
       ), counted AS (
         UPDATE job SET total = job.total + a.n, queued = queued + a.n FROM (SELECT count(*)::int AS n FROM added) AS a
         WHERE id = $1 AND a.n > 0
       )
       SELECT total AS before, total + (SELECT count(*)::int FROM added) AS total, slot_class,
         (SELECT count(*) FROM lease WHERE job_id = $1 AND state <> 'ENDED')
           + (SELECT count(*) FROM lease WHERE next_job_id = $1 AND job_id <> $1 AND state <> 'ENDED') >= slots AS all_slots FROM j`,
      [job_id, person_id, first_index, inputs.map((i) => i.bytes), inputs.map((i) => i.hash), inputs.map((i) => i.size_bytes)],
    );
    return rows[0] ?? null;
  }

  async close(tx: Transaction, job_id: string, person_id: string): Promise<boolean> {
    const { rowCount } = await tx.query('UPDATE job SET open = false WHERE id = $1 AND person_id = $2', [job_id, person_id]);
    return rowCount === 1;
  }

  /** Ends jobs that have nothing left to do. Reasons come from the caller: a job with failures says so. */
  async finishJobs(
    tx: Transaction,
    job_ids: readonly string[],
  ): Promise<{ id: string; person_id: string; total: number; failed: number }[]> {
    const { rows } = await tx.query<{ id: string; person_id: string; total: number; failed: number }>(
      `UPDATE job SET state = 'DONE', finished_at = now() WHERE id = ANY($1) AND NOT open AND queued = 0 AND leased = 0 AND checking = 0 AND state IN ${LIVE}
       RETURNING id, person_id, total, failed`,
      [job_ids],
    );
    return rows;
  }

  async setReason(db: Transaction, job_id: string, reason: { code: string; sentence: string }): Promise<void> {
    await db.query(
      'UPDATE job SET reason_code = $2, reason_sentence = $3 WHERE id = $1 AND (reason_code, reason_sentence) IS DISTINCT FROM ($2, $3)',
      [job_id, reason.code, reason.sentence],
    );
  }

  /** What the market says of all orders that wait, in one statement. */
  async setWaitingReasons(reasons: readonly WaitingReason[]): Promise<void> {
    if (reasons.length === 0) return;
    await this.database.query(
      `UPDATE job SET reason_code = r.code, reason_sentence = r.sentence
       FROM (SELECT job.id, r.code, r.sentence FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r(id, code, sentence) JOIN job ON job.id = r.id
             WHERE job.state IN ${LIVE} AND (job.reason_code, job.reason_sentence) IS DISTINCT FROM (r.code, r.sentence)
             ORDER BY job.id FOR NO KEY UPDATE OF job) AS r
       WHERE job.id = r.id`,
      [reasons.map((r) => r.job_id), reasons.map((r) => r.code), reasons.map((r) => r.sentence)],
    );
  }

  /** Live jobs whose deadline has come by the database's clock. */
  async overdue(): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM job WHERE deadline <= now() AND deadline IS NOT NULL AND state IN ${LIVE} LIMIT 1000`,
    );
    return rows.map((row) => row.id);
  }

  async isPast(instant: string): Promise<boolean> {
    const { rows } = await this.database.query<{ past: boolean }>('SELECT $1::timestamptz <= now() AS past', [instant]);
    return rows[0]?.past ?? false;
  }

  /**
   * Ends a job early. Leases are locked first, then tasks, then the job: the order in which results are accepted, so that
   * the two wait for each other and never in a circle.
   * @returns whose job it is; null for one that was over before.
   */
  async endEarly(
    tx: Transaction,
    job_id: string,
    state: 'CANCELLED' | 'STOPPED',
    reason: { code: string; sentence: string },
  ): Promise<{ person_id: string } | null> {
    await tx.query("SELECT 1 FROM lease WHERE job_id = $1 AND state <> 'ENDED' ORDER BY id FOR NO KEY UPDATE", [job_id]);
    await tx.query(
      "UPDATE task SET state = 'CANCELLED', lease_id = NULL, twinned = false WHERE job_id = $1 AND state IN ('QUEUED', 'LEASED')",
      [job_id],
    );
    await tx.query('DELETE FROM twin WHERE job_id = $1', [job_id]);
    const { rows } = await tx.query<{ person_id: string }>(
      `UPDATE job SET state = $2::job_state, open = false, cancelled = cancelled + queued + leased, queued = 0, leased = 0, reserved_micro = 0, checking = 0,
         reason_code = $3, reason_sentence = $4, finished_at = now()
       WHERE id = $1 AND state IN ${LIVE} RETURNING person_id`,
      [job_id, state, reason.code, reason.sentence],
    );
    return rows[0] ?? null;
  }

  /** A job that holds too little for one more task at any price its leases have, with none running. */
  async isStuckOnBudget(job_id: string, task_max_micro: Micro): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `SELECT 1 FROM job WHERE id = $1 AND state IN ${LIVE} AND queued > 0 AND leased = 0 AND budget_micro - charged_micro - reserved_micro < $2`,
      [job_id, task_max_micro],
    );
    return rowCount === 1;
  }

  async find(job_id: string, person_id: string): Promise<JobRow | null> {
    const { rows } = await this.database.query<JobRow>(`${SELECT_JOB} WHERE j.id = $1 AND j.person_id = $2`, [job_id, person_id]);
    return rows[0] ?? null;
  }

  async findByKey(person_id: string, idempotency_key: string): Promise<JobRow | null> {
    const { rows } = await this.database.query<JobRow>(`${SELECT_JOB} WHERE j.person_id = $1 AND j.idempotency_key = $2`, [
      person_id,
      idempotency_key,
    ]);
    return rows[0] ?? null;
  }

  async list(person_id: string, { before, state, phase, text, limit }: JobFilter): Promise<JobRow[]> {
    const { rows } = await this.database.query<JobRow>(
      `${SELECT_JOB} WHERE j.person_id = $1 AND ($2::uuid IS NULL OR j.id < $2) AND ($3::job_state IS NULL OR j.state = $3)
         AND ($4::boolean IS NULL OR (j.finished_at IS NULL) = $4) AND ($5::text IS NULL OR strpos(lower(j.name), lower($5)) > 0 OR j.id::text = lower($5))
       ORDER BY j.id DESC LIMIT $6`,
      [person_id, before ?? null, state ?? null, phase === undefined ? null : phase === 'live', text || null, limit],
    );
    return rows;
  }

  /** Tasks that ended without a result, the first of them by index, with their inputs. */
  async unfinished(job_id: string, states: readonly string[], indices: readonly number[] | null, limit: number): Promise<StoredInput[]> {
    const { rows } = await this.database.query<StoredInput>(
      `SELECT index, input AS bytes, input_hash AS hash, input_bytes AS size_bytes FROM task
       WHERE job_id = $1 AND state = ANY($2::task_state[]) AND ($3::int[] IS NULL OR index = ANY($3)) ORDER BY index LIMIT $4`,
      [job_id, states, indices, limit],
    );
    return rows;
  }
}
