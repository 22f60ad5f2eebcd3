import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { MarketName, Micro } from '#units';
import { firstIdSince } from '../platform/ids.js';

/** Ids are made before their row is written, by another clock. */
const SLACK_MS = 10_000;

/** What everybody may know. */
@Injectable()
export class PublicFiguresStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async nodesOnline(): Promise<number> {
    const { rows } = await this.database.query<{ nodes: number }>(
      "SELECT count(*)::int AS nodes FROM node WHERE state IN ('ONLINE', 'PAUSED')",
    );
    return rows[0]?.nodes ?? 0;
  }

  /** Results charged in the last day: those of the minutes that were counted, and those since the last of them one by one. */
  async tasksOfDay(): Promise<number> {
    const { rows } = await this.database.query<{ counted: number; until: Date; age_ms: number }>(
      `SELECT COALESCE(sum(mean * 60), 0)::float8 AS counted, u.until, (extract(epoch FROM now() - u.until) * 1000)::float8 AS age_ms
       FROM (SELECT COALESCE(max(from_at), now() - interval '1 day') AS until FROM heap_sample
             WHERE metric = 'tasks_per_second' AND term_ms = 60000 AND from_at > now() - interval '1 day') AS u
       LEFT JOIN heap_sample s ON s.metric = 'tasks_per_second' AND s.term_ms = 60000 AND s.from_at > now() - interval '1 day'
       GROUP BY u.until`,
    );
    const { counted, until, age_ms } = rows[0] ?? { counted: 0, until: new Date(0), age_ms: 0 };
    const since = await this.database.query<{ tasks: number }>(
      'SELECT COALESCE(sum(tasks), 0)::float8 AS tasks FROM capture WHERE id >= $1::uuid AND captured_at >= $2',
      [firstIdSince(age_ms + SLACK_MS), until],
    );
    return Math.round(counted + (since.rows[0]?.tasks ?? 0));
  }

  async paidToOwners(days: number): Promise<Micro> {
    const { rows } = await this.database.query<{ paid: Micro }>(
      `SELECT COALESCE(sum(amount), 0)::bigint AS paid FROM payout
       WHERE state = 'PAID' AND payee = 'owner' AND paid_at > now() - make_interval(days => $1)`,
      [days],
    );
    return rows[0]?.paid ?? 0n;
  }

  /** The last price of each hour of the last week. */
  async week(): Promise<{ market: MarketName; from_at: Date; price_micro: Micro }[]> {
    const { rows } = await this.database.query<{ market: MarketName; from_at: Date; price_micro: Micro }>(
      `SELECT market, from_at, close_micro AS price_micro FROM candle
       WHERE term_ms = 3600000 AND from_at > now() - interval '7 days' ORDER BY market, from_at`,
    );
    return rows;
  }
}
