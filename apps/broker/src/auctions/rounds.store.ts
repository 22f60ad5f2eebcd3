import { Inject, Injectable } from '@nestjs/common';
import type { Receipt } from '#auction';
import { Database, type Transaction } from '#database';
import type { SlotClass } from '#units';
import { leadLost } from './lead.store.js';

export interface RoundRow {
  id: string;
  slot_class: SlotClass;
  number: bigint;
  receipt: Receipt;
  hash: string;
  previous_hash: string | null;
  cleared_at: Date;
}

@Injectable()
export class RoundsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The database's clock; a round is dated by it. */
  async now(tx: Transaction): Promise<Date> {
    const { rows } = await tx.query<{ now: Date }>('SELECT now()');
    return rows[0]?.now ?? new Date(Number.NaN);
  }

  /** The end of a market's chain of receipts. */
  async last(tx: Transaction, slot_class: SlotClass): Promise<{ number: bigint; hash: string } | null> {
    const { rows } = await tx.query<{ number: bigint; hash: string }>(
      'SELECT number, hash FROM round WHERE slot_class = $1 ORDER BY number DESC LIMIT 1',
      [slot_class],
    );
    return rows[0] ?? null;
  }

  /** @throws HeapError `lead_lost` when the market has a newer epoch. */
  async insert(tx: Transaction, round: Omit<RoundRow, 'cleared_at'> & { leader_epoch: bigint }): Promise<void> {
    const { rowCount } = await tx.query(
      `INSERT INTO round (id, slot_class, number, leader_epoch, receipt, hash, previous_hash)
       SELECT $1, slot_class, $3, epoch, $5, $6, $7 FROM market_leader WHERE slot_class = $2 AND epoch = $4`,
      [round.id, round.slot_class, round.number, round.leader_epoch, JSON.stringify(round.receipt), round.hash, round.previous_hash],
    );
    if (rowCount !== 1) throw leadLost(round.slot_class);
  }

  async find(round_id: string): Promise<RoundRow | null> {
    const { rows } = await this.database.query<RoundRow>('SELECT * FROM round WHERE id = $1', [round_id]);
    return rows[0] ?? null;
  }
}
