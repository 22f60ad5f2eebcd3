import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { before, DEPOSIT, type DepositState } from '#lifecycle';
import type { Micro } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import type { ProviderPayment, SavedCard } from '../platform/provider/money-provider.js';
import { DepositChanged } from './funding.events.js';

export interface DepositRow {
  id: string;
  person_id: string;
  amount: Micro;
  provider: string;
  state: DepositState;
  purpose: 'request' | 'auto';
  idempotency_key: string;
  request_hash: string;
  url: string | null;
  payment_ref: string | null;
  charge_ref: string | null;
  fee: Micro;
  refunded: Micro;
  disputed: Micro;
  reason_code: string | null;
  reason: string | null;
  created_at: Date;
}

export type NewDeposit = Pick<DepositRow, 'id' | 'person_id' | 'amount' | 'provider' | 'purpose' | 'idempotency_key' | 'request_hash'>;

@Injectable()
export class DepositsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly bus: EventBus,
  ) {}

  /** @returns false when the person used this idempotency key before. */
  async insert(tx: Transaction, deposit: NewDeposit): Promise<boolean> {
    return this.changed(
      tx,
      `INSERT INTO deposit (id, person_id, amount, provider, purpose, idempotency_key, request_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [deposit.id, deposit.person_id, deposit.amount, deposit.provider, deposit.purpose, deposit.idempotency_key, deposit.request_hash],
    );
  }

  async findByKey(db: Queryable, person_id: string, idempotency_key: string): Promise<DepositRow | null> {
    return one(db, 'person_id = $1 AND idempotency_key = $2', [person_id, idempotency_key]);
  }

  findOwn(id: string, person_id: string): Promise<DepositRow | null> {
    return one(this.database, 'id = $1 AND person_id = $2', [id, person_id]);
  }

  byId(id: string): Promise<DepositRow | null> {
    return one(this.database, 'id = $1', [id]);
  }

  async page(person_id: string, page: { before?: string | undefined; limit: number }): Promise<DepositRow[]> {
    const { rows } = await this.database.query<DepositRow>(
      'SELECT * FROM deposit WHERE person_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3',
      [person_id, page.before ?? null, page.limit],
    );
    return rows;
  }

  lock(tx: Transaction, id: string): Promise<DepositRow | null> {
    return one(tx, 'id = $1 FOR UPDATE', [id]);
  }

  lockByCharge(tx: Transaction, charge_ref: string): Promise<DepositRow | null> {
    return one(tx, 'charge_ref = $1 FOR UPDATE', [charge_ref]);
  }

  /** The provider waits for the payer. @returns false when the deposit is past that. */
  async open(tx: Transaction, id: string, payment: ProviderPayment): Promise<boolean> {
    return this.changed(tx, `UPDATE deposit SET state = 'OPEN', payment_ref = $2, url = $3 WHERE id = $1 AND state::text = ANY($4)`, [
      id,
      payment.ref,
      payment.url,
      before(DEPOSIT, 'OPEN'),
    ]);
  }

  async succeed(tx: Transaction, id: string, payment: ProviderPayment): Promise<boolean> {
    return this.changed(
      tx,
      `UPDATE deposit SET state = 'SUCCEEDED', payment_ref = COALESCE(payment_ref, $2), charge_ref = $3, url = NULL, succeeded_at = now(),
         reason_code = NULL, reason = NULL
       WHERE id = $1 AND state::text = ANY($4)`,
      [id, payment.ref, payment.charge_ref, before(DEPOSIT, 'SUCCEEDED')],
    );
  }

  async fail(
    tx: Transaction,
    id: string,
    state: 'FAILED' | 'EXPIRED',
    reason: { code: string; sentence: string } | null,
  ): Promise<boolean> {
    return this.changed(
      tx,
      `UPDATE deposit SET state = $2::deposit_state, url = NULL, reason_code = $3, reason = $4 WHERE id = $1 AND state::text = ANY($5)`,
      [id, state, reason?.code ?? null, reason?.sentence ?? null, before(DEPOSIT, state)],
    );
  }

  async addFee(tx: Transaction, id: string, fee: Micro): Promise<void> {
    await tx.query('UPDATE deposit SET fee = fee + $2 WHERE id = $1', [id, fee]);
  }

  async cleared(tx: Transaction, id: string): Promise<boolean> {
    return this.changed(tx, `UPDATE deposit SET cleared_at = now() WHERE id = $1 AND state = 'SUCCEEDED' AND cleared_at IS NULL`, [id]);
  }

  /** I27, in one statement: only what is neither refunded nor disputed can be asked for. */
  async reserveRefund(tx: Transaction, id: string, person_id: string, amount: Micro): Promise<boolean> {
    return this.changed(
      tx,
      `UPDATE deposit SET refunded = refunded + $3
       WHERE id = $1 AND person_id = $2 AND state = 'SUCCEEDED' AND refunded + disputed + $3 <= amount`,
      [id, person_id, amount],
    );
  }

  async undoRefund(tx: Transaction, id: string, amount: Micro): Promise<void> {
    await tx.query('UPDATE deposit SET refunded = refunded - $2 WHERE id = $1', [id, amount]);
  }

  async left(person_id: string): Promise<Micro> {
    const { rows } = await this.database.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(GREATEST(amount - refunded - disputed, 0)), 0)::bigint AS sum FROM deposit WHERE person_id = $1 AND state = 'SUCCEEDED'`,
      [person_id],
    );
    return rows[0]?.sum ?? 0n;
  }

  async addDisputed(tx: Transaction, id: string, amount: Micro): Promise<void> {
    await tx.query('UPDATE deposit SET disputed = disputed + $2 WHERE id = $1', [id, amount]);
  }

  /** Keeps the card a payer paid with for top-ups. */
  async saveCard(tx: Transaction, person_id: string, card: SavedCard): Promise<void> {
    await tx.query(
      `INSERT INTO top_up (person_id, customer_ref, method_ref) VALUES ($1, $2, $3)
       ON CONFLICT (person_id) DO UPDATE SET customer_ref = excluded.customer_ref, method_ref = excluded.method_ref, updated_at = now()`,
      [person_id, card.customer_ref, card.method_ref],
    );
  }

  /** Payments whose state may have moved without our hearing of it: paid and not yet cleared, or open for long. */
  async toLookAt(limit: number): Promise<{ payment_ref: string }[]> {
    const { rows } = await this.database.query<{ payment_ref: string }>(
      `SELECT payment_ref FROM deposit
       WHERE payment_ref IS NOT NULL AND ((state = 'SUCCEEDED' AND cleared_at IS NULL) OR (state = 'OPEN' AND created_at < now() - interval '1 hour'))
       ORDER BY created_at LIMIT $1`,
      [limit],
    );
    return rows;
  }

  private async changed(tx: Transaction, sql: string, values: readonly unknown[]): Promise<boolean> {
    const { rows } = await tx.query<{ person_id: string }>(`${sql} RETURNING person_id`, values);
    const [row] = rows;
    if (!row) return false;
    tx.afterCommit(() => this.bus.publish(DepositChanged, { person_id: row.person_id }));
    return true;
  }
}

async function one(db: Queryable, where: string, values: readonly unknown[]): Promise<DepositRow | null> {
  const { rows } = await db.query<DepositRow>(`SELECT * FROM deposit WHERE ${where}`, values);
  return rows[0] ?? null;
}
