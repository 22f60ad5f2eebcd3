import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { OrderView } from '#protocol';
import type { KeptMarketName, Micro } from '#units';

export type ReservationState = 'WAITING' | 'RUNNING' | 'DONE' | 'CANCELLED' | 'STOPPED';

export interface ReservationRow {
  id: string;
  person_id: string;
  name: string;
  market: KeptMarketName;
  state: ReservationState;
  reason_code: string;
  reason_sentence: string;
  quantity: number;
  max_per_node: number | null;
  max_price_micro: Micro;
  hours: number | null;
  budget_micro: Micro;
  order_terms: Pick<OrderView, 'constraints' | 'preferences' | 'spread'> & { min_quantity: number };
  deadline: Date | null;
  disconnect_wait_ms: number | null;
  interruptible: boolean;
  preemption_notice_ms: number;
  request_hash: string;
  charged_micro: Micro;
  created_at: Date;
  ends_at: Date | null;
  finished_at: Date | null;
}

export type NewReservation = Omit<ReservationRow, 'state' | 'charged_micro' | 'created_at' | 'ends_at' | 'finished_at' | 'deadline'> & {
  deadline: string | null;
  idempotency_key: string;
};

export interface KeptLeaseRow {
  id: string;
  market: KeptMarketName;
  node_id: string;
  reservation_id: string;
  quantity: number;
  price_micro: Micro;
  state: 'ACTIVE' | 'DRAINING' | 'ENDED';
  code: string | null;
  sentence: string | null;
  granted_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  renewals: number;
  kept_us: bigint;
  audited_byte_hours: bigint;
  charged_micro: Micro;
  buyer_id: string;
}

/** What a live reservation has and wants. */
export interface Standing {
  id: string;
  market: KeptMarketName;
  quantity: number;
  leased: number;
  claimed: number;
}

const LEASE = `l.id, l.market, l.node_id, l.reservation_id, l.quantity, l.price_micro, l.state, COALESCE(l.end_code, l.leaving_code) AS code,
  COALESCE(l.end_sentence, l.leaving_sentence) AS sentence, l.granted_at, l.expires_at, l.ended_at, l.renewals, l.kept_us, l.audited_byte_hours,
  l.charged_micro, r.person_id AS buyer_id`;
/** A reservation shows so many of its leases that are over. */
const PAST_SHOWN = 20;

@Injectable()
export class ReservationsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findByKey(person_id: string, idempotency_key: string): Promise<ReservationRow | null> {
    const { rows } = await this.database.query<ReservationRow>('SELECT * FROM reservation WHERE person_id = $1 AND idempotency_key = $2', [
      person_id,
      idempotency_key,
    ]);
    return rows[0] ?? null;
  }

  async find(id: string, person_id: string): Promise<ReservationRow | null> {
    const { rows } = await this.database.query<ReservationRow>('SELECT * FROM reservation WHERE id = $1 AND person_id = $2', [
      id,
      person_id,
    ]);
    return rows[0] ?? null;
  }

  async list(person_id: string, before: string | undefined, limit: number): Promise<ReservationRow[]> {
    const { rows } = await this.database.query<ReservationRow>(
      'SELECT * FROM reservation WHERE person_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3',
      [person_id, before ?? null, limit],
    );
    return rows;
  }

  /** @returns false when the key is known. */
  async insert(tx: Transaction, r: NewReservation): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO reservation (id, person_id, name, market, reason_code, reason_sentence, quantity, max_price_micro, hours, budget_micro, order_terms,
         deadline, disconnect_wait_ms, interruptible, preemption_notice_ms, idempotency_key, request_hash, max_per_node)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [
        ...[r.id, r.person_id, r.name, r.market, r.reason_code, r.reason_sentence, r.quantity, r.max_price_micro, r.hours, r.budget_micro],
        ...[JSON.stringify(r.order_terms), r.deadline, r.disconnect_wait_ms, r.interruptible, r.preemption_notice_ms],
        ...[r.idempotency_key, r.request_hash, r.max_per_node],
      ],
    );
    return rowCount === 1;
  }

  async isPast(instant: string): Promise<boolean> {
    const { rows } = await this.database.query<{ past: boolean }>('SELECT $1::timestamptz <= now() AS past', [instant]);
    return rows[0]?.past ?? true;
  }

  /** The leases of these reservations that are not over, and the last ones that are. */
  async leasesOf(reservation_ids: readonly string[]): Promise<KeptLeaseRow[]> {
    const { rows } = await this.database.query<KeptLeaseRow>(
      `SELECT ${LEASE} FROM reservation r CROSS JOIN LATERAL (
         (SELECT * FROM kept_lease WHERE reservation_id = r.id AND state <> 'ENDED')
         UNION ALL (SELECT * FROM kept_lease WHERE reservation_id = r.id AND state = 'ENDED' ORDER BY ended_at DESC, id DESC LIMIT $2)
       ) AS l WHERE r.id = ANY($1) ORDER BY l.state = 'ENDED', l.id DESC`,
      [reservation_ids, PAST_SHOWN],
    );
    return rows;
  }

  /** The leases of an owner's devices, newest first. */
  async leasesFrom(owner_id: string, before: string | undefined, limit: number): Promise<KeptLeaseRow[]> {
    const { rows } = await this.database.query<KeptLeaseRow>(
      `SELECT ${LEASE} FROM kept_lease l JOIN reservation r ON r.id = l.reservation_id
       WHERE l.owner_id = $1 AND ($2::uuid IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3`,
      [owner_id, before ?? null, limit],
    );
    return rows;
  }

  /** Ends it, once. @returns whether this call did. */
  async finish(
    tx: Transaction,
    id: string,
    state: 'DONE' | 'CANCELLED' | 'STOPPED',
    reason: { code: string; sentence: string },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE reservation SET state = $2::reservation_state, reason_code = $3, reason_sentence = $4, finished_at = now()
       WHERE id = $1 AND state IN ('WAITING', 'RUNNING')`,
      [id, state, reason.code, reason.sentence],
    );
    return rowCount === 1;
  }

  /** Reservations whose deadline or whose hours are over. */
  async overdue(): Promise<{ id: string; deadline_passed: boolean; hours: number | null }[]> {
    const { rows } = await this.database.query<{ id: string; deadline_passed: boolean; hours: number | null }>(
      `SELECT id, COALESCE(deadline <= now(), false) AS deadline_passed, hours FROM reservation
       WHERE state IN ('WAITING', 'RUNNING') AND (deadline <= now() OR ends_at <= now())`,
    );
    return rows;
  }

  async liveOf(person_id: string): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      "SELECT id FROM reservation WHERE person_id = $1 AND state IN ('WAITING', 'RUNNING') ORDER BY id",
      [person_id],
    );
    return rows.map((row) => row.id);
  }

  /** What these live reservations have now, what they have won and wait for, and what they want. */
  async standing(ids: readonly string[], db: Queryable = this.database): Promise<Standing[]> {
    const { rows } = await db.query<Standing>(
      `SELECT r.id, r.market, r.quantity,
         (SELECT COALESCE(sum(l.quantity), 0)::int FROM kept_lease l WHERE l.reservation_id = r.id AND l.state <> 'ENDED') AS leased,
         (SELECT COALESCE(sum(c.quantity), 0)::int FROM kept_claim c WHERE c.reservation_id = r.id) AS claimed
       FROM reservation r WHERE r.id = ANY($1) AND r.state IN ('WAITING', 'RUNNING')`,
      [ids],
    );
    return rows;
  }

  /** Says why reservations are as they are, in one statement; those that are over keep why they ended. */
  async explain(reasons: readonly { id: string; code: string; sentence: string }[], db: Queryable = this.database): Promise<void> {
    if (reasons.length === 0) return;
    await db.query(
      `UPDATE reservation r SET reason_code = x.code, reason_sentence = x.sentence
       FROM (SELECT r.id, y.code, y.sentence FROM unnest($1::uuid[], $2::text[], $3::text[]) AS y(id, code, sentence) JOIN reservation r ON r.id = y.id
             WHERE r.state IN ('WAITING', 'RUNNING') AND (r.reason_code, r.reason_sentence) IS DISTINCT FROM (y.code, y.sentence)
             ORDER BY r.id FOR NO KEY UPDATE OF r) AS x
       WHERE r.id = x.id`,
      [reasons.map((r) => r.id), reasons.map((r) => r.code), reasons.map((r) => r.sentence)],
    );
  }
}
