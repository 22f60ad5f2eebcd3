import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { StorageStanding, Verdict } from '#placement';

export interface StandingRow {
  node_id: string;
  owner_id: string;
  scores: StorageStanding | null;
  /** By the database's clock. */
  now_ms: number;
  /** Whole days since its days were counted, and whether it was heard of in the last of them. */
  days: number;
  seen: boolean;
  connected: boolean;
}

export interface Counts {
  passed: number;
  failed: number;
  unanswered: number;
}

@Injectable()
export class StandingsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Locks what is known of a device as a keeper of pieces; null of one that never said it keeps any. */
  async lock(tx: Transaction, node_id: string): Promise<StandingRow | null> {
    const { rows } = await tx.query<StandingRow>(
      `SELECT s.node_id, n.owner_id, s.scores, (extract(epoch FROM now()) * 1000)::float8 AS now_ms, floor(extract(epoch FROM now() - s.day_at) / 86400)::int AS days,
         COALESCE(GREATEST(n.heard_at, n.last_seen_at) > now() - interval '1 day', false) AS seen, n.state IN ('ONLINE', 'PAUSED') AS connected
       FROM node_storage s JOIN node n ON n.id = s.node_id WHERE s.node_id = $1 FOR NO KEY UPDATE OF s`,
      [node_id],
    );
    return rows[0] ?? null;
  }

  async save(
    tx: Transaction,
    node_id: string,
    after: {
      scores: StorageStanding;
      standing: Verdict;
      corruption: number;
      online: number;
      vetted: boolean;
      refuted: boolean;
      days: number;
    },
    counts: Counts,
  ): Promise<void> {
    const { scores } = after;
    await tx.query(
      `UPDATE node_storage SET scores = $2, standing = $3, corruption_score = $4, online_score = $5,
         vetted_at = CASE WHEN $6 THEN COALESCE(vetted_at, now()) END, refuted_at = CASE WHEN $7 THEN now() ELSE refuted_at END,
         recheck_at = to_timestamp($8::float8 / 1000), day_at = day_at + make_interval(days => $9), passed = passed + $10, failed = failed + $11,
         unanswered = unanswered + $12, audited_at = CASE WHEN $10 + $11 > 0 THEN now() ELSE audited_at END
       WHERE node_id = $1`,
      [
        ...[node_id, JSON.stringify(scores), after.standing, after.corruption, after.online, after.vetted, after.refuted],
        ...[scores.contained?.due_ms ?? null, after.days, counts.passed, counts.failed, counts.unanswered],
      ],
    );
  }

  /** Devices of which a day is over that was not counted yet. */
  async dayOver(limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ node_id: string }>(
      "SELECT node_id FROM node_storage WHERE day_at <= now() - interval '1 day' ORDER BY day_at LIMIT $1",
      [limit],
    );
    return rows.map((row) => row.node_id);
  }
}
