import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Movement, ObjectKind, ProviderNotice, ProviderTransaction } from '../provider/money-provider.js';

export type NoticeSource = 'platform' | 'connect' | 'pull';

/** Events of one object that wait to be applied. */
export interface PendingObject {
  readonly object_kind: ObjectKind;
  readonly object_id: string;
  readonly account: string | null;
  readonly event_ids: readonly string[];
  readonly attempts: number;
}

@Injectable()
export class InboxStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Keeps events by their ids, once. What concerns nothing we keep is noted as done. @returns how many were new. */
  async keep(notices: readonly ProviderNotice[], source: NoticeSource): Promise<number> {
    const { rowCount } = await this.database.query(
      `INSERT INTO provider_event (id, type, object_kind, object_id, account, source, happened_at, applied_at)
       SELECT e.id, e.type, COALESCE(e.kind, 'none'), COALESCE(e.object_id, ''), e.account, $7, e.at, CASE WHEN e.kind IS NULL THEN now() END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) AS e(id, type, kind, object_id, account, at)
       ON CONFLICT (id) DO NOTHING`,
      [
        notices.map(({ id }) => id),
        notices.map(({ type }) => type),
        notices.map(({ object }) => object?.kind ?? null),
        notices.map(({ object }) => object?.id ?? null),
        notices.map(({ account }) => account),
        notices.map(({ happened_at }) => happened_at),
        source,
      ],
    );
    return rowCount ?? 0;
  }

  /** Takes objects with events that are due, all their waiting events at a time: one reading answers them together. */
  async claim(limit: number, lease_s: number): Promise<PendingObject[]> {
    const { rows } = await this.database.query<PendingObject>(
      `WITH due AS (
         SELECT DISTINCT object_kind, object_id, account FROM (
           SELECT object_kind, object_id, account FROM provider_event
           WHERE applied_at IS NULL AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED) d
       ), taken AS (
         UPDATE provider_event e SET attempts = attempts + 1, next_at = now() + make_interval(secs => $2)
         FROM due d WHERE e.object_kind = d.object_kind AND e.object_id = d.object_id AND e.account IS NOT DISTINCT FROM d.account
           AND e.applied_at IS NULL
         RETURNING e.id, e.object_kind, e.object_id, e.account, e.attempts
       )
       SELECT object_kind, object_id, account, array_agg(id) AS event_ids, max(attempts) AS attempts FROM taken
       GROUP BY object_kind, object_id, account`,
      [limit, lease_s],
    );
    return rows;
  }

  async applied(tx: Transaction, event_ids: readonly string[], note: string | null = null): Promise<void> {
    if (event_ids.length > 0)
      await tx.query('UPDATE provider_event SET applied_at = now(), error = $2 WHERE id = ANY($1) AND applied_at IS NULL', [
        event_ids,
        note,
      ]);
  }

  async postpone(event_ids: readonly string[], error: string, wait_ms: number): Promise<void> {
    await this.database.query(
      `UPDATE provider_event SET error = $2, next_at = now() + make_interval(secs => $3 / 1000.0) WHERE id = ANY($1) AND applied_at IS NULL`,
      [event_ids, error, wait_ms],
    );
  }

  /** A number for a reading that begins now: later readings have larger ones. */
  async beginReading(): Promise<bigint> {
    const { rows } = await this.database.query<{ reading: bigint }>(`SELECT nextval('provider_reading') AS reading`);
    return rows[0]?.reading ?? 0n;
  }

  /** Lets a reading of an object through unless one that began later has been applied; holds the object until commit. */
  async isNewest(tx: Transaction, object: string, reading: bigint): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO provider_object (object_id, reading) VALUES ($1, $2)
       ON CONFLICT (object_id) DO UPDATE SET reading = excluded.reading, applied_at = now() WHERE provider_object.reading < excluded.reading`,
      [object, reading],
    );
    return rowCount === 1;
  }

  /** Remembers an effect for ever. @returns false when the object has had it. @throws when its movement is already another effect's. */
  async firstTime(tx: Transaction, object_id: string, effect: string, movement: Movement | null): Promise<boolean> {
    // No conflict is named: of two that come at once the later may meet the earlier at either of the table's keys.
    const { rowCount } = await tx.query(
      'INSERT INTO provider_effect (object_id, effect, transaction_id, net) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [object_id, effect, movement?.id ?? null, movement?.net ?? null],
    );
    if (rowCount === 1) return true;
    const had = await tx.query('SELECT 1 FROM provider_effect WHERE object_id = $1 AND effect = $2', [object_id, effect]);
    if (had.rowCount === 1) return false;
    throw new Error(`the movement ${movement?.id} of ${object_id} (${effect}) is already another effect`);
  }

  async keepTransactions(list: readonly ProviderTransaction[]): Promise<void> {
    await this.database.query(
      `INSERT INTO provider_transaction (id, type, source_id, amount, fee, net, available, happened_at)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[], $8::timestamptz[])
       ON CONFLICT (id) DO UPDATE SET available = excluded.available WHERE NOT provider_transaction.available AND excluded.available`,
      [
        list.map(({ id }) => id),
        list.map(({ type }) => type),
        list.map(({ source_id }) => source_id),
        list.map(({ amount }) => amount),
        list.map(({ fee }) => fee),
        list.map(({ net }) => net),
        list.map(({ available }) => available),
        list.map(({ happened_at }) => happened_at),
      ],
    );
  }

  /** How far a list was read, less `overlap_s`; long ago before the first time. */
  async cursor(name: string, overlap_s: number): Promise<{ since: Date; now: Date }> {
    const { rows } = await this.database.query<{ since: Date; now: Date }>(
      `SELECT COALESCE((SELECT at FROM provider_cursor WHERE name = $1), now() - interval '30 days') - make_interval(secs => $2) AS since, now() AS now`,
      [name, overlap_s],
    );
    return rows[0] ?? { since: new Date(0), now: new Date() };
  }

  async moveCursor(name: string, at: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO provider_cursor (name, at) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET at = GREATEST(provider_cursor.at, excluded.at), updated_at = now()`,
      [name, at],
    );
  }

  async raiseAlarm(name: string, detail: string): Promise<void> {
    await this.database.query(
      `INSERT INTO provider_alarm (name, count, detail) VALUES ($1, 1, $2)
       ON CONFLICT (name) DO UPDATE SET count = provider_alarm.count + 1, detail = excluded.detail, last_at = now()`,
      [name, detail],
    );
  }
}
