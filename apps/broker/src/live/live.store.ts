import { Inject, Injectable } from '@nestjs/common';
import { Database, NOT_FLUSHED } from '#database';
import type { PersonCaller } from '../platform/http/caller.js';

export type TicketHolder = Pick<PersonCaller, 'person_id' | 'via' | 'credential_id'>;

/** Tickets that nobody used are swept by those that are made, so many at a time. */
const SWEPT = 20;

/** Tickets for sockets: in the database, since the socket may come to another process than the request. */
@Injectable()
export class LiveStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns until when it is good. */
  async insert(hash: Buffer, { person_id, via, credential_id }: TicketHolder, good_for_ms: number): Promise<Date> {
    const { rows } = await this.database.query<{ expires_at: Date }>(
      `WITH over AS (
         DELETE FROM live_ticket WHERE hash IN (SELECT hash FROM live_ticket WHERE expires_at < now() LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED)
       )
       INSERT INTO live_ticket (hash, person_id, via, credential_id, expires_at)
       SELECT $1, $2, $3, $4, now() + make_interval(secs => $5::float8 / 1000) FROM ${NOT_FLUSHED} WHERE flushed = 'off' RETURNING expires_at`,
      [hash, person_id, via, credential_id, good_for_ms],
    );
    return rows[0]?.expires_at as Date;
  }

  /** Uses a ticket up. @returns null for one that is unknown, used or over. */
  async take(hash: Buffer): Promise<TicketHolder | null> {
    const { rows } = await this.database.query<TicketHolder & { good: boolean }>(
      'DELETE FROM live_ticket WHERE hash = $1 RETURNING person_id, via, credential_id, expires_at > now() AS good',
      [hash],
    );
    const [row] = rows;
    return row?.good ? { person_id: row.person_id, via: row.via, credential_id: row.credential_id } : null;
  }
}
