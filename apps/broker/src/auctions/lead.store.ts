import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { HeapError, type SlotClass } from '#units';

/** Each market's epoch: the fencing token of whoever leads it. */
@Injectable()
export class LeadStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Begins a new epoch, which refuses every round of an earlier one. Waits for a round that is being written. */
  async takeLead(slot_class: SlotClass): Promise<bigint> {
    const { rows } = await this.database.query<{ epoch: bigint }>(
      `INSERT INTO market_leader (slot_class, epoch) VALUES ($1, 1)
       ON CONFLICT (slot_class) DO UPDATE SET epoch = market_leader.epoch + 1 RETURNING epoch`,
      [slot_class],
    );
    if (!rows[0]) throw new Error('takeLead returned no row');
    return rows[0].epoch;
  }

  /**
   * Holds the market for one round: the epoch cannot change before the round is written or fails.
   * @throws HeapError `lead_lost` when another process has begun a newer epoch: the whole round fails.
   */
  async hold(tx: Transaction, slot_class: SlotClass, epoch: bigint): Promise<void> {
    const { rowCount } = await tx.query('SELECT 1 FROM market_leader WHERE slot_class = $1 AND epoch = $2 FOR NO KEY UPDATE', [
      slot_class,
      epoch,
    ]);
    if (rowCount !== 1) throw leadLost(slot_class);
  }
}

export function leadLost(slot_class: SlotClass): HeapError {
  return new HeapError('lead_lost', `Another process leads the market work:${slot_class}: this round changed nothing.`, 'platform');
}
