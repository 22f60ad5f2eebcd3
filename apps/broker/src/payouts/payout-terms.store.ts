import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro } from '#units';

export type PayoutSchedule = 'manual' | 'daily' | 'weekly' | 'monthly';

export interface PayoutTermsRow {
  person_id: string;
  schedule: PayoutSchedule;
  minimum: Micro | null;
  next_at: Date | null;
}

/** When a schedule pays next, from now: days begin at midnight UTC, weeks on Monday, months on the first. */
const NEXT = `CASE $2::text WHEN 'daily' THEN date_trunc('day', now()) + interval '1 day' WHEN 'weekly' THEN date_trunc('week', now()) + interval '1 week'
  WHEN 'monthly' THEN date_trunc('month', now()) + interval '1 month' END`;

@Injectable()
export class PayoutTermsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async get(person_id: string): Promise<PayoutTermsRow | null> {
    const { rows } = await this.database.query<PayoutTermsRow>('SELECT * FROM payout_terms WHERE person_id = $1', [person_id]);
    return rows[0] ?? null;
  }

  /** The zero row first, so that there is always one to lock: payouts of one person are asked for one after the other. */
  async lock(tx: Transaction, person_id: string): Promise<PayoutTermsRow> {
    await tx.query('INSERT INTO payout_terms (person_id) VALUES ($1) ON CONFLICT (person_id) DO NOTHING', [person_id]);
    const { rows } = await tx.query<PayoutTermsRow>('SELECT * FROM payout_terms WHERE person_id = $1 FOR UPDATE', [person_id]);
    if (!rows[0]) throw new Error(`the payout terms of ${person_id} are gone`);
    return rows[0];
  }

  async set(tx: Transaction, person_id: string, schedule: PayoutSchedule, minimum: Micro | null): Promise<void> {
    await tx.query(
      `INSERT INTO payout_terms (person_id, schedule, minimum, next_at) VALUES ($1, $2, $3, ${NEXT})
       ON CONFLICT (person_id) DO UPDATE SET schedule = excluded.schedule, minimum = excluded.minimum, next_at = excluded.next_at, updated_at = now()`,
      [person_id, schedule, minimum],
    );
  }

  async due(limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ person_id: string }>(
      `SELECT person_id FROM payout_terms WHERE schedule <> 'manual' AND next_at <= now() ORDER BY next_at LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.person_id);
  }

  /** Moves a schedule on. @returns the day it was due on; null when somebody else moved it. */
  async take(tx: Transaction, person_id: string): Promise<string | null> {
    const row = await this.lock(tx, person_id);
    const { rows } = await tx.query<{ was: string }>(
      `UPDATE payout_terms SET next_at = ${NEXT} WHERE person_id = $1 AND next_at <= now()
       RETURNING to_char($3::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS was`,
      [person_id, row.schedule, row.next_at],
    );
    return rows[0]?.was ?? null;
  }
}
