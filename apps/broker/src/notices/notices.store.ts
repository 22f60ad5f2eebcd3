import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { NoticeChannel, NoticeGroup, NoticeKindName, QuietHours } from '#protocol';
import { NOTICE_KIND_NAMES } from '#protocol';

export interface NewNotice {
  id: string;
  person_id: string;
  kind: NoticeKindName;
  cause: string;
  params: Record<string, unknown>;
  shown: boolean;
}

export interface NoticeRow {
  id: string;
  kind: NoticeKindName;
  params: Record<string, unknown>;
  created_at: Date;
  read_at: Date | null;
}

/** Where notices of a person may go. */
export interface Reach {
  person_id: string;
  email: string;
  email_verified: boolean;
  choices: { group: NoticeGroup; channel: NoticeChannel; on: boolean }[];
  quiet_hours: QuietHours | null;
  push_ids: string[];
  webhooks: { id: string; kinds: NoticeKindName[] }[];
}

const FEED = `shown AND kind = ANY($2)`;

/** The feed, and whom a notice reaches. */
@Injectable()
export class NoticesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async reachOf(person_ids: readonly string[], db: Queryable = this.database): Promise<Reach[]> {
    const { rows } = await db.query<Reach>(
      `SELECT p.id AS person_id, p.email, p.email_verified,
         COALESCE((SELECT jsonb_agg(jsonb_build_object('group', c.notice_group, 'channel', c.channel, 'on', c."on")) FROM notice_choice c WHERE c.person_id = p.id), '[]') AS choices,
         (SELECT jsonb_build_object('from_minute', q.from_minute, 'until_minute', q.until_minute, 'time_zone', q.time_zone) FROM quiet_hours q WHERE q.person_id = p.id) AS quiet_hours,
         ARRAY(SELECT s.id FROM push_subscription s WHERE s.person_id = p.id) AS push_ids,
         COALESCE((SELECT jsonb_agg(jsonb_build_object('id', w.id, 'kinds', w.kinds)) FROM webhook w WHERE w.person_id = p.id AND w.state = 'ACTIVE'), '[]') AS webhooks
       FROM person p WHERE p.id = ANY($1)`,
      [person_ids],
    );
    return rows;
  }

  /** @returns those that were not there yet: a cause is told once. */
  async insert(tx: Transaction, notices: readonly NewNotice[]): Promise<Set<string>> {
    const { rows } = await tx.query<{ id: string }>(
      `INSERT INTO notice (id, person_id, kind, cause, params, shown)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::boolean[])
       ON CONFLICT (person_id, cause) DO NOTHING RETURNING id`,
      [
        notices.map((n) => n.id),
        notices.map((n) => n.person_id),
        notices.map((n) => n.kind),
        notices.map((n) => n.cause),
        notices.map((n) => JSON.stringify(n.params)),
        notices.map((n) => n.shown),
      ],
    );
    return new Set(rows.map((row) => row.id));
  }

  async page(
    person_id: string,
    { before, unread, limit }: { before: string | null; unread: boolean; limit: number },
  ): Promise<NoticeRow[]> {
    const { rows } = await this.database.query<NoticeRow>(
      `SELECT id, kind, params, created_at, read_at FROM notice
       WHERE person_id = $1 AND ${FEED} AND ($3::uuid IS NULL OR id < $3) AND (NOT $4 OR read_at IS NULL) ORDER BY id DESC LIMIT $5`,
      [person_id, NOTICE_KIND_NAMES, before, unread, limit],
    );
    return rows;
  }

  async unread(person_id: string): Promise<number> {
    const { rows } = await this.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM notice WHERE person_id = $1 AND ${FEED} AND read_at IS NULL`,
      [person_id, NOTICE_KIND_NAMES],
    );
    return rows[0]?.n ?? 0;
  }

  /** @returns whether any was unread. */
  async read(person_id: string, { ids, up_to }: { ids: readonly string[]; up_to: string | null }): Promise<boolean> {
    const { rowCount } = await this.database.query(
      'UPDATE notice SET read_at = now() WHERE person_id = $1 AND read_at IS NULL AND (id = ANY($2) OR id <= $3::uuid)',
      [person_id, ids, up_to],
    );
    return (rowCount ?? 0) > 0;
  }
}
