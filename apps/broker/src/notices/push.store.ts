import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface PushRow {
  id: string;
  name: string;
  created_at: Date;
  last_sent_at: Date | null;
}

/** Browsers that take web push. */
@Injectable()
export class PushStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async list(person_id: string): Promise<PushRow[]> {
    const { rows } = await this.database.query<PushRow>(
      'SELECT id, name, created_at, last_sent_at FROM push_subscription WHERE person_id = $1 ORDER BY id',
      [person_id],
    );
    return rows;
  }

  /**
   * A browser that somebody else used before is this person's now, and what was still on its way to the other one is gone with the old row.
   * @returns its id; null where the person has so many already.
   */
  put(
    person_id: string,
    push: { id: string; endpoint: string; p256dh: string; auth: string; name: string },
    most: number,
  ): Promise<string | null> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('DELETE FROM push_subscription WHERE endpoint = $1 AND person_id <> $2', [push.endpoint, person_id]);
      const { rows } = await tx.query<{ id: string }>(
        `INSERT INTO push_subscription (id, person_id, endpoint, p256dh, auth, name)
         SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM push_subscription WHERE person_id = $2 AND endpoint <> $3) < $7
         ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth, name = excluded.name RETURNING id`,
        [push.id, person_id, push.endpoint, push.p256dh, push.auth, push.name, most],
      );
      return rows[0]?.id ?? null;
    });
  }

  async delete(person_id: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.query('DELETE FROM push_subscription WHERE person_id = $1 AND id = $2', [person_id, id]);
    return rowCount === 1;
  }

  async sent(id: string): Promise<void> {
    await this.database.query('UPDATE push_subscription SET last_sent_at = now() WHERE id = $1', [id]);
  }

  /** The browser is gone: the push service says so. */
  async gone(id: string): Promise<void> {
    await this.database.query('DELETE FROM push_subscription WHERE id = $1', [id]);
  }
}
