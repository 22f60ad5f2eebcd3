import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Micro } from '#units';
import type { ObjectedCapture } from '../money/disputed.store.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { tellPeople } from '../platform/bus/tell-people.js';
import { ObjectionsChanged } from './settlement.events.js';

export type Outcome = 'owner' | 'developer' | 'split';
export type DecidedAs = 'admin' | 'reference' | 'term';

export interface ObjectionRow {
  id: string;
  job_id: string;
  lease_id: string | null;
  tasks: number[];
  person_id: string;
  complaint: string;
  state: 'OPEN' | 'DECIDED';
  amount: Micro;
  outcome: Outcome | null;
  refund: Micro | null;
  decided_as: DecidedAs | null;
  decided_by: string | null;
  decision_code: string | null;
  decision: string | null;
  request_hash: string;
  created_at: Date;
  decide_by: Date;
  decided_at: Date | null;
  remaining_ms: number;
}

/** As a person sees it: the whole as its buyer or as an admin, their own part as an owner. */
export interface SeenObjection extends ObjectionRow {
  seen_as: 'buyer' | 'owner' | 'admin';
}

export interface Decision {
  outcome: Outcome;
  refund: Micro;
  decided_as: DecidedAs;
  decided_by: string | null;
  code: string;
  sentence: string;
}

export interface Page {
  state?: 'OPEN' | 'DECIDED' | undefined;
  before?: string | undefined;
  limit: number;
}

const WHAT = 'o.id, o.job_id, o.lease_id, o.tasks, o.person_id, o.complaint, o.state::text AS state';
const DECISION = `o.outcome, o.decided_as, o.decided_by, o.decision_code, o.decision, o.request_hash, o.created_at, o.decide_by, o.decided_at,
  (extract(epoch FROM o.decide_by - now()) * 1000)::float8 AS remaining_ms`;
const SELECT = `SELECT ${WHAT}, o.amount, o.refund, ${DECISION}`;

/** A page of a list, the newest first; its values are the last three. */
const PAGE = (first: number) =>
  `($${first}::text IS NULL OR s.state = $${first}) AND ($${first + 1}::uuid IS NULL OR s.id < $${first + 1}) ORDER BY s.id DESC LIMIT $${first + 2}`;

@Injectable()
export class ObjectionsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly bus: EventBus,
  ) {}

  async insert(
    tx: Transaction,
    objection: Pick<ObjectionRow, 'id' | 'job_id' | 'lease_id' | 'tasks' | 'person_id' | 'complaint' | 'amount' | 'request_hash'> & {
      idempotency_key: string;
    },
    captures: readonly ObjectedCapture[],
    days: number,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO objection (id, job_id, lease_id, tasks, person_id, complaint, amount, idempotency_key, request_hash, decide_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(days => $10))`,
      [
        objection.id,
        objection.job_id,
        objection.lease_id,
        objection.tasks,
        objection.person_id,
        objection.complaint,
        objection.amount,
        objection.idempotency_key,
        objection.request_hash,
        days,
      ],
    );
    await tx.query(
      `INSERT INTO objection_capture (objection_id, capture_id, owner_id, amount)
       SELECT $1, c.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS c`,
      [objection.id, captures.map((c) => c.id), captures.map((c) => c.owner_id), captures.map((c) => c.amount)],
    );
    const people = new Set([objection.person_id, ...captures.map((c) => c.owner_id)]);
    tx.afterCommit(() => tellPeople(this.bus, ObjectionsChanged, people));
  }

  findByKey(tx: Transaction, person_id: string, idempotency_key: string): Promise<ObjectionRow | null> {
    return one(tx, 'o.person_id = $1 AND o.idempotency_key = $2', [person_id, idempotency_key]);
  }

  byId(id: string): Promise<ObjectionRow | null> {
    return one(this.database, 'o.id = $1', [id]);
  }

  lock(tx: Transaction, id: string): Promise<ObjectionRow | null> {
    return one(tx, 'o.id = $1 FOR UPDATE', [id]);
  }

  /** A task of these that an earlier objection to the job named. */
  async named(tx: Transaction, job_id: string, tasks: readonly number[]): Promise<number | null> {
    const { rows } = await tx.query<{ index: number }>(
      'SELECT t.index FROM objection o, unnest(o.tasks) AS t(index) WHERE o.job_id = $1 AND t.index = ANY($2::int[]) LIMIT 1',
      [job_id, tasks],
    );
    return rows[0]?.index ?? null;
  }

  /** What an objection is about, in the order of its captures. */
  async captures(tx: Transaction, objection_id: string): Promise<{ capture_id: string; amount: Micro }[]> {
    const { rows } = await tx.query<{ capture_id: string; amount: Micro }>(
      'SELECT capture_id, amount FROM objection_capture WHERE objection_id = $1 ORDER BY capture_id',
      [objection_id],
    );
    return rows;
  }

  /** Once and for ever. @returns false when it is decided already: nothing may be posted then. */
  async decide(tx: Transaction, id: string, decision: Decision): Promise<boolean> {
    const { rows } = await tx.query<{ person_id: string }>(
      `UPDATE objection SET state = 'DECIDED', outcome = $2, refund = $3, decided_as = $4, decided_by = $5, decision_code = $6, decision = $7,
         decided_at = now()
       WHERE id = $1 AND state = 'OPEN' RETURNING person_id`,
      [id, decision.outcome, decision.refund, decision.decided_as, decision.decided_by, decision.code, decision.sentence],
    );
    const people = rows.map((row) => row.person_id);
    tx.afterCommit(() => tellPeople(this.bus, ObjectionsChanged, people));
    return people.length === 1;
  }

  async setRefunds(tx: Transaction, objection_id: string, refunds: readonly { capture_id: string; refund: Micro }[]): Promise<void> {
    await tx.query(
      `UPDATE objection_capture p SET refund = r.refund FROM unnest($2::uuid[], $3::bigint[]) AS r(capture_id, refund)
       WHERE p.objection_id = $1 AND p.capture_id = r.capture_id`,
      [objection_id, refunds.map((r) => r.capture_id), refunds.map((r) => r.refund)],
    );
  }

  async overdue(limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM objection WHERE state = 'OPEN' AND decide_by <= now() ORDER BY decide_by LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.id);
  }

  /** Open objections of which nothing is left to decide: a correction took back what they were about. */
  async overtaken(tx: Transaction, job_id: string): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `SELECT o.id FROM objection o WHERE o.state = 'OPEN' AND o.job_id = $1 AND (NOT EXISTS (
           SELECT 1 FROM objection_capture p JOIN capture c ON c.id = p.capture_id WHERE p.objection_id = o.id AND c.state = 'DISPUTED')
         OR cardinality(o.tasks) > 0 AND NOT EXISTS (
           SELECT 1 FROM unnest(o.tasks) AS t(index) WHERE NOT EXISTS (
             SELECT 1 FROM correction k WHERE k.job_id = o.job_id AND k.index = t.index AND k.created_at > o.created_at)))`,
      [job_id],
    );
    return rows.map((row) => row.id);
  }

  /** Jobs with open objections. */
  async openJobs(limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ job_id: string }>("SELECT DISTINCT job_id FROM objection WHERE state = 'OPEN' LIMIT $1", [
      limit,
    ]);
    return rows.map((row) => row.job_id);
  }

  async openOf(tx: Transaction, job_id: string): Promise<ObjectionRow[]> {
    const { rows } = await tx.query<ObjectionRow>(
      `${SELECT} FROM objection o WHERE o.job_id = $1 AND o.state = 'OPEN' ORDER BY o.id FOR UPDATE`,
      [job_id],
    );
    return rows;
  }

  /** How much of what an objection is about went back by proofs since it was raised. */
  async corrected(tx: Transaction, objection_id: string): Promise<Micro> {
    const { rows } = await tx.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(k.amount), 0)::bigint AS sum FROM objection o JOIN objection_capture p ON p.objection_id = o.id
       JOIN correction k ON k.capture_id = p.capture_id AND k.kind = 'refund' AND k.created_at > o.created_at
         AND (cardinality(o.tasks) = 0 OR k.index = ANY(o.tasks)) WHERE o.id = $1`,
      [objection_id],
    );
    return rows[0]?.sum ?? 0n;
  }

  async seenBy(person_id: string, { state, before, limit }: Page): Promise<SeenObjection[]> {
    const { rows } = await this.database.query<SeenObjection>(
      `SELECT * FROM (
         ${SELECT}, 'buyer' AS seen_as FROM objection o WHERE o.person_id = $1
         UNION ALL
         SELECT ${WHAT}, own.amount, own.refund, ${DECISION}, 'owner' AS seen_as
         FROM objection o JOIN (
           SELECT objection_id, sum(amount)::bigint AS amount, sum(refund)::bigint AS refund FROM objection_capture WHERE owner_id = $1
           GROUP BY objection_id) AS own ON own.objection_id = o.id
         WHERE o.person_id <> $1) AS s
       WHERE ${PAGE(2)}`,
      [person_id, state ?? null, before ?? null, limit],
    );
    return rows;
  }

  async all({ state, before, limit }: Page): Promise<SeenObjection[]> {
    const { rows } = await this.database.query<SeenObjection>(
      `SELECT * FROM (${SELECT}, 'admin' AS seen_as FROM objection o) AS s WHERE ${PAGE(1)}`,
      [state ?? null, before ?? null, limit],
    );
    return rows;
  }
}

async function one(db: Queryable, where: string, values: readonly unknown[]): Promise<ObjectionRow | null> {
  const { rows } = await db.query<ObjectionRow>(`${SELECT} FROM objection o WHERE ${where}`, values);
  return rows[0] ?? null;
}
