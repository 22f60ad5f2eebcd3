import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

export interface SpentRow {
  /** Null in the sums by job, and in the total. */
  day: string | null;
  job_id: string | null;
  name: string | null;
  charged: Micro;
  refunded: Micro;
  promo: Micro;
}

/** What of each charge and each refund moved a developer's own money: from the journal, day by day of UTC. */
const SPENT = `SELECT to_char(j.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, (j.refs->>'job_id')::uuid AS job_id, sum(e.amount) AS charged,
    0 AS refunded, 0 AS promo
  FROM ledger_account a JOIN journal_entry e ON e.account_id = a.id JOIN journal j ON j.id = e.journal_id
  WHERE a.person_id = $1 AND a.currency = $2 AND a.code = 2010 AND j.kind = 'verifier.charged'
    AND j.created_at >= $3::date::timestamp AT TIME ZONE 'UTC' AND j.created_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
  GROUP BY j.id
  UNION ALL SELECT to_char(j.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, c.job_id,
    CASE WHEN j.kind = 'capture' THEN sum(e.amount) ELSE 0 END AS charged, CASE WHEN j.kind = 'capture' THEN 0 ELSE -sum(e.amount) END AS refunded,
    CASE WHEN j.kind = 'capture' THEN max(c.promo) ELSE COALESCE(sum(e.amount) FILTER (WHERE a.code = 2020), 0) END AS promo
  FROM ledger_account a JOIN journal_entry e ON e.account_id = a.id JOIN journal j ON j.id = e.journal_id
  JOIN capture c ON c.id = (j.refs->>'capture_id')::uuid
  WHERE a.person_id = $1 AND a.currency = $2 AND a.code IN (2000, 2010, 2020) AND j.kind IN ('capture', 'refund', 'clawback')
    AND j.created_at >= $3::date::timestamp AT TIME ZONE 'UTC' AND j.created_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
  GROUP BY j.id, c.id`;

@Injectable()
export class SpendingStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** From the first of the month until today, by the database's clock. */
  async thisMonth(): Promise<{ from: string; to: string }> {
    const { rows } = await this.database.query<{ from: string; to: string }>(
      `SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS from, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS to`,
    );
    return rows[0] ?? { from: '', to: '' };
  }

  /** One reading gives the parts and the total, so that they always agree. */
  async spent(person_id: string, currency: string, from: string, to: string): Promise<SpentRow[]> {
    const { rows } = await this.database.query<SpentRow>(
      `SELECT s.day, s.job_id, max(COALESCE(job.name, reservation.name)) AS name, sum(charged)::bigint AS charged, sum(refunded)::bigint AS refunded,
         sum(promo)::bigint AS promo
       FROM (${SPENT}) s LEFT JOIN job ON job.id = s.job_id LEFT JOIN reservation ON reservation.id = s.job_id
       GROUP BY GROUPING SETS ((), (s.day), (s.job_id)) ORDER BY s.day DESC, charged DESC`,
      [person_id, currency, from, to],
    );
    return rows;
  }
}
