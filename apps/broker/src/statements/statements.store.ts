import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Micro } from '#units';

export type Part = 'developer' | 'owner' | 'partner';

export interface LineRow {
  part: Part;
  day: string;
  kind: string;
  subject: string | null;
  amount: Micro;
}

export interface BalanceRow {
  part: Part;
  opening: Micro;
  closing: Micro;
}

export interface StoredRow {
  number: string;
  part: Part;
  month: string;
  currency: string;
  content: unknown;
  created_at: Date;
}

/**
 * Everything that moved a person's accounts, with the part in which it did. A share in its holdback lies in 2100 beside earnings, and a
 * payout in 2130: whose it is says the capture or the payout. Natural sign: what came to the person is positive.
 */
const MOVEMENTS = `SELECT j.id, j.kind, j.created_at, -e.amount AS amount,
    COALESCE(c.job_id::text, j.refs->>'job_id', j.refs->>'payout_id', j.refs->>'deposit_id', j.refs->>'grant_id', j.refs->>'dispute_id') AS subject,
    CASE WHEN a.code IN (1110, 2000, 2010, 2020, 2030) THEN 'developer'
      WHEN a.code = 2150 OR (a.code IN (1100, 2100) AND c.partner_id = a.person_id) OR (a.code = 2130 AND p.payee = 'partner') THEN 'partner'
      ELSE 'owner' END AS part
  FROM ledger_account a JOIN journal_entry e ON e.account_id = a.id JOIN journal j ON j.id = e.journal_id
  LEFT JOIN capture c ON c.id = (j.refs->>'capture_id')::uuid LEFT JOIN payout p ON p.id = (j.refs->>'payout_id')::uuid
  WHERE a.person_id = $1 AND a.currency = $2`;
const MONTH = `($3::text || '-01')::timestamp AT TIME ZONE 'UTC'`;
const NEXT = `(($3::text || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC'`;

@Injectable()
export class StatementsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Balances and lines of a month as of one moment, so that they add up while money moves. */
  month(person_id: string, currency: string, month: string): Promise<{ balances: BalanceRow[]; lines: LineRow[] }> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      const values = [person_id, currency, month];
      const balances = await tx.query<BalanceRow>(
        `SELECT part, COALESCE(sum(amount) FILTER (WHERE created_at < ${MONTH}), 0)::bigint AS opening, COALESCE(sum(amount), 0)::bigint AS closing
         FROM (${MOVEMENTS}) m WHERE created_at < ${NEXT} GROUP BY part`,
        values,
      );
      const lines = await tx.query<LineRow>(
        `SELECT part, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, kind, subject, sum(amount)::bigint AS amount
         FROM (${MOVEMENTS}) m WHERE created_at >= ${MONTH} AND created_at < ${NEXT}
         GROUP BY part, 2, kind, subject HAVING sum(amount) <> 0 ORDER BY 2, min(id)`,
        values,
      );
      return { balances: balances.rows, lines: lines.rows };
    });
  }

  /** The month that runs, by the database's clock. */
  async thisMonth(): Promise<string> {
    const { rows } = await this.database.query<{ month: string }>(`SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM') AS month`);
    return rows[0]?.month ?? '';
  }

  /** Of the last three months that have been over for an hour (what began in them has ended), those in which somebody has no document yet. */
  async toWrite(limit: number): Promise<{ person_id: string; month: string }[]> {
    const { rows } = await this.database.query<{ person_id: string; month: string }>(
      `SELECT DISTINCT a.person_id, m.month FROM (
         SELECT to_char(start, 'YYYY-MM') AS month, start AT TIME ZONE 'UTC' AS since, (start + interval '1 month') AT TIME ZONE 'UTC' AS until
         FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '3 months',
           date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month', interval '1 month') AS start) m
       JOIN journal j ON j.created_at >= m.since AND j.created_at < m.until AND m.until < now() - interval '1 hour'
       JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
       WHERE a.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.person_id = a.person_id AND s.month = m.month)
       ORDER BY m.month, a.person_id LIMIT $1`,
      [limit],
    );
    return rows;
  }

  /**
   * The next number of a series, without a gap: it is counted up in the transaction that uses it, and held until that ends.
   * @returns null when the document is there already, and nothing was counted.
   */
  async nextNumber(tx: Transaction, series: string, person_id: string, part: Part, month: string): Promise<number | null> {
    await tx.query('INSERT INTO invoice_series (series) VALUES ($1) ON CONFLICT (series) DO NOTHING', [series]);
    await tx.query('SELECT 1 FROM invoice_series WHERE series = $1 FOR UPDATE', [series]);
    const there = await tx.query('SELECT 1 FROM statement WHERE person_id = $1 AND part = $2 AND month = $3', [person_id, part, month]);
    if (there.rows.length > 0) return null;
    const { rows } = await tx.query<{ last: number }>('UPDATE invoice_series SET last = last + 1 WHERE series = $1 RETURNING last', [
      series,
    ]);
    return rows[0]?.last ?? null;
  }

  async insert(
    tx: Transaction,
    statement: { id: string; person_id: string; part: Part; month: string; number: string; currency: string; content: object },
  ): Promise<void> {
    const { id, person_id, part, month, number, currency, content } = statement;
    await tx.query('INSERT INTO statement (id, person_id, part, month, number, currency, content) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      person_id,
      part,
      month,
      number,
      currency,
      JSON.stringify(content),
    ]);
  }

  async listOf(person_id: string): Promise<StoredRow[]> {
    const { rows } = await this.database.query<StoredRow>(`${STORED} WHERE person_id = $1 ORDER BY month DESC, part`, [person_id]);
    return rows;
  }

  /** By its number, or as `<part>-<month>`. */
  async find(person_id: string, name: string, db: Queryable = this.database): Promise<StoredRow | null> {
    const { rows } = await db.query<StoredRow>(`${STORED} WHERE person_id = $1 AND (number = $2 OR part || '-' || month = $2)`, [
      person_id,
      name,
    ]);
    return rows[0] ?? null;
  }
}

const STORED = 'SELECT number, part, month, currency, content, created_at FROM statement';
