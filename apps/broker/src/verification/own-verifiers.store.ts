import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro, SlotClass } from '#units';

/** A developer's verifier whose turn it is. */
export interface DueVerifier {
  id: string;
  job_id: string;
  person_id: string;
  hold_id: string;
  module_hash: string;
  kind: 'wasm' | 'javascript';
  /** How the job's inputs and outputs are shown to it. */
  codec: 'bytes' | 'json';
  slot_class: SlotClass;
  fuel_limit: bigint;
  price_micro: Micro;
  budget: Micro;
  fuel: bigint;
  charged: Micro;
}

/** The same while its results are decided, locked. */
export interface LockedVerifier
  extends Pick<DueVerifier, 'id' | 'job_id' | 'person_id' | 'hold_id' | 'price_micro' | 'budget' | 'fuel' | 'charged'> {
  state: 'ACTIVE' | 'STOPPED' | 'CLOSED';
  accepted: number;
  upheld: number;
  overruled: number;
  failed: number;
}

/** A result that a verifier is to look at. */
export interface OwnCheck {
  index: number;
  epoch: number;
  node_id: string;
  owner_id: string;
  tries: number;
  verdict: string;
  exit_code: number | null;
  fuel_used: bigint;
  output: Buffer | null;
  output_hash: string;
  input: Buffer | null;
  input_hash: string | null;
  /** Of input and output together. */
  shown_bytes: number;
}

/** A verifier as its developer sees it. */
export interface SeenVerifier {
  module_hash: string;
  state: 'ACTIVE' | 'STOPPED' | 'CLOSED';
  stop_code: string | null;
  stop_sentence: string | null;
  fuel_limit: bigint;
  price_micro: Micro;
  budget: Micro;
  charged: Micro;
  waiting: number;
  accepted: number;
  rejected: number;
  upheld: number;
  overruled: number;
  failed: number;
  skipped: number;
  rejections: { index: number; state: 'rejected' | 'upheld' | 'overruled'; code: string; sentence: string }[];
}

export type OwnCheckState = 'REJECTED' | 'ACCEPTED' | 'UPHELD' | 'OVERRULED' | 'FAILED' | 'SKIPPED';

export interface DecidedOwnCheck {
  index: number;
  epoch: number;
  state: OwnCheckState;
  reason: { code: string; sentence: string };
  why: string | null;
}

const DUE = "(c.state = 'WANTED' OR c.state = 'OUT' AND c.sent_at < now() - make_interval(secs => $1::float8 / 1000))";

/** Developers' own verifiers, and what they look at. Locks come in this order: the job, its verifier, the results. */
@Injectable()
export class OwnVerifiersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Results that a job's verifier is to look at. */
  async want(
    tx: Transaction,
    results: readonly { job_id: string; index: number; epoch: number; node_id: string; owner_id: string }[],
  ): Promise<void> {
    await tx.query(
      `INSERT INTO own_check (job_id, index, epoch, node_id, owner_id)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::uuid[])`,
      [
        results.map((r) => r.job_id),
        results.map((r) => r.index),
        results.map((r) => r.epoch),
        results.map((r) => r.node_id),
        results.map((r) => r.owner_id),
      ],
    );
  }

  /**
   * Which verifier comes next: who had no turn for longest, so that a large job does not keep the others waiting; none with so many rejections that the
   * heap has not decided on.
   */
  async next(hold_ms: number, rejected_open_max: number): Promise<DueVerifier | null> {
    const { rows } = await this.database.query<DueVerifier>(
      `WITH turn AS (
         SELECT v.id FROM own_verifier v JOIN job j ON j.id = v.job_id AND j.state IN ('QUEUED', 'RUNNING')
         WHERE v.state = 'ACTIVE' AND (SELECT count(*) FROM own_check r WHERE r.job_id = v.job_id AND r.state = 'REJECTED') < $2 AND EXISTS (SELECT 1 FROM own_check c WHERE c.job_id = v.job_id AND ${DUE})
         ORDER BY v.turn_at NULLS FIRST, v.id LIMIT 1 FOR NO KEY UPDATE OF v SKIP LOCKED
       )
       UPDATE own_verifier v SET turn_at = clock_timestamp() FROM turn, job j, module m, hold h
       WHERE v.id = turn.id AND j.id = v.job_id AND m.hash = v.module_hash AND h.job_id = v.id
       RETURNING v.id, v.job_id, j.person_id, h.id AS hold_id, v.module_hash, m.kind, v.codec, j.slot_class, v.fuel_limit, v.price_micro, v.budget,
         v.fuel, v.charged`,
      [hold_ms, rejected_open_max],
    );
    return rows[0] ?? null;
  }

  /** Takes results of a job for a while: what is not decided then is there again. */
  async take(job_id: string, hold_ms: number, limit: number): Promise<OwnCheck[]> {
    const { rows } = await this.database.query<OwnCheck>(
      `WITH due AS (
         SELECT c.job_id, c.index, c.epoch FROM own_check c WHERE c.job_id = $2 AND ${DUE} ORDER BY c.wanted_at, c.index LIMIT $3
         FOR NO KEY UPDATE OF c SKIP LOCKED
       )
       UPDATE own_check c SET state = 'OUT', sent_at = now(), tries = c.tries + 1
       FROM due JOIN attempt a ON a.job_id = due.job_id AND a.index = due.index AND a.epoch = due.epoch
         JOIN task t ON t.job_id = due.job_id AND t.index = due.index
       WHERE c.job_id = due.job_id AND c.index = due.index AND c.epoch = due.epoch
       RETURNING c.index, c.epoch, c.node_id, c.owner_id, c.tries, a.verdict, a.exit_code, a.fuel_used, a.output, a.output_hash, t.input, t.input_hash,
         a.output_bytes + t.input_bytes AS shown_bytes`,
      [hold_ms, job_id, limit],
    );
    return rows;
  }

  async giveBack(job_id: string, checks: readonly { index: number; epoch: number }[]): Promise<void> {
    if (checks.length === 0) return;
    await this.database.query(
      `UPDATE own_check c SET state = 'WANTED' FROM unnest($2::int[], $3::int[]) AS r(index, epoch)
       WHERE c.job_id = $1 AND c.index = r.index AND c.epoch = r.epoch AND c.state = 'OUT'`,
      [job_id, checks.map((c) => c.index), checks.map((c) => c.epoch)],
    );
  }

  /** The first lock of all that decides here. */
  async lockJob(tx: Transaction, job_id: string): Promise<void> {
    await tx.query('SELECT 1 FROM job WHERE id = $1 FOR NO KEY UPDATE', [job_id]);
  }

  async lock(tx: Transaction, job_id: string): Promise<LockedVerifier | null> {
    const { rows } = await tx.query<LockedVerifier>(
      `SELECT v.id, v.job_id, j.person_id, h.id AS hold_id, v.price_micro, v.budget, v.fuel, v.charged, v.state, v.accepted, v.upheld, v.overruled, v.failed
       FROM own_verifier v JOIN job j ON j.id = v.job_id JOIN hold h ON h.job_id = v.id WHERE v.job_id = $1 FOR NO KEY UPDATE OF v`,
      [job_id],
    );
    return rows[0] ?? null;
  }

  async save(tx: Transaction, v: LockedVerifier): Promise<void> {
    await tx.query(
      'UPDATE own_verifier SET fuel = $2, charged = $3, accepted = $4, upheld = $5, overruled = $6, failed = $7 WHERE id = $1',
      [v.id, v.fuel, v.charged, v.accepted, v.upheld, v.overruled, v.failed],
    );
  }

  async stop(tx: Transaction, id: string, { code, sentence }: { code: string; sentence: string }): Promise<void> {
    await tx.query("UPDATE own_verifier SET state = 'STOPPED', stop_code = $2, stop_sentence = $3 WHERE id = $1 AND state = 'ACTIVE'", [
      id,
      code,
      sentence,
    ]);
  }

  /** What of these results was still in this state becomes what was decided. @returns which. */
  async decide(tx: Transaction, job_id: string, from: 'OUT' | 'REJECTED', checks: readonly DecidedOwnCheck[]): Promise<Set<string>> {
    if (checks.length === 0) return new Set();
    const { rows } = await tx.query<{ index: number; epoch: number }>(
      `UPDATE own_check c SET state = d.state, code = d.code, sentence = d.sentence, why = COALESCE(d.why, c.why), decided_at = now()
       FROM unnest($3::int[], $4::int[], $5::own_check_state[], $6::text[], $7::text[], $8::text[]) AS d(index, epoch, state, code, sentence, why)
       WHERE c.job_id = $1 AND c.state = $2::own_check_state AND c.index = d.index AND c.epoch = d.epoch RETURNING c.index, c.epoch`,
      [
        job_id,
        from,
        checks.map((c) => c.index),
        checks.map((c) => c.epoch),
        checks.map((c) => c.state),
        checks.map((c) => c.reason.code),
        checks.map((c) => c.reason.sentence),
        checks.map((c) => c.why),
      ],
    );
    return new Set(rows.map(({ index, epoch }) => `${index}/${epoch}`));
  }

  /** The verifier's words of a result that it rejected and that is not decided; null when there is no such. */
  async rejected(tx: Transaction, job_id: string, index: number, epoch: number): Promise<{ why: string } | null> {
    const { rows } = await tx.query<{ why: string }>(
      "SELECT why FROM own_check WHERE job_id = $1 AND index = $2 AND epoch = $3 AND state = 'REJECTED' FOR NO KEY UPDATE",
      [job_id, index, epoch],
    );
    return rows[0] ?? null;
  }

  /** What nobody will look at any more. @returns how many. */
  async skip(tx: Transaction, job_id: string, { code, sentence }: { code: string; sentence: string }): Promise<number> {
    const { rowCount } = await tx.query(
      "UPDATE own_check SET state = 'SKIPPED', code = $2, sentence = $3, decided_at = now() WHERE job_id = $1 AND state IN ('WANTED', 'OUT')",
      [job_id, code, sentence],
    );
    return rowCount ?? 0;
  }

  /** Its job waits for so many results less. */
  async release(tx: Transaction, job_id: string, results: number): Promise<void> {
    if (results === 0) return;
    await tx.query("UPDATE job SET checking = checking - $2 WHERE id = $1 AND state IN ('QUEUED', 'RUNNING')", [job_id, results]);
  }

  /** Jobs with results that no verifier will look at: it has stopped, or the job is over. */
  async stranded(limit: number): Promise<{ job_id: string; over: boolean }[]> {
    const { rows } = await this.database.query<{ job_id: string; over: boolean }>(
      `SELECT v.job_id, v.state = 'CLOSED' AS over FROM own_verifier v
       WHERE v.state <> 'ACTIVE' AND EXISTS (SELECT 1 FROM own_check c WHERE c.job_id = v.job_id AND c.state IN ('WANTED', 'OUT')) LIMIT $1`,
      [limit],
    );
    return rows;
  }

  /** What became of a job's verifier, for its developer. */
  async view(job_id: string, rejections: number): Promise<SeenVerifier | null> {
    const { rows } = await this.database.query<SeenVerifier>(
      `SELECT v.module_hash, v.state, v.stop_code, v.stop_sentence, v.fuel_limit, v.price_micro, v.budget, v.charged, c.*,
         (SELECT COALESCE(json_agg(r), '[]') FROM (SELECT index, lower(state::text) AS state, code, sentence FROM own_check
            WHERE job_id = $1 AND state IN ('REJECTED', 'UPHELD', 'OVERRULED') ORDER BY decided_at DESC, index LIMIT $2) AS r) AS rejections
       FROM own_verifier v, LATERAL (
         SELECT count(*) FILTER (WHERE state IN ('WANTED', 'OUT'))::int AS waiting, count(*) FILTER (WHERE state = 'ACCEPTED')::int AS accepted,
           count(*) FILTER (WHERE state = 'REJECTED')::int AS rejected, count(*) FILTER (WHERE state = 'UPHELD')::int AS upheld,
           count(*) FILTER (WHERE state = 'OVERRULED')::int AS overruled, count(*) FILTER (WHERE state = 'FAILED')::int AS failed,
           count(*) FILTER (WHERE state = 'SKIPPED')::int AS skipped
         FROM own_check WHERE job_id = $1) AS c
       WHERE v.job_id = $1`,
      [job_id, rejections],
    );
    return rows[0] ?? null;
  }
}
