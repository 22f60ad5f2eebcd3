import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

type Place = { job_id: string; index: number };

/** An execution whose result is to be revealed. */
export interface Asked extends Place {
  epoch: number;
  lease_id: string;
  node_id: string;
  lease_epoch: number;
}

const AS_PLACES = 'unnest($1::uuid[], $2::int[]) AS p(job_id, index)';

/** `k` is the first execution of its task. */
const FIRST = "t.job_id = k.job_id AND t.index = k.index AND t.epoch = k.epoch AND t.lease_id = k.lease_id AND t.state = 'LEASED'";
/** `k` is an execution that checks another. */
const CHECKS = "c.job_id = k.job_id AND c.index = k.index AND c.epoch = k.epoch AND c.lease_id = k.lease_id AND c.state = 'OUT'";
const TWIN = 'w.job_id = k.job_id AND w.index = k.index AND w.epoch = k.epoch AND w.lease_id = k.lease_id';

/**
 * A first execution is revealed when its replica's node has committed too, or no node will run the replica; beside a second one that was begun
 * because it is late, at once. A replica is revealed when the first is here; any other check at once.
 */
const DUE = `(EXISTS (SELECT 1 FROM task t WHERE ${FIRST} AND (t.twinned OR EXISTS (
    SELECT 1 FROM result_check r WHERE r.job_id = k.job_id AND r.index = k.index AND r.of_epoch = k.epoch AND r.kind = 'replica' AND (
      r.by_reference OR r.state NOT IN ('WANTED', 'OUT') OR EXISTS (
        SELECT 1 FROM commitment o WHERE o.job_id = r.job_id AND o.index = r.index AND o.epoch = r.epoch)))))
  OR EXISTS (SELECT 1 FROM twin w WHERE ${TWIN})
  OR EXISTS (SELECT 1 FROM result_check c WHERE ${CHECKS} AND (NOT c.awaited OR EXISTS (
    SELECT 1 FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch))))`;

const ASKED = 'k.job_id, k.index, k.epoch, k.lease_id, k.node_id, l.epoch AS lease_epoch';

/** Commitments, from the moment they are made until what they hide is revealed. */
@Injectable()
export class CommitmentsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Writes commitments down. A node that lost one in a crash may make another, as long as it was not asked to reveal. @returns those that stand
   * as given, with how often they were asked for.
   */
  async put(
    tx: Transaction,
    commits: readonly (Place & { epoch: number; lease_id: string; node_id: string; commitment: string })[],
  ): Promise<(Place & { epoch: number; asks: number })[]> {
    const { rows } = await tx.query<Place & { epoch: number; asks: number }>(
      `INSERT INTO commitment AS k (job_id, index, epoch, lease_id, node_id, commitment)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::text[]) ON CONFLICT (job_id, index, epoch)
       DO UPDATE SET commitment = excluded.commitment WHERE k.lease_id = excluded.lease_id AND (k.asks = 0 OR k.commitment = excluded.commitment)
       RETURNING job_id, index, epoch, asks`,
      [
        commits.map((c) => c.job_id),
        commits.map((c) => c.index),
        commits.map((c) => c.epoch),
        commits.map((c) => c.lease_id),
        commits.map((c) => c.node_id),
        commits.map((c) => c.commitment),
      ],
    );
    return rows;
  }

  /** Marks those that may be revealed now, of these tasks or of all, and has checks among them count their time from now. */
  async ask(tx: Transaction, tasks: readonly Place[] | 'all'): Promise<Asked[]> {
    const places = tasks === 'all' ? [] : tasks;
    const { rows } = await tx.query<Asked>(
      `WITH due AS (
         SELECT ${ASKED} FROM commitment k JOIN lease l ON l.id = k.lease_id AND l.state <> 'ENDED'
         WHERE k.asks = 0 AND ($3 OR (k.job_id, k.index) IN (SELECT p.job_id, p.index FROM ${AS_PLACES})) AND ${DUE}
         ORDER BY k.job_id, k.index, k.epoch FOR NO KEY UPDATE OF k
       ), asked AS (
         UPDATE commitment k SET asks = 1, asked_at = now() FROM due WHERE k.job_id = due.job_id AND k.index = due.index AND k.epoch = due.epoch
       ), timed AS (
         UPDATE result_check c SET sent_at = now() FROM due k WHERE ${CHECKS}
       )
       SELECT * FROM due`,
      [places.map((t) => t.job_id), places.map((t) => t.index), tasks === 'all'],
    );
    return rows;
  }

  /** Asks again for what should have come by now. @returns leases whose nodes withhold it though they are there. */
  async askAgain(tx: Transaction, patience_ms: number, asks_max: number): Promise<{ asked: Asked[]; withheld: string[] }> {
    const { rows } = await tx.query<Asked & { asks: number }>(
      `WITH late AS (
         SELECT ${ASKED}, k.asks FROM commitment k JOIN lease l ON l.id = k.lease_id AND l.state <> 'ENDED'
         JOIN node n ON n.id = k.node_id AND n.state IN ('ONLINE', 'PAUSED')
         WHERE k.asks > 0 AND k.asked_at < now() - make_interval(secs => $1::float8 / 1000)
         ORDER BY k.job_id, k.index, k.epoch FOR NO KEY UPDATE OF k SKIP LOCKED
       ), asked AS (
         UPDATE commitment k SET asks = k.asks + 1, asked_at = now() FROM late
         WHERE k.job_id = late.job_id AND k.index = late.index AND k.epoch = late.epoch
       )
       SELECT * FROM late`,
      [patience_ms],
    );
    const withheld = rows.filter(({ asks }) => asks >= asks_max);
    return { asked: rows.filter(({ asks }) => asks < asks_max), withheld: [...new Set(withheld.map(({ lease_id }) => lease_id))] };
  }

  /** Takes off those that hide nothing any more that counts: their nodes may say it, and forget it. */
  async drop(tx: Transaction): Promise<Asked[]> {
    const { rows } = await tx.query<Asked>(
      `DELETE FROM commitment k USING lease l WHERE l.id = k.lease_id AND (l.state = 'ENDED' OR NOT (
         EXISTS (SELECT 1 FROM task t WHERE ${FIRST}) OR EXISTS (SELECT 1 FROM twin w WHERE ${TWIN})
         OR EXISTS (SELECT 1 FROM result_check c WHERE ${CHECKS})))
       RETURNING ${ASKED}`,
    );
    return rows;
  }

  /** What executions had been committed to; they are revealed now, whatever comes of it. */
  async open(
    tx: Transaction,
    executions: readonly (Place & { epoch: number; lease_id: string })[],
  ): Promise<(Place & { epoch: number; lease_id: string; commitment: string })[]> {
    const { rows } = await tx.query<Place & { epoch: number; lease_id: string; commitment: string }>(
      `DELETE FROM commitment k USING unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[]) AS r(job_id, index, epoch, lease_id)
       WHERE k.job_id = r.job_id AND k.index = r.index AND k.epoch = r.epoch AND k.lease_id = r.lease_id
       RETURNING k.job_id, k.index, k.epoch, k.lease_id, k.commitment`,
      [executions.map((e) => e.job_id), executions.map((e) => e.index), executions.map((e) => e.epoch), executions.map((e) => e.lease_id)],
    );
    return rows;
  }

  /** Index and epoch of what a lease has committed to. */
  async ofLease(lease_id: string): Promise<Map<number, number>> {
    const { rows } = await this.database.query<{ index: number; epoch: number }>(
      'SELECT index, epoch FROM commitment WHERE lease_id = $1',
      [lease_id],
    );
    return new Map(rows.map(({ index, epoch }) => [index, epoch]));
  }

  /**
   * Ends replicas of executions that are gone without a result: their job waits for them no longer. @returns the jobs that may be over, and whose
   * results these would have checked.
   */
  async dropOrphans(tx: Transaction, code: string, sentence: string): Promise<{ job_id: string; node_id: string; waited: boolean }[]> {
    const { rows } = await tx.query<{ job_id: string; node_id: string; waited: boolean }>(
      `WITH orphan AS (
         SELECT c.id, c.job_id, c.node_id, NOT c.by_reference AS waited, CASE WHEN c.state = 'OUT' AND NOT c.by_reference THEN l.task_max_micro ELSE 0 END AS micro
         FROM result_check c LEFT JOIN lease l ON l.id = c.lease_id
         WHERE c.kind = 'replica' AND c.state IN ('WANTED', 'OUT')
           AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.of_epoch AND a.outcome = 'accepted')
           AND NOT EXISTS (SELECT 1 FROM task t WHERE t.job_id = c.job_id AND t.index = c.index AND t.epoch = c.of_epoch AND t.state = 'LEASED')
         ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED
       ), dropped AS (
         UPDATE result_check c SET state = 'DROPPED', decided_at = now(), outcome_code = $1, outcome_sentence = $2 FROM orphan WHERE c.id = orphan.id
       ), counted AS (
         UPDATE job j SET checking = j.checking - f.waits, reserved_micro = j.reserved_micro - f.micro
         FROM (SELECT job_id, count(*)::int AS waits, sum(micro)::bigint AS micro FROM orphan WHERE waited GROUP BY job_id) AS f
         WHERE j.id = f.job_id AND j.state IN ('QUEUED', 'RUNNING')
       )
       SELECT job_id, node_id, waited FROM orphan`,
      [code, sentence],
    );
    return rows;
  }
}
