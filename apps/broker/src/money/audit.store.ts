import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '#database';
import { CAPTURE, isInFlight, isPending, PAYOUT, states } from '#lifecycle';
import { FUEL_PER_PRICE_UNIT, type Micro } from '#units';
import { BOOKS_FINDINGS } from './audit-books.store.js';
import { JOURNAL_FINDINGS } from './audit-journal.store.js';

const QUERIES = { ...JOURNAL_FINDINGS, ...BOOKS_FINDINGS };
export type QueriedInvariant = keyof typeof QUERIES;
export const QUERIED = Object.keys(QUERIES) as QueriedInvariant[];

/** A breach as SQL finds it. */
export interface Finding {
  subject: string;
  detail: string;
}

export interface AccountBalance {
  code: number;
  person_id: string | null;
  currency: string;
  balance: Micro;
}
export interface AccountSum extends AccountBalance {
  sum: Micro;
}

export interface BusinessTotals {
  held: Micro;
  pending: Micro;
  deferred: Micro;
  in_flight: Micro;
  deposits: Micro;
  refunds: Micro;
  payouts: Micro;
  fees: Micro;
  losses: Micro;
  unexplained: Micro;
  /** By hand: what two admins moved in or out of custody, and movements that they explained. */
  by_hand: Micro;
}

/** Reads for the ledger audit. */
export class AuditReads {
  constructor(private readonly database: Queryable) {}

  /** What breaks one invariant, as its query finds it. */
  async findings(invariant: QueriedInvariant): Promise<Finding[]> {
    const values = invariant === 'I22' ? [FUEL_PER_PRICE_UNIT] : [];
    return (await this.database.query<Finding>(QUERIES[invariant], values)).rows;
  }

  async accounts(): Promise<AccountSum[]> {
    const { rows } = await this.database.query<AccountSum>(
      `SELECT a.code, a.person_id, a.currency, a.balance, COALESCE(sum(e.amount), 0)::bigint AS sum
       FROM ledger_account a LEFT JOIN journal_entry e ON e.account_id = a.id GROUP BY a.id`,
    );
    return rows;
  }

  async balances(): Promise<AccountBalance[]> {
    return (await this.database.query<AccountBalance>('SELECT code, person_id, currency, balance FROM ledger_account')).rows;
  }

  async businessTotals(): Promise<BusinessTotals> {
    const { rows } = await this.database.query<BusinessTotals>(
      `SELECT
         (SELECT COALESCE(sum(amount - captured), 0)::bigint FROM hold WHERE state = 'HELD') AS held,
         (SELECT COALESCE(sum(net - refunded_net + partner - refunded_partner), 0)::bigint FROM capture WHERE state::text = ANY($2))
           + (SELECT COALESCE(sum(amount), 0)::bigint FROM check_pay WHERE state = 'HELD') AS pending,
         (SELECT COALESCE(sum(fee - (refunded - refunded_net - refunded_partner)), 0)::bigint FROM capture WHERE state::text = ANY($2)) AS deferred,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payout WHERE state = ANY($1)) AS in_flight,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM deposit WHERE state = 'SUCCEEDED') AS deposits,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM deposit_refund WHERE state IN ('SENT', 'SUCCEEDED')) AS refunds,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payout
          WHERE state IN ('TRANSFERRED', 'BANK_PENDING', 'PAID', 'BANK_FAILED') AND returned_at IS NULL) AS payouts,
         (SELECT COALESCE(sum(fee), 0)::bigint FROM deposit) + (SELECT COALESCE(sum(fee), 0)::bigint FROM payment_dispute) AS fees,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payment_dispute WHERE state = 'LOST') AS losses,
         (SELECT COALESCE(sum(net), 0)::bigint FROM provider_transaction WHERE suspended_at IS NOT NULL AND explained_at IS NULL) AS unexplained,
         (SELECT COALESCE(sum(m.custody + COALESCE(t.net, 0)), 0)::bigint FROM manual_journal m
          LEFT JOIN provider_transaction t ON t.id = m.transaction_id WHERE m.state = 'APPROVED') AS by_hand`,
      [states(PAYOUT).filter(isInFlight), states(CAPTURE).filter(isPending)],
    );
    if (!rows[0]) throw new Error('sums without a row');
    return rows[0];
  }
}

@Injectable()
export class AuditStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Runs the reads of one audit on one snapshot, so that money moving meanwhile is no breach. */
  onSnapshot<T>(work: (reads: AuditReads) => Promise<T>): Promise<T> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      return work(new AuditReads(tx));
    });
  }

  async record(invariant: string, holds: boolean, detail: string): Promise<void> {
    await this.database.query(
      `INSERT INTO invariant_check (invariant, holds, detail) VALUES ($1, $2, $3)
       ON CONFLICT (invariant, pass) DO UPDATE SET holds = excluded.holds, detail = excluded.detail, checked_at = clock_timestamp()`,
      [invariant, holds, detail],
    );
  }
}
