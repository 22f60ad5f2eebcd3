import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '#database';
import type { EntryRow, HoldRow } from '#ledger';
import { isInFlight, PAYOUT, states } from '#lifecycle';
import type { Micro } from '#units';

/** A breach as SQL finds it. */
export interface Finding {
  subject: string;
  detail: string;
}

export interface AccountSum {
  code: number;
  person_id: string | null;
  currency: string;
  balance: Micro;
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
}

/** Reads for the ledger audit. Sums are made by PostgreSQL over all rows, not over samples. */
export class AuditReads {
  constructor(private readonly database: Queryable) {}

  private async findings(sql: string): Promise<Finding[]> {
    return (await this.database.query<Finding>(sql)).rows;
  }

  unbalancedJournals(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'journal ' || j.id AS subject, 'it sums to ' || COALESCE(sum(e.amount), 0) || ' over ' || count(e.line) || ' entries.' AS detail
       FROM journal j LEFT JOIN journal_entry e ON e.journal_id = j.id GROUP BY j.id HAVING COALESCE(sum(e.amount), 1) <> 0 LIMIT 100`,
    );
  }

  /** The append-only triggers that are missing or switched off, and rights that the application's role should not have. */
  openJournal(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'table ' || t.name AS subject, 'its append-only trigger is missing or switched off.' AS detail
       FROM (VALUES ('journal'), ('journal_entry')) AS t(name)
       WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = t.name::regclass AND g.tgname = 'i2_append_only' AND g.tgenabled IN ('O', 'A'))
       UNION ALL
       SELECT 'table ' || t.name, 'the role openheaps_app may ' || p.name || '.'
       FROM (VALUES ('journal'), ('journal_entry')) AS t(name), (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS p(name)
       WHERE EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'openheaps_app') AND has_table_privilege('openheaps_app', t.name, p.name)`,
    );
  }

  /** The constraints behind I3 that are missing, and balances below a floor. */
  brokenFloors(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'constraint ' || c.name AS subject, 'it is missing or not validated.' AS detail
       FROM (VALUES ('i3_credit_floor'), ('i3_debit_floor')) AS c(name)
       WHERE NOT EXISTS (SELECT 1 FROM pg_constraint p WHERE p.conname = c.name AND p.convalidated)
       UNION ALL
       SELECT 'account ' || code || COALESCE(' of ' || person_id, ''), 'its balance is ' || balance || '.' FROM ledger_account
       WHERE (code IN (2000, 2010, 2020, 2030, 2100, 2110, 2120, 2130, 2140, 2150, 2400) AND balance > 0)
          OR (code IN (1020, 1040, 1100, 1110) AND balance < 0)`,
    );
  }

  /** I4: what makes a key unique; and keys that nevertheless stand twice. */
  doubleKeys(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'index journal_key_key' AS subject, 'it is missing: keys are not unique.' AS detail
       WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass('journal_key_key') AND i.indisunique AND i.indisvalid)
       UNION ALL
       SELECT 'key ' || key, 'it stands ' || count(*) || ' times.' FROM journal GROUP BY key HAVING count(*) > 1`,
    );
  }

  /** I5: holds returned or voided more than once, or resolved while their job lives, or open after it ended. */
  holdsResolvedWrongly(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'hold ' || h.id AS subject, 'it is ' || h.state || ' while its job is ' || j.state || '.' AS detail
       FROM hold h JOIN job j ON j.id = h.job_id WHERE (h.state = 'HELD') <> (j.state IN ('QUEUED', 'RUNNING'))
       UNION ALL
       SELECT 'hold ' || split_part(key, ':', 2), 'it was given back ' || count(*) || ' times.' FROM journal
       WHERE kind IN ('return', 'void') GROUP BY split_part(key, ':', 2) HAVING count(*) > 1`,
    );
  }

  async holds(): Promise<HoldRow[]> {
    const { rows } = await this.database.query<HoldRow>(
      `SELECT id, amount, captured, returned, 0::bigint AS voided, state = 'RESOLVED' AS resolved FROM hold
       WHERE captured + returned > amount OR captured < 0 OR returned < 0 OR (state = 'RESOLVED' AND captured + returned <> amount)`,
    );
    return rows;
  }

  /** I6, the other way round: what jobs, leases, attempts, captures and journals say of the same charge. */
  chargesThatDisagree(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'job ' || j.id AS subject,
         'job ' || j.charged_micro || ', hold ' || h.captured || ', leases ' || COALESCE(l.charged, 0) || ', attempts ' || COALESCE(a.charged, 0)
           || ', captures ' || COALESCE(c.gross, 0) || '.' AS detail
       FROM job j JOIN hold h ON h.job_id = j.id
       LEFT JOIN (SELECT job_id, sum(charged_micro) AS charged FROM lease GROUP BY job_id) l ON l.job_id = j.id
       LEFT JOIN (SELECT job_id, sum(charge_micro) AS charged FROM attempt GROUP BY job_id) a ON a.job_id = j.id
       LEFT JOIN (SELECT job_id, sum(gross) AS gross FROM capture GROUP BY job_id) c ON c.job_id = j.id
       WHERE h.captured <> j.charged_micro OR COALESCE(l.charged, 0) <> j.charged_micro OR COALESCE(a.charged, 0) <> j.charged_micro
          OR COALESCE(c.gross, 0) <> j.charged_micro LIMIT 100`,
    );
  }

  /**
   * I9: work of a cluster for itself that is not marked so, and owners to whom more was released than others paid them for. The cluster
   * is the account as long as nothing else is known.
   */
  ownEarnings(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'capture ' || c.id AS subject, 'its buyer owns the node, and it is not marked as own use.' AS detail
       FROM capture c JOIN hold h ON h.id = c.hold_id WHERE h.person_id = c.owner_id AND NOT c.own_use
       UNION ALL
       SELECT 'owner ' || a.person_id, 'was released ' || sum(-e.amount) || ', earned by others'' work ' || COALESCE(max(p.net), 0) || '.'
       FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id AND a.code IN (2110, 2120)
       LEFT JOIN (SELECT owner_id, sum(net) AS net FROM capture WHERE state = 'RELEASED' AND NOT own_use GROUP BY owner_id) p
         ON p.owner_id = a.person_id
       WHERE j.kind = 'release' GROUP BY a.person_id HAVING sum(-e.amount) > COALESCE(max(p.net), 0) LIMIT 100`,
    );
  }

  async wrongAmounts(): Promise<EntryRow[]> {
    const { rows } = await this.database.query<EntryRow>(
      `SELECT e.journal_id::text, a.code AS account, a.person_id AS person, a.currency, e.amount
       FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id
       WHERE e.amount = 0 OR abs(e.amount::numeric) >= 4611686018427387904 LIMIT 100`,
    );
    return rows;
  }

  async accounts(): Promise<AccountSum[]> {
    const { rows } = await this.database.query<AccountSum>(
      `SELECT a.code, a.person_id, a.currency, a.balance, COALESCE(sum(e.amount), 0)::bigint AS sum
       FROM ledger_account a LEFT JOIN journal_entry e ON e.account_id = a.id GROUP BY a.id`,
    );
    return rows;
  }

  async businessTotals(): Promise<BusinessTotals> {
    const { rows } = await this.database.query<BusinessTotals>(
      `SELECT
         (SELECT COALESCE(sum(amount - captured), 0)::bigint FROM hold WHERE state = 'HELD') AS held,
         (SELECT COALESCE(sum(net), 0)::bigint FROM capture WHERE state = 'CAPTURED') AS pending,
         (SELECT COALESCE(sum(fee), 0)::bigint FROM capture WHERE state = 'CAPTURED') AS deferred,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payout WHERE state = ANY($1)) AS in_flight,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM deposit WHERE state = 'SUCCEEDED') AS deposits,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM deposit_refund WHERE state IN ('SENT', 'SUCCEEDED')) AS refunds,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payout
          WHERE state IN ('TRANSFERRED', 'BANK_PENDING', 'PAID', 'BANK_FAILED') AND returned_at IS NULL) AS payouts,
         (SELECT COALESCE(sum(fee), 0)::bigint FROM deposit) + (SELECT COALESCE(sum(fee), 0)::bigint FROM payment_dispute) AS fees,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payment_dispute WHERE state = 'LOST') AS losses,
         (SELECT COALESCE(sum(net), 0)::bigint FROM provider_transaction WHERE suspended_at IS NOT NULL AND explained_at IS NULL) AS unexplained`,
      [states(PAYOUT).filter(isInFlight)],
    );
    if (!rows[0]) throw new Error('sums without a row');
    return rows[0];
  }

  /** I16: what stands in the suspense account for more than a day. */
  oldSuspense(): Promise<Finding[]> {
    return this.findings(
      `SELECT 'transaction ' || id AS subject, type || ' of ' || net || ' is unexplained since ' || suspended_at || '.' AS detail
       FROM provider_transaction WHERE explained_at IS NULL AND suspended_at < now() - interval '24 hours' LIMIT 100`,
    );
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
       ON CONFLICT (invariant) DO UPDATE SET holds = excluded.holds, detail = excluded.detail, checked_at = now()`,
      [invariant, holds, detail],
    );
  }
}
