import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { newId } from '../platform/ids.js';
import type { Finding, Signs } from './alerts.js';

export interface AlertRow extends Finding {
  id: string;
  raised_at: Date;
  cleared_at: Date | null;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  note: string | null;
}

@Injectable()
export class AlertsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async signs(): Promise<Omit<Signs, 'connected_hour' | 'admin_log_intact' | 'provider_alarms' | 'repair_bytes_per_day'>> {
    const { rows } = await this.database.query<
      Omit<Signs, 'connected_hour' | 'admin_log_intact' | 'provider_alarms' | 'repair_bytes_per_day'>
    >(
      `SELECT (SELECT count(*)::int FROM payout WHERE state = 'UNKNOWN' AND updated_at < now() - interval '1 hour') AS payouts_unknown,
         (SELECT min(created_at) FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN')) AS outbox_oldest_at,
         (SELECT min(received_at) FROM provider_event WHERE applied_at IS NULL) AS inbox_oldest_at,
         (SELECT count(*)::int FROM objection WHERE state = 'OPEN' AND decide_by < now() + interval '3 days') AS objections_due,
         (SELECT count(*)::int FROM penalty WHERE state = 'ACTIVE' AND appealed_at IS NOT NULL AND decided_at IS NULL) AS appeals_open,
         (SELECT count(*)::int FROM gateway WHERE seen_at > now() - interval '15 seconds') AS gateways,
         (SELECT count(*)::int FROM volume_segment WHERE look_at < now() - interval '1 hour') AS repairs_waiting,
         COALESCE((SELECT bytes FROM repair_day WHERE day = (now() AT TIME ZONE 'UTC')::date), 0)::float8 AS repair_bytes_today`,
    );
    if (!rows[0]) throw new Error('the signs are one row');
    return rows[0];
  }

  /** Those of the last day: an alarm counts up for ever. */
  async providerAlarms(): Promise<{ name: string; count: number; detail: string }[]> {
    const { rows } = await this.database.query<{ name: string; count: number; detail: string }>(
      `SELECT name, count::float8 AS count, detail FROM provider_alarm WHERE last_at > now() - interval '1 day' ORDER BY name`,
    );
    return rows;
  }

  /**
   * Makes the alerts that stand those that were found. Whoever does so at the same time waits, so that each is raised once.
   * @returns what is new and what is over.
   */
  async replace(tx: Transaction, found: readonly Finding[]): Promise<{ raised: AlertRow[]; cleared: AlertRow[] }> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('heap alerts', 0))");
    const values = [
      found.map(() => newId()),
      ...(['code', 'subject', 'severity', 'weight', 'sentence', 'link'] as const).map((key) => found.map((one) => one[key])),
    ];
    const { rows: raised } = await tx.query<AlertRow & { is_new: boolean }>(
      `INSERT INTO heap_alert AS a (id, code, subject, severity, weight, sentence, link)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[])
       ON CONFLICT (code, subject) WHERE cleared_at IS NULL DO UPDATE
         SET severity = excluded.severity, weight = excluded.weight, sentence = excluded.sentence, link = excluded.link
       RETURNING a.*, a.xmax = 0 AS is_new`,
      values,
    );
    const { rows: cleared } = await tx.query<AlertRow>(
      'UPDATE heap_alert SET cleared_at = now() WHERE cleared_at IS NULL AND id <> ALL($1) RETURNING *',
      [raised.map(({ id }) => id)],
    );
    return { raised: raised.filter(({ is_new }) => is_new), cleared };
  }

  /** Those that stand, the weightiest first. */
  async standing(db: Queryable = this.database): Promise<AlertRow[]> {
    return (await db.query<AlertRow>('SELECT * FROM heap_alert WHERE cleared_at IS NULL ORDER BY weight DESC, raised_at, id')).rows;
  }

  async list(page: { open?: 'true' | 'false' | undefined; before?: string | undefined; limit: number }): Promise<AlertRow[]> {
    const { rows } = await this.database.query<AlertRow>(
      `SELECT * FROM heap_alert WHERE ($1::bool IS NULL OR (cleared_at IS NULL) = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [page.open === undefined ? null : page.open === 'true', page.before ?? null, page.limit],
    );
    return rows;
  }

  /** @returns null when there is no such alert. */
  async acknowledge(tx: Transaction, id: string, admin_id: string, note: string): Promise<AlertRow | null> {
    const { rows } = await tx.query<AlertRow>(
      'UPDATE heap_alert SET acknowledged_at = now(), acknowledged_by = $2, note = $3 WHERE id = $1 RETURNING *',
      [id, admin_id, note],
    );
    return rows[0] ?? null;
  }

  async forget(): Promise<void> {
    await this.database.query("DELETE FROM heap_alert WHERE cleared_at < now() - interval '400 days'");
  }
}
