import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { NoticeKindName } from '#protocol';
import type { Reason } from './deliveries.store.js';

export interface WebhookRow {
  id: string;
  url: string;
  kinds: NoticeKindName[];
  state: 'ACTIVE' | 'DISABLED';
  reason_code: string;
  reason: string;
  generation: number;
  old_until: Date | null;
  created_at: Date;
}

const OVERLAP = "interval '1 day'";
const COLUMNS = `id, url, kinds, state, reason_code, reason, generation, CASE WHEN old_until > now() THEN old_until END AS old_until, created_at`;

@Injectable()
export class WebhooksStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false where the person has so many already; of several at once one may be more. */
  async insert(
    person_id: string,
    webhook: { id: string; url: string; kinds: readonly string[]; reason: Reason },
    most: number,
  ): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `INSERT INTO webhook (id, person_id, url, kinds, reason_code, reason)
       SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM webhook WHERE person_id = $2) < $7`,
      [webhook.id, person_id, webhook.url, webhook.kinds, webhook.reason.code, webhook.reason.sentence, most],
    );
    return rowCount === 1;
  }

  async list(person_id: string): Promise<WebhookRow[]> {
    const { rows } = await this.database.query<WebhookRow>(`SELECT ${COLUMNS} FROM webhook WHERE person_id = $1 ORDER BY id`, [person_id]);
    return rows;
  }

  async find(person_id: string, id: string): Promise<WebhookRow | null> {
    const { rows } = await this.database.query<WebhookRow>(`SELECT ${COLUMNS} FROM webhook WHERE person_id = $1 AND id = $2`, [
      person_id,
      id,
    ]);
    return rows[0] ?? null;
  }

  async delete(person_id: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.query('DELETE FROM webhook WHERE person_id = $1 AND id = $2', [person_id, id]);
    return rowCount === 1;
  }

  async setKinds(person_id: string, id: string, kinds: readonly string[]): Promise<void> {
    await this.database.query('UPDATE webhook SET kinds = $3 WHERE person_id = $1 AND id = $2', [person_id, id, kinds]);
  }

  /** By its person. */
  async setState(person_id: string, id: string, state: WebhookRow['state'], reason: Reason): Promise<void> {
    await this.database.query(
      `UPDATE webhook SET state = $3, reason_code = $4, reason = $5, failing_since = NULL, disabled_at = NULL
       WHERE person_id = $1 AND id = $2 AND state <> $3`,
      [person_id, id, state, reason.code, reason.sentence],
    );
  }

  /** @returns the new generation of its secret. */
  async rotate(person_id: string, id: string): Promise<number | null> {
    const { rows } = await this.database.query<{ generation: number }>(
      `UPDATE webhook SET generation = generation + 1, old_until = now() + ${OVERLAP} WHERE person_id = $1 AND id = $2 RETURNING generation`,
      [person_id, id],
    );
    return rows[0]?.generation ?? null;
  }

  async worked(id: string): Promise<void> {
    await this.database.query('UPDATE webhook SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL', [id]);
  }

  async failed(id: string): Promise<void> {
    await this.database.query('UPDATE webhook SET failing_since = now() WHERE id = $1 AND failing_since IS NULL', [id]);
  }

  /** Gives one up that nothing has reached for so long. @returns whether it did. */
  async giveUp(id: string, after_h: number, reason: Reason): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE webhook SET state = 'DISABLED', disabled_at = now(), reason_code = $3, reason = $4
       WHERE id = $1 AND state = 'ACTIVE' AND failing_since <= now() - make_interval(hours => $2)`,
      [id, after_h, reason.code, reason.sentence],
    );
    return rowCount === 1;
  }
}
