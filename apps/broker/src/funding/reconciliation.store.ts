import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro } from '#units';

export interface OpenTransaction {
  id: string;
  type: string;
  net: Micro;
  suspended: boolean;
}

@Injectable()
export class ReconciliationStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Notes the movements that an effect of the same amount explains. @returns those among them that stood in suspense. */
  async explain(tx: Transaction): Promise<OpenTransaction[]> {
    const { rows } = await tx.query<OpenTransaction>(
      `UPDATE provider_transaction t SET explained_at = now() FROM provider_effect e
       WHERE e.transaction_id = t.id AND e.net = t.net AND t.explained_at IS NULL
       RETURNING t.id, t.type, t.net, t.suspended_at IS NOT NULL AS suspended`,
    );
    return rows.filter(({ suspended }) => suspended);
  }

  /** Takes movements that nothing has explained for `grace_s` into suspense. */
  async suspend(tx: Transaction, grace_s: number, limit: number): Promise<OpenTransaction[]> {
    const { rows } = await tx.query<OpenTransaction>(
      `UPDATE provider_transaction SET suspended_at = now()
       WHERE id IN (SELECT id FROM provider_transaction WHERE explained_at IS NULL AND suspended_at IS NULL AND net <> 0
                      AND seen_at < now() - make_interval(secs => $1) ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING id, type, net, true AS suspended`,
      [grace_s, limit],
    );
    return rows;
  }

  /** Effects whose amount is not that of the provider's movement. */
  async differing(): Promise<{ id: string; net: Micro; effect_net: Micro | null }[]> {
    const { rows } = await this.database.query<{ id: string; net: Micro; effect_net: Micro | null }>(
      `SELECT t.id, t.net, e.net AS effect_net FROM provider_transaction t JOIN provider_effect e ON e.transaction_id = t.id
       WHERE t.explained_at IS NULL AND e.net IS DISTINCT FROM t.net LIMIT 100`,
    );
    return rows;
  }

  /** Nothing is on its way to the provider or from it: only then the two balances can be compared. */
  async isQuiet(): Promise<boolean> {
    const { rows } = await this.database.query<{ quiet: boolean }>(
      `SELECT NOT EXISTS (SELECT 1 FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN'))
          AND NOT EXISTS (SELECT 1 FROM provider_event WHERE applied_at IS NULL) AS quiet`,
    );
    return rows[0]?.quiet ?? false;
  }

  /** Keeps a comparison of the two balances for the audit (I15). */
  async keepReading(currency: string, theirs: Micro, ours: Micro): Promise<void> {
    await this.database.query(
      `INSERT INTO provider_balance (currency, theirs, ours) VALUES ($1, $2, $3)
       ON CONFLICT (currency) DO UPDATE SET theirs = excluded.theirs, ours = excluded.ours, made_at = now()`,
      [currency, theirs, ours],
    );
  }

  /** People whose money nothing new may run on. */
  async blocked(): Promise<string[]> {
    const { rows } = await this.database.query<{ person_id: string }>('SELECT DISTINCT person_id FROM payer_block WHERE lifted_at IS NULL');
    return rows.map((row) => row.person_id);
  }
}
