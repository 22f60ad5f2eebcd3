import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { HeapError, type MarketName } from '#units';
import type { LockSession } from '../platform/database/locks.js';

/** A leader of whom nothing was heard for so long leads no more, whatever it holds: it may be stopped, or cut off. */
const SILENT_MS = 2_500;
/** A statement that only tells of itself waits for nobody. */
const ANSWER_MS = 2_000;
/** A round that its process does not go on with lets go of the market by then: PostgreSQL ends its session. */
const ROUND_IDLE_MS = 4_000;

/** Each market's epoch, the fencing token of whoever leads it, and when that one was last heard of. */
@Injectable()
export class LeadStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Begins a new epoch, which refuses every round of an earlier one. Waits for a round that is being written. */
  async takeLead(market: MarketName): Promise<bigint> {
    const { rows } = await this.database.query<{ epoch: bigint }>(
      `WITH heard AS (
         INSERT INTO market_beat (market, seen_at) VALUES ($1, clock_timestamp()) ON CONFLICT (market) DO UPDATE SET seen_at = excluded.seen_at
       )
       INSERT INTO market_leader (market, epoch) VALUES ($1, 1)
       ON CONFLICT (market) DO UPDATE SET epoch = market_leader.epoch + 1 RETURNING epoch`,
      [market],
    );
    if (!rows[0]) throw new Error('takeLead returned no row');
    return rows[0].epoch;
  }

  /** Which of these markets have a leader who has fallen silent. Each is named to one asker only: whoever is told has the next turn. */
  async silent(markets: readonly MarketName[]): Promise<MarketName[]> {
    const { rows } = await this.database.query<{ market: MarketName }>(
      `UPDATE market_beat SET seen_at = clock_timestamp()
       WHERE market = ANY($1) AND seen_at < clock_timestamp() - make_interval(secs => $2::float8 / 1000) RETURNING market`,
      [markets, SILENT_MS],
    );
    return rows.map((row) => row.market);
  }

  /**
   * Says that the leader of these markets lives, on the connection that holds its locks.
   * @returns those that it still leads.
   * @throws HeapError `unavailable` when there is no answer: the locks are given up.
   */
  async beat(session: LockSession, epochs: ReadonlyMap<MarketName, bigint>): Promise<MarketName[]> {
    const { rows } = await session.query<{ market: MarketName }>(
      `UPDATE market_beat b SET seen_at = clock_timestamp()
       FROM market_leader l JOIN unnest($1::text[], $2::bigint[]) AS mine(market, epoch) ON mine.market = l.market AND mine.epoch = l.epoch
       WHERE b.market = l.market RETURNING b.market`,
      [[...epochs.keys()], [...epochs.values()].map(String)],
      ANSWER_MS,
    );
    return rows.map((row) => row.market);
  }

  /**
   * Holds the market for one round: the epoch cannot change before the round is written or fails, or its process stands still.
   * @throws HeapError `lead_lost` when another process has begun a newer epoch: the whole round fails.
   */
  async hold(tx: Transaction, market: MarketName, epoch: bigint): Promise<void> {
    const { rowCount } = await tx.query(
      `SELECT set_config('idle_in_transaction_session_timeout', $3, true) FROM market_leader WHERE market = $1 AND epoch = $2 FOR NO KEY UPDATE`,
      [market, epoch, String(ROUND_IDLE_MS)],
    );
    if (rowCount !== 1) throw leadLost(market);
  }
}

export function leadLost(market: MarketName): HeapError {
  return new HeapError('lead_lost', `Another process leads the market ${market}: this round changed nothing.`, 'platform');
}
