import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { before, REFUND, type RefundState } from '#lifecycle';
import type { Micro } from '#units';

export interface RefundRow {
  id: string;
  deposit_id: string;
  person_id: string;
  amount: Micro;
  state: RefundState;
  provider: string;
  charge_ref: string;
  idempotency_key: string;
  request_hash: string;
  refund_ref: string | null;
  reason_code: string | null;
  reason: string | null;
  created_at: Date;
}

@Injectable()
export class RefundsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false when the person used this idempotency key before. */
  async insert(
    tx: Transaction,
    refund: Pick<RefundRow, 'id' | 'deposit_id' | 'person_id' | 'amount' | 'idempotency_key' | 'request_hash'>,
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO deposit_refund (id, deposit_id, person_id, amount, idempotency_key, request_hash) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [refund.id, refund.deposit_id, refund.person_id, refund.amount, refund.idempotency_key, refund.request_hash],
    );
    return rowCount === 1;
  }

  findByKey(db: Queryable, person_id: string, idempotency_key: string): Promise<RefundRow | null> {
    return one(db, 'r.person_id = $1 AND r.idempotency_key = $2', [person_id, idempotency_key]);
  }

  byId(id: string): Promise<RefundRow | null> {
    return one(this.database, 'r.id = $1', [id]);
  }

  lock(tx: Transaction, id: string): Promise<RefundRow | null> {
    return one(tx, 'r.id = $1 FOR UPDATE OF r', [id]);
  }

  async page(person_id: string, page: { before?: string | undefined; limit: number }): Promise<RefundRow[]> {
    const { rows } = await this.database.query<RefundRow>(
      `${SELECT} WHERE r.person_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`,
      [person_id, page.before ?? null, page.limit],
    );
    return rows;
  }

  /** @returns false when the refund is not in a state before this one. */
  async move(
    tx: Transaction,
    id: string,
    to: RefundState,
    more: { refund_ref?: string; reason?: { code: string; sentence: string } } = {},
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE deposit_refund SET state = $2::refund_state, refund_ref = COALESCE($3, refund_ref), reason_code = $4, reason = $5, updated_at = now()
       WHERE id = $1 AND state::text = ANY($6)`,
      [id, to, more.refund_ref ?? null, more.reason?.code ?? null, more.reason?.sentence ?? null, before(REFUND, to)],
    );
    return rowCount === 1;
  }
}

const SELECT = 'SELECT r.*, d.provider, d.charge_ref FROM deposit_refund r JOIN deposit d ON d.id = r.deposit_id';

async function one(db: Queryable, where: string, values: readonly unknown[]): Promise<RefundRow | null> {
  const { rows } = await db.query<RefundRow>(`${SELECT} WHERE ${where}`, values);
  return rows[0] ?? null;
}
