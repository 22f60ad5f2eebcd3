import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro } from '#units';

export interface TopUpRow {
  person_id: string;
  enabled: boolean;
  below: Micro;
  amount: Micro;
  monthly_cap: Micro;
  customer_ref: string | null;
  method_ref: string | null;
  stopped_code: string | null;
  stopped: string | null;
  this_month: Micro;
}

/** A top-up that is due: `number` counts those of the month, so that two sweeps at once make the same one. */
export interface DueTopUp extends TopUpRow {
  month: string;
  number: bigint;
}

const THIS_MONTH = `SELECT COALESCE(sum(d.amount) FILTER (WHERE d.state NOT IN ('FAILED', 'EXPIRED')), 0)::bigint AS sum, count(*) AS number FROM deposit d
  WHERE d.person_id = t.person_id AND d.purpose = 'auto' AND d.created_at >= date_trunc('month', now())`;

@Injectable()
export class TopUpsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async get(person_id: string): Promise<TopUpRow | null> {
    const { rows } = await this.database.query<TopUpRow>(
      `SELECT t.*, m.sum AS this_month FROM top_up t, LATERAL (${THIS_MONTH}) m WHERE t.person_id = $1`,
      [person_id],
    );
    return rows[0] ?? null;
  }

  async set(tx: Transaction, row: Pick<TopUpRow, 'person_id' | 'enabled' | 'below' | 'amount' | 'monthly_cap'>): Promise<void> {
    await tx.query(
      `INSERT INTO top_up (person_id, enabled, below, amount, monthly_cap) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (person_id) DO UPDATE SET enabled = excluded.enabled, below = excluded.below, amount = excluded.amount,
         monthly_cap = excluded.monthly_cap, stopped_code = NULL, stopped = NULL, updated_at = now()`,
      [row.person_id, row.enabled, row.below, row.amount, row.monthly_cap],
    );
  }

  async stop(tx: Transaction, person_id: string, code: string, sentence: string): Promise<void> {
    await tx.query('UPDATE top_up SET enabled = false, stopped_code = $2, stopped = $3, updated_at = now() WHERE person_id = $1', [
      person_id,
      code,
      sentence,
    ]);
  }

  /** Locked, so that a change of the cap waits for what is decided on. */
  async due(tx: Transaction, currency: string, limit: number): Promise<DueTopUp[]> {
    const { rows } = await tx.query<DueTopUp>(
      `SELECT t.*, m.sum AS this_month, m.number, to_char(now(), 'YYYY-MM') AS month
       FROM top_up t
       LEFT JOIN ledger_account a ON a.person_id = t.person_id AND a.code = 2000 AND a.currency = $1,
       LATERAL (${THIS_MONTH}) m
       WHERE t.enabled AND COALESCE(-a.balance, 0) < t.below AND m.sum + t.amount <= t.monthly_cap
         AND NOT EXISTS (SELECT 1 FROM deposit d WHERE d.person_id = t.person_id AND d.purpose = 'auto' AND d.state IN ('PENDING', 'OPEN'))
         AND NOT EXISTS (SELECT 1 FROM payer_block b WHERE b.person_id = t.person_id AND b.lifted_at IS NULL)
       ORDER BY t.person_id LIMIT $2 FOR UPDATE OF t SKIP LOCKED`,
      [currency, limit],
    );
    return rows;
  }
}
