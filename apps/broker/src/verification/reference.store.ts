import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { ViewTerms } from '#protocol';
import type { SlotClass } from '#units';
import type { Claim, Level } from '#verification';
import type { CheckKind } from './checks.store.js';

/** What the reference runner needs to run a job's tasks. */
export interface ReferenceJob {
  id: string;
  person_id: string;
  level: Level;
  module_hash: string;
  kind: 'wasm' | 'javascript';
  codec: 'bytes' | 'json';
  slot_class: SlotClass;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  args: string[];
  view: ViewTerms;
}

/** A check that the runner has taken. */
export interface ReferenceCheck {
  id: string;
  job_id: string;
  index: number;
  of_epoch: number;
  node_id: string;
  kind: CheckKind;
  tries: number;
  input: Buffer | null;
  input_hash: string | null;
}

/** An execution of a task, by a node. */
export interface Executed extends Claim {
  epoch: number;
  outcome: 'accepted' | 'checked';
  node_id: string;
  owner_id: string;
  finished_at: Date;
}

/** What comes first: what somebody waits for, then what was shown to be wrong, then the rest by age. */
const URGENCY =
  "array_position(ARRAY['appeal', 'objection', 'mismatch', 'verifier', 'replica', 'reverify', 'closing', 'check', 'reference'], c.kind::text)";

const TODAY = "(now() AT TIME ZONE 'UTC')::date";
/** Somebody waits for these, or money hangs on them: they are decided whatever it costs. */
const DISPUTED = "('appeal', 'objection', 'mismatch', 'verifier')";

/** A replica of what is not revealed yet has nothing to be compared with. */
const DUE = `c.by_reference AND (c.state = 'WANTED' OR c.state = 'OUT' AND c.sent_at < now() - make_interval(secs => $2::float8 / 1000))
  AND (c.kind <> 'replica' OR EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch))`;

/** What the reference runner takes and gives back. */
@Injectable()
export class ReferenceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Takes the most urgent checks of one job, for a while: what is not decided then is there again.
   * @param fuel_per_day beyond it only what somebody disputes is taken; 0 is no bound
   */
  async take(limit: number, hold_ms: number, fuel_per_day: number): Promise<ReferenceCheck[]> {
    const { rows } = await this.database.query<ReferenceCheck>(
      `WITH budget AS (
         SELECT $3::bigint > 0 AND COALESCE((SELECT fuel FROM reference_day WHERE day = ${TODAY}), 0) >= $3 AS exhausted
       ), first AS (
         SELECT c.job_id, c.kind FROM result_check c, budget WHERE (NOT budget.exhausted OR c.kind IN ${DISPUTED}) AND ${DUE}
         ORDER BY ${URGENCY}, c.wanted_at LIMIT 1
       ), due AS (
         SELECT c.id FROM result_check c, first, budget
         WHERE c.job_id = first.job_id AND (NOT budget.exhausted OR c.kind IN ${DISPUTED}) AND ${DUE}
         ORDER BY ${URGENCY}, c.wanted_at LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED
       )
       UPDATE result_check c SET state = 'OUT', sent_at = now(), tries = c.tries + 1 FROM due JOIN result_check d ON d.id = due.id
       JOIN task t ON t.job_id = d.job_id AND t.index = d.index WHERE c.id = due.id
       RETURNING c.id, c.job_id, c.index, c.of_epoch, c.node_id, c.kind, c.tries, t.input, t.input_hash`,
      [limit, hold_ms, fuel_per_day],
    );
    return rows;
  }

  async job(job_id: string): Promise<ReferenceJob | null> {
    const { rows } = await this.database.query<ReferenceJob>(
      `SELECT j.id, j.person_id, j.order_terms->>'verification' AS level, j.module_hash, m.kind, j.codec, j.slot_class, j.fuel_limit, j.output_bytes_limit,
         j.wall_ms_limit, j.args, j.view
       FROM job j JOIN module m ON m.hash = j.module_hash WHERE j.id = $1`,
      [job_id],
    );
    return rows[0] ?? null;
  }

  /** Not decided: it is there again at once. `untried` where nothing was learned about the task: it does not count as a try. */
  async giveBack(check_ids: readonly string[], how: 'tried' | 'untried'): Promise<void> {
    if (check_ids.length === 0) return;
    await this.database.query(
      "UPDATE result_check SET state = 'WANTED', tries = tries - $2 WHERE id = ANY($1) AND state = 'OUT' AND by_reference",
      [check_ids, how === 'untried' ? 1 : 0],
    );
  }

  /** Locks checks that are being decided, in the order of their ids. @returns those that nobody else has decided. */
  async lock(tx: Transaction, check_ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await tx.query<{ id: string }>(
      "SELECT id FROM result_check WHERE id = ANY($1) AND state = 'OUT' AND by_reference ORDER BY id FOR NO KEY UPDATE",
      [check_ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** What all executions of these tasks of a job came to that counted. */
  async claims(tx: Transaction, job_id: string, indices: readonly number[]): Promise<(Claim & { index: number; epoch: number })[]> {
    const { rows } = await tx.query<Claim & { index: number; epoch: number }>(
      `SELECT index, epoch, verdict, exit_code, fuel_used, output_hash FROM attempt
       WHERE job_id = $1 AND index = ANY($2) AND outcome IN ('accepted', 'checked')`,
      [job_id, indices],
    );
    return rows;
  }

  /** All executions of a task that said what it came to and counted. @param appealed one that did not, where that is what an appeal is about */
  async executions(tx: Transaction, job_id: string, index: number, appealed: number | null): Promise<Executed[]> {
    const { rows } = await tx.query<Executed>(
      `SELECT a.epoch, a.outcome, a.node_id, n.owner_id, a.verdict, a.exit_code, a.fuel_used, a.output_hash, a.finished_at
       FROM attempt a JOIN node n ON n.id = a.node_id WHERE a.job_id = $1 AND a.index = $2 AND (a.outcome IN ('accepted', 'checked') OR a.epoch = $3)
       ORDER BY a.epoch`,
      [job_id, index, appealed],
    );
    return rows;
  }

  /** Counts what was burned today. */
  async addFuel(tx: Transaction, fuel: bigint): Promise<void> {
    await tx.query(
      `INSERT INTO reference_day AS d (day, fuel) VALUES (${TODAY}, $1) ON CONFLICT (day) DO UPDATE SET fuel = d.fuel + excluded.fuel`,
      [fuel],
    );
  }

  /** What was burned today, and how many checks wait for the heap to run them. */
  async today(): Promise<{ fuel: bigint; waiting: number }> {
    const { rows } = await this.database.query<{ fuel: bigint; waiting: number }>(
      `SELECT COALESCE((SELECT fuel FROM reference_day WHERE day = ${TODAY}), 0)::bigint AS fuel,
         (SELECT count(*)::int FROM result_check WHERE by_reference AND state IN ('WANTED', 'OUT')) AS waiting`,
    );
    return rows[0] ?? { fuel: 0n, waiting: 0 };
  }
}
