import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { HeapError, type MarketName } from '#units';

/** Each market's epoch: the fencing token of whoever leads it. */
@Injectable()
export class LeadStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Begins a new epoch, which refuses every round of an earlier one. Waits for a round that is being written. */
  async takeLead(market: MarketName): Promise<bigint> {
    const { rows } = await this.database.query<{ epoch: bigint }>(
      `INSERT INTO market_leader (market, epoch) VALUES ($1, 1)
       ON CONFLICT (market) DO UPDATE SET epoch = market_leader.epoch + 1 RETURNING epoch`,
      [market],
    );
    if (!rows[0]) throw new Error('takeLead returned no row');
    return rows[0].epoch;
  }

  /**
   * Holds the market for one round: the epoch cannot change before the round is written or fails.
   * @throws HeapError `lead_lost` when another process has begun a newer epoch: the whole round fails.
   */
  async hold(tx: Transaction, market: MarketName, epoch: bigint): Promise<void> {
    const { rowCount } = await tx.query('SELECT 1 FROM market_leader WHERE market = $1 AND epoch = $2 FOR NO KEY UPDATE', [market, epoch]);
    if (rowCount !== 1) throw leadLost(market);
  }
}

export function leadLost(market: MarketName): HeapError {
  return new HeapError('lead_lost', `Another process leads the market ${market}: this round changed nothing.`, 'platform');
}
