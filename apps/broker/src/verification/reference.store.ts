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
  "array_position(ARRAY['appeal', 'objection', 'mismatch', 'replica', 'reverify', 'closing', 'check', 'reference'], c.kind::text)";

/** What the reference runner takes and gives back. */
@Injectable()
export class ReferenceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Takes the most urgent checks of one job, for a while: what is not decided then is there again. */
  async take(limit: number, hold_ms: number): Promise<ReferenceCheck[]> {
    const { rows } = await this.database.query<ReferenceCheck>(
      `WITH first AS (
         SELECT c.job_id, c.kind FROM result_check c WHERE c.by_reference AND (c.state = 'WANTED' OR c.state = 'OUT' AND c.sent_at < now() - make_interval(secs => $2::float8 / 1000))
         ORDER BY ${URGENCY}, c.wanted_at LIMIT 1
       ), due AS (
         SELECT c.id FROM result_check c, first
         WHERE c.job_id = first.job_id AND c.by_reference AND (c.state = 'WANTED' OR c.state = 'OUT' AND c.sent_at < now() - make_interval(secs => $2::float8 / 1000))
         ORDER BY ${URGENCY}, c.wanted_at LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED
       )
       UPDATE result_check c SET state = 'OUT', sent_at = now(), tries = c.tries + 1 FROM due JOIN result_check d ON d.id = due.id
       JOIN task t ON t.job_id = d.job_id AND t.index = d.index WHERE c.id = due.id
       RETURNING c.id, c.job_id, c.index, c.of_epoch, c.node_id, c.kind, c.tries, t.input, t.input_hash`,
      [limit, hold_ms],
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

  /** Not decided: it is tried again later. */
  async giveBack(check_ids: readonly string[]): Promise<void> {
    await this.database.query("UPDATE result_check SET state = 'WANTED' WHERE id = ANY($1) AND state = 'OUT' AND by_reference", [
      check_ids,
    ]);
  }

  /** Locks a check that is being decided. @returns false when somebody else has decided it. */
  async lock(tx: Transaction, check_id: string): Promise<boolean> {
    const { rowCount } = await tx.query("SELECT 1 FROM result_check WHERE id = $1 AND state = 'OUT' AND by_reference FOR NO KEY UPDATE", [
      check_id,
    ]);
    return rowCount === 1;
  }

  /** All executions of a task that said what it came to. */
  async executions(tx: Transaction, job_id: string, index: number): Promise<Executed[]> {
    const { rows } = await tx.query<Executed>(
      `SELECT a.epoch, a.outcome, a.node_id, n.owner_id, a.verdict, a.exit_code, a.fuel_used, a.output_hash, a.finished_at
       FROM attempt a JOIN node n ON n.id = a.node_id WHERE a.job_id = $1 AND a.index = $2 AND a.outcome IN ('accepted', 'checked')
       ORDER BY a.epoch`,
      [job_id, index],
    );
    return rows;
  }

  /** How many checks wait for it. */
  async waiting(): Promise<number> {
    const { rows } = await this.database.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM result_check WHERE by_reference AND state IN ('WANTED', 'OUT')",
    );
    return rows[0]?.count ?? 0;
  }
}
