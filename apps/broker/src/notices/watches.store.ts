import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { NoticeKindName } from '#protocol';
import { DEVELOPER_WATCHES } from './developer-watches.store.js';
import { ADMIN_WATCHES } from './heap-watches.store.js';
import { OWNER_WATCHES } from './owner-watches.store.js';
import { NEW_DEVICES, SECURITY_WATCHES } from './security-watches.store.js';
import type { Watch } from './watches.js';

/** Something that happened to somebody. */
export interface Cause {
  person_id: string;
  kind: NoticeKindName;
  /** The same for the same thing, whoever finds it and how often. */
  cause: string;
  params: Record<string, unknown>;
}

export const WATCHES: readonly Watch[] = [...SECURITY_WATCHES, ...OWNER_WATCHES, ...DEVELOPER_WATCHES, ...ADMIN_WATCHES];

/** Longer than a transaction may take: what it wrote carries the time it began at and appears with its commit. */
const OVERLAP = "interval '10 minutes'";
/** Rows of one look; where there are more, the next look goes on. */
export const LOOK_ROWS = 500;

@Injectable()
export class WatchesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Lets watches that are new begin now. */
  async begin(): Promise<void> {
    await this.database.query('INSERT INTO notice_watch (name) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING', [
      WATCHES.map(({ name }) => name),
    ]);
  }

  /** Since when a watch has to look. */
  async since(tx: Transaction, { name }: Watch): Promise<Date> {
    const { rows } = await tx.query<{ since: Date }>(
      `SELECT GREATEST(began_at, looked_at - ${OVERLAP}) AS since FROM notice_watch WHERE name = $1`,
      [name],
    );
    return rows[0]?.since ?? new Date();
  }

  /** What nobody has been told yet. */
  async look(tx: Transaction, watch: Watch, since: Date, { minimum, currency }: { minimum: number; currency: string }): Promise<Cause[]> {
    if (watch.name === 'sign_ins') await tx.query(NEW_DEVICES, [since]);
    const { rows } = await tx.query<Cause>(
      `WITH given AS MATERIALIZED (SELECT $1::timestamptz AS since, $2::bigint AS minimum, $3::text AS currency)
       SELECT w.* FROM (${watch.sql}) w
       WHERE w.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.person_id = w.person_id AND n.cause = w.cause) LIMIT ${LOOK_ROWS}`,
      [since, minimum, currency],
    );
    return rows;
  }

  async looked(tx: Transaction, { name }: Watch): Promise<void> {
    await tx.query('UPDATE notice_watch SET looked_at = now() WHERE name = $1', [name]);
  }

  /** Old notices, and more than anybody reads. */
  async forget({ days, each }: { days: number; each: number }): Promise<void> {
    await this.database.query(`DELETE FROM notice WHERE created_at < now() - make_interval(days => $1)`, [days]);
    await this.database.query(
      `DELETE FROM notice WHERE id IN (
         SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY person_id ORDER BY id DESC) AS place FROM notice WHERE created_at < now() - interval '1 day') n
         WHERE place > $1)`,
      [each],
    );
  }
}
