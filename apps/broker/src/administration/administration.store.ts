import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Micro } from '#units';
import type { StoredEntry } from './manual.js';

export interface ManualRow {
  id: string;
  state: 'PROPOSED' | 'APPROVED' | 'REJECTED';
  expired: boolean;
  reason: string;
  entries: StoredEntry[];
  transaction_id: string | null;
  proposed_by: string;
  proposed_at: Date;
  expires_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
}

const PROPOSAL_HOURS = 72;
const MANUAL = `SELECT *, state = 'PROPOSED' AND expires_at <= now() AS expired FROM manual_journal`;

/** Journals by hand. */
@Injectable()
export class AdministrationStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(
    tx: Transaction,
    manual: Pick<ManualRow, 'id' | 'reason' | 'entries' | 'transaction_id' | 'proposed_by'> & { custody: Micro },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO manual_journal (id, reason, entries, custody, transaction_id, proposed_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(hours => $7))`,
      [manual.id, manual.reason, JSON.stringify(manual.entries), manual.custody, manual.transaction_id, manual.proposed_by, PROPOSAL_HOURS],
    );
  }

  async find(id: string, db: Queryable = this.database): Promise<ManualRow | null> {
    const { rows } = await db.query<ManualRow>(`${MANUAL} WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  async list(limit: number): Promise<ManualRow[]> {
    const { rows } = await this.database.query<ManualRow>(`${MANUAL} ORDER BY proposed_at DESC, id LIMIT $1`, [limit]);
    return rows;
  }

  /** Once, in its time, and approved only by somebody else. @returns false when it was none of these. */
  async decide(tx: Transaction, id: string, to: 'APPROVED' | 'REJECTED', admin_id: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE manual_journal SET state = $2, decided_by = $3, decided_at = now()
       WHERE id = $1 AND state = 'PROPOSED' AND expires_at > now() AND ($2 = 'REJECTED' OR proposed_by <> $3)`,
      [id, to, admin_id],
    );
    return rowCount === 1;
  }

  async suspended(transaction_id: string): Promise<{ net: Micro } | null> {
    const { rows } = await this.database.query<{ net: Micro }>(
      'SELECT net FROM provider_transaction WHERE id = $1 AND suspended_at IS NOT NULL AND explained_at IS NULL',
      [transaction_id],
    );
    return rows[0] ?? null;
  }

  /** @returns its net, or null when something else has explained it. */
  async explained(tx: Transaction, transaction_id: string): Promise<Micro | null> {
    const { rows } = await tx.query<{ net: Micro }>(
      `UPDATE provider_transaction SET explained_at = now() WHERE id = $1 AND suspended_at IS NOT NULL AND explained_at IS NULL RETURNING net`,
      [transaction_id],
    );
    return rows[0]?.net ?? null;
  }
}
