import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

export interface SolvencyReads {
  balances: { code: number; balance: Micro }[];
  invariants: { invariant: string; holds: boolean; detail: string; checked_at: Date }[];
  suspense: { id: string; type: string; net: Micro; suspended_at: Date; age_hours: number }[];
  disputes: { id: string; person_id: string; amount: Micro; unspent: Micro; opened_at: Date }[];
  outbox: { open: number; oldest_at: Date | null };
  inbox: { open: number; oldest_at: Date | null };
  alarms: { name: string; count: bigint; detail: string; last_at: Date }[];
}

const LISTED = 200;

@Injectable()
export class SolvencyStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** All of it as of one moment. Balances are signed: debits are positive. */
  read(currency: string): Promise<SolvencyReads> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      const balances = await tx.query<SolvencyReads['balances'][number]>(
        'SELECT code, sum(balance)::bigint AS balance FROM ledger_account WHERE currency = $1 GROUP BY code ORDER BY code',
        [currency],
      );
      const invariants = await tx.query<SolvencyReads['invariants'][number]>('SELECT * FROM invariant_check');
      const suspense = await tx.query<SolvencyReads['suspense'][number]>(
        `SELECT id, type, net, suspended_at, round(extract(epoch FROM now() - suspended_at) / 3600.0, 2)::float8 AS age_hours
         FROM provider_transaction WHERE suspended_at IS NOT NULL AND explained_at IS NULL ORDER BY suspended_at LIMIT $1`,
        [LISTED],
      );
      const disputes = await tx.query<SolvencyReads['disputes'][number]>(
        `SELECT id, person_id, amount, unspent, opened_at FROM payment_dispute WHERE state = 'OPEN' ORDER BY opened_at LIMIT $1`,
        [LISTED],
      );
      const backlog = async (sql: string) => (await tx.query<SolvencyReads['outbox']>(sql)).rows[0] ?? { open: 0, oldest_at: null };
      const alarms = await tx.query<SolvencyReads['alarms'][number]>('SELECT * FROM provider_alarm ORDER BY last_at DESC LIMIT $1', [
        LISTED,
      ]);
      return {
        balances: balances.rows,
        invariants: invariants.rows,
        suspense: suspense.rows,
        disputes: disputes.rows,
        outbox: await backlog(
          `SELECT count(*)::int AS open, min(created_at) AS oldest_at FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN')`,
        ),
        inbox: await backlog('SELECT count(*)::int AS open, min(received_at) AS oldest_at FROM provider_event WHERE applied_at IS NULL'),
        alarms: alarms.rows,
      };
    });
  }
}
