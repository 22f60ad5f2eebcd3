import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Micro } from '#units';
import type { Identity, ProviderAccount } from '../platform/provider/money-provider.js';

export interface PayoutAccountRow {
  person_id: string;
  provider: string;
  account_ref: string | null;
  identity: Identity;
  payouts_enabled: boolean;
  bank_fingerprint: string | null;
  bank_changed_at: Date | null;
  bank_age_s: number | null;
  freeze_id: string | null;
  frozen: Micro;
}

const SELECT = 'SELECT *, extract(epoch FROM now() - bank_changed_at)::float8 AS bank_age_s FROM payout_account';

@Injectable()
export class PayoutAccountsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async get(person_id: string, db: Queryable = this.database): Promise<PayoutAccountRow | null> {
    const { rows } = await db.query<PayoutAccountRow>(`${SELECT} WHERE person_id = $1`, [person_id]);
    return rows[0] ?? null;
  }

  async lock(tx: Transaction, person_id: string): Promise<PayoutAccountRow | null> {
    const { rows } = await tx.query<PayoutAccountRow>(`${SELECT} WHERE person_id = $1 FOR UPDATE`, [person_id]);
    return rows[0] ?? null;
  }

  /** @returns false when the person has one. */
  async insert(tx: Transaction, person_id: string, provider: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      'INSERT INTO payout_account (person_id, provider) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING',
      [person_id, provider],
    );
    return rowCount === 1;
  }

  /** Another bank account begins the cool-down anew. */
  async update(tx: Transaction, person_id: string, account: ProviderAccount): Promise<void> {
    await tx.query(
      `UPDATE payout_account SET account_ref = $2, identity = $3, payouts_enabled = $4,
         bank_changed_at = CASE WHEN bank_fingerprint IS NOT DISTINCT FROM $5 THEN bank_changed_at ELSE now() END,
         bank_fingerprint = $5, updated_at = now()
       WHERE person_id = $1`,
      [person_id, account.ref, account.identity, account.payouts_enabled, account.bank_fingerprint],
    );
  }

  async setFrozen(tx: Transaction, person_id: string, freeze_id: string | null, frozen: Micro): Promise<void> {
    await tx.query('UPDATE payout_account SET freeze_id = $2, frozen = $3 WHERE person_id = $1', [person_id, freeze_id, frozen]);
  }

  /** Accounts in which something of ours is under way, or was so lately that a bank may still undo it. */
  async watched(): Promise<string[]> {
    const { rows } = await this.database.query<{ account_ref: string }>(
      `SELECT DISTINCT account_ref FROM payout
       WHERE state IN ('TRANSFERRED', 'BANK_PENDING') OR (state = 'PAID' AND paid_at > now() - interval '14 days')
       UNION
       SELECT account_ref FROM payout_account WHERE account_ref IS NOT NULL AND identity <> 'active' AND created_at > now() - interval '90 days'`,
    );
    return rows.map((row) => row.account_ref);
  }
}
