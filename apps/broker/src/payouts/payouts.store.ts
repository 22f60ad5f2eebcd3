import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { before, PAYOUT, type PayoutState } from '#lifecycle';
import type { Micro } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import type { PayoutReason } from './payout-reasons.js';
import { PayoutChanged } from './payouts.events.js';

/** Whose money it is: an owner's earnings, or a partner's shares. */
export type Payee = 'owner' | 'partner';

export interface PayoutRow {
  id: string;
  person_id: string;
  amount: Micro;
  provider: string;
  state: PayoutState;
  purpose: 'request' | 'schedule';
  payee: Payee;
  idempotency_key: string;
  request_hash: string;
  account_ref: string;
  transfer_ref: string | null;
  bank_ref: string | null;
  reason_code: string;
  reason: string;
  requested_at: Date;
  paid_at: Date | null;
  returned_at: Date | null;
}

type NewPayout = Pick<
  PayoutRow,
  'id' | 'person_id' | 'amount' | 'provider' | 'purpose' | 'payee' | 'idempotency_key' | 'request_hash' | 'account_ref'
>;

@Injectable()
export class PayoutsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly bus: EventBus,
  ) {}

  async insert(tx: Transaction, payout: NewPayout, reason: PayoutReason): Promise<void> {
    await tx.query(
      `INSERT INTO payout (id, person_id, amount, provider, purpose, idempotency_key, request_hash, account_ref, reason_code, reason, payee)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        payout.id,
        payout.person_id,
        payout.amount,
        payout.provider,
        payout.purpose,
        payout.idempotency_key,
        payout.request_hash,
        payout.account_ref,
        reason.code,
        reason.sentence,
        payout.payee,
      ],
    );
    this.tell(tx, payout);
  }

  findByKey(tx: Transaction, person_id: string, idempotency_key: string): Promise<PayoutRow | null> {
    return one(tx, 'person_id = $1 AND idempotency_key = $2', [person_id, idempotency_key]);
  }

  byId(id: string, db: Queryable = this.database): Promise<PayoutRow | null> {
    return one(db, 'id = $1', [id]);
  }

  findOwn(id: string, person_id: string): Promise<PayoutRow | null> {
    return one(this.database, 'id = $1 AND person_id = $2', [id, person_id]);
  }

  lock(tx: Transaction, id: string): Promise<PayoutRow | null> {
    return one(tx, 'id = $1 FOR UPDATE', [id]);
  }

  async page(person_id: string, page: { before?: string | undefined; limit: number }): Promise<PayoutRow[]> {
    const { rows } = await this.database.query<PayoutRow>(
      'SELECT * FROM payout WHERE person_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3',
      [person_id, page.before ?? null, page.limit],
    );
    return rows;
  }

  /** One transition. @returns false when the payout is not in a state before this one: nothing may be posted then. */
  async move(
    tx: Transaction,
    id: string,
    to: PayoutState,
    reason: PayoutReason,
    more: { transfer_ref?: string; bank_ref?: string } = {},
  ): Promise<boolean> {
    const { rows } = await tx.query<{ person_id: string }>(
      `UPDATE payout SET state = $2::payout_state, reason_code = $3, reason = $4, transfer_ref = COALESCE($5, transfer_ref),
         bank_ref = COALESCE($6, bank_ref), updated_at = now(), paid_at = CASE WHEN $2 = 'PAID' THEN now() ELSE paid_at END
       WHERE id = $1 AND state::text = ANY($7) RETURNING person_id`,
      [id, to, reason.code, reason.sentence, more.transfer_ref ?? null, more.bank_ref ?? null, before(PAYOUT, to)],
    );
    return this.tell(tx, rows[0]);
  }

  /** Says anew why a payout waits. */
  async explain(tx: Transaction, id: string, state: PayoutState, reason: PayoutReason): Promise<void> {
    const { rows } = await tx.query<{ person_id: string }>(
      `UPDATE payout SET reason_code = $3, reason = $4 WHERE id = $1 AND state = $2::payout_state AND (reason_code, reason) IS DISTINCT FROM ($3, $4)
       RETURNING person_id`,
      [id, state, reason.code, reason.sentence],
    );
    this.tell(tx, rows[0]);
  }

  private tell(tx: Transaction, changed: { person_id: string } | undefined): boolean {
    if (!changed) return false;
    const { person_id } = changed;
    tx.afterCommit(() => this.bus.publish(PayoutChanged, { person_id }));
    return true;
  }

  /** The money of a failed payout is back. @returns false when it was before. */
  async returned(tx: Transaction, id: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE payout SET returned_at = now() WHERE id = $1 AND state = 'BANK_FAILED' AND returned_at IS NULL`,
      [id],
    );
    return rowCount === 1;
  }

  /** Other payouts of the last 24 hours that were not undone, of these people together. */
  async recent(db: Queryable, people: readonly string[], but: string | null): Promise<{ count: number; amount: Micro }> {
    const { rows } = await db.query<{ count: number; amount: Micro }>(
      `SELECT count(*)::int AS count, COALESCE(sum(amount), 0)::bigint AS amount FROM payout
       WHERE person_id = ANY($1::uuid[]) AND requested_at > now() - interval '24 hours' AND state NOT IN ('REJECTED', 'TRANSFER_FAILED', 'BANK_FAILED')
         AND ($2::uuid IS NULL OR id <> $2)`,
      [people, but],
    );
    return rows[0] ?? { count: 0, amount: 0n };
  }

  /**
   * What an owner earned from a cluster of people, and what was flagged as such when it was captured (I9). Own use is not among it: its
   * release went back to the payer.
   */
  async earnedFrom(db: Queryable, owner_id: string, cluster: readonly string[]): Promise<Micro> {
    const { rows } = await db.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(c.net - c.refunded_net), 0)::bigint AS sum FROM capture c JOIN hold h ON h.id = c.hold_id
       WHERE c.owner_id = $1 AND c.state IN ('RELEASED', 'SPLIT') AND NOT c.own_use AND (c.own_cluster OR h.person_id = ANY($2::uuid[]))`,
      [owner_id, cluster],
    );
    return rows[0]?.sum ?? 0n;
  }

  /** What of a partner's released shares comes from the own cluster: its members' work, or work on their devices (I9). */
  async sharedFrom(db: Queryable, partner_id: string, cluster: readonly string[]): Promise<Micro> {
    const { rows } = await db.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(c.partner), 0)::bigint AS sum FROM capture c JOIN hold h ON h.id = c.hold_id
       WHERE c.partner_id = $1 AND c.state::text IN ('RELEASED', 'SPLIT') AND (h.person_id = ANY($2::uuid[]) OR c.owner_id = ANY($2::uuid[]))`,
      [partner_id, cluster],
    );
    return rows[0]?.sum ?? 0n;
  }

  async isBlocked(db: Queryable, person_id: string): Promise<boolean> {
    const { rows } = await db.query('SELECT 1 FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL LIMIT 1', [person_id]);
    return rows.length > 0;
  }

  async waiting(limit: number): Promise<string[]> {
    return ids(
      await this.database.query(`SELECT id FROM payout WHERE state IN ('REQUESTED', 'SCREENED') ORDER BY requested_at LIMIT $1`, [limit]),
    );
  }

  /** Payouts that have been under way for so long that their webhooks may be lost. */
  async toLookAt(limit: number): Promise<PayoutRow[]> {
    const { rows } = await this.database.query<PayoutRow>(
      `SELECT * FROM payout WHERE state IN ('TRANSFERRED', 'BANK_PENDING') AND updated_at < now() - interval '1 hour' ORDER BY updated_at LIMIT $1`,
      [limit],
    );
    return rows;
  }
}

async function one(db: Queryable, where: string, values: readonly unknown[]): Promise<PayoutRow | null> {
  const { rows } = await db.query<PayoutRow>(`SELECT * FROM payout WHERE ${where}`, values);
  return rows[0] ?? null;
}

const ids = ({ rows }: { rows: { id?: string }[] }): string[] => rows.map((row) => row.id ?? '');
