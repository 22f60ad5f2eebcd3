import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro } from '#units';
import type { ReservationRow } from './reservations.store.js';

export type Extensible = Pick<
  ReservationRow,
  'id' | 'market' | 'quantity' | 'max_price_micro' | 'budget_micro' | 'charged_micro' | 'hours' | 'ends_at'
>;

@Injectable()
export class ExtensionStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One that is not over. */
  async find(id: string, person_id: string): Promise<Extensible | null> {
    const { rows } = await this.database.query<Extensible>(
      "SELECT id, market, quantity, max_price_micro, budget_micro, charged_micro, hours, ends_at FROM reservation WHERE id = $1 AND person_id = $2 AND state IN ('WAITING', 'RUNNING')",
      [id, person_id],
    );
    return rows[0] ?? null;
  }

  /** @returns false when it is over, or somebody else extended it meanwhile. */
  async extend(
    tx: Transaction,
    seen: Extensible,
    { ends_at, hours, amount }: { ends_at: Date | null; hours: number; amount: Micro },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE reservation SET ends_at = COALESCE($2, ends_at), hours = hours + $3, budget_micro = budget_micro + $4
       WHERE id = $1 AND state IN ('WAITING', 'RUNNING') AND budget_micro = $5 AND hours IS NOT DISTINCT FROM $6::int`,
      [seen.id, ends_at, hours, amount, seen.budget_micro, seen.hours],
    );
    return rowCount === 1;
  }
}
