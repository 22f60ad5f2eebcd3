import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

/** Since when people pay and earn. */
@Injectable()
export class NewcomersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Of these people those whose first deposit arrived less than `days` ago, or never. */
  async newPayers(tx: Transaction, people: readonly string[], days: number): Promise<string[]> {
    const { rows } = await tx.query<{ person_id: string }>(
      `SELECT p.id AS person_id FROM unnest($1::uuid[]) AS p(id)
       WHERE NOT EXISTS (SELECT 1 FROM deposit d WHERE d.person_id = p.id AND d.succeeded_at <= now() - make_interval(days => $2))`,
      [people, days],
    );
    return rows.map((row) => row.person_id);
  }

  /** Of these owners those who earned first less than `days` ago; who earns for the first time is noted. */
  async newOwners(tx: Transaction, owners: readonly string[], days: number): Promise<string[]> {
    const { rows } = await tx.query<{ person_id: string }>(
      `WITH first AS (INSERT INTO earner (person_id) SELECT id FROM unnest($1::uuid[]) AS p(id) ORDER BY id ON CONFLICT DO NOTHING)
       SELECT p.id AS person_id FROM unnest($1::uuid[]) AS p(id)
       WHERE NOT EXISTS (SELECT 1 FROM earner e WHERE e.person_id = p.id AND e.first_earned_at <= now() - make_interval(days => $2))`,
      [owners, days],
    );
    return rows.map((row) => row.person_id);
  }

  /** Owners whose days in reserve are over and who have one. */
  async reservesDue(currency: string, days: number, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ person_id: string }>(
      `SELECT e.person_id FROM earner e JOIN ledger_account a ON a.person_id = e.person_id AND a.code = 2120 AND a.currency = $1 AND a.balance < 0
       WHERE e.first_earned_at <= now() - make_interval(days => $2) LIMIT $3`,
      [currency, days, limit],
    );
    return rows.map((row) => row.person_id);
  }

  /** Locks the owner's row, so that one worker at a time releases. @returns false while the days last. */
  async takeReserve(tx: Transaction, owner_id: string, days: number): Promise<boolean> {
    const { rowCount } = await tx.query(
      'UPDATE earner SET reserve_released_at = now() WHERE person_id = $1 AND first_earned_at <= now() - make_interval(days => $2)',
      [owner_id, days],
    );
    return rowCount === 1;
  }
}
