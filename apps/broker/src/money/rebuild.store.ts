import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

/** An account as it is stored, and as the journal alone gives it. */
export interface Rebuilt {
  id: bigint;
  code: number;
  person_id: string | null;
  balance: Micro;
  seq: bigint;
  head_differs: boolean;
  rebuilt_balance: Micro;
  rebuilt_seq: bigint;
}

/** Every account from the first entry on: the sum of its entries, their number, and the links of its chain. */
const FROM_JOURNAL = `SELECT l.account_id AS id, sum(l.amount)::bigint AS balance, sum(l.entries)::bigint AS seq,
    ledger_chain('', p.digest, l.account_id, l.seq ORDER BY l.seq) AS head
  FROM (SELECT e.account_id, j.posting_id, sum(e.amount) AS amount, count(*) AS entries, max(e.seq) AS seq
        FROM journal_entry e JOIN journal j ON j.id = e.journal_id GROUP BY 1, 2) AS l
  JOIN ledger_posting p ON p.id = l.posting_id GROUP BY l.account_id`;

/** I12: what the ledger's accounts are when nothing but the journal is left. */
@Injectable()
export class RebuildStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Accounts that are not what their entries give. */
  async differences(): Promise<Rebuilt[]> {
    const { rows } = await this.database.query<Rebuilt>(
      `SELECT a.id, a.code, a.person_id, a.balance, a.seq, a.head <> COALESCE(r.head, ''::bytea) AS head_differs,
         COALESCE(r.balance, 0) AS rebuilt_balance, COALESCE(r.seq, 0) AS rebuilt_seq
       FROM ledger_account a LEFT JOIN (${FROM_JOURNAL}) AS r ON r.id = a.id
       WHERE (a.balance, a.seq, a.head) IS DISTINCT FROM (COALESCE(r.balance, 0), COALESCE(r.seq, 0), COALESCE(r.head, ''::bytea)) ORDER BY a.id`,
    );
    return rows;
  }

  /** Writes what the journal gives into the accounts that differ; nobody posts meanwhile. @returns how many differed. */
  write(): Promise<number> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('LOCK TABLE journal, ledger_account IN SHARE ROW EXCLUSIVE MODE');
      const { rowCount } = await tx.query(
        `UPDATE ledger_account a SET balance = r.balance, seq = r.seq, head = r.head
         FROM (SELECT a.id, COALESCE(r.balance, 0) AS balance, COALESCE(r.seq, 0) AS seq, COALESCE(r.head, ''::bytea) AS head
               FROM ledger_account a LEFT JOIN (${FROM_JOURNAL}) AS r ON r.id = a.id) AS r
         WHERE r.id = a.id AND (a.balance, a.seq, a.head) IS DISTINCT FROM (r.balance, r.seq, r.head)`,
      );
      return rowCount ?? 0;
    });
  }
}
