import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { InvariantId } from '#ledger';
import { AuditReads, type Finding } from './audit.store.js';
import { MARKS } from './audit-journal.store.js';

export type Pass = 'continuous' | 'full';
export interface LedgerFinding extends Finding {
  invariant: InvariantId;
}

/** What the audit remembers: how far each pass came, and what each last said. The database writes it, by functions of its own. */
@Injectable()
export class WatchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  private onSnapshot<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      return work(tx);
    });
  }

  /** Goes on with the chains of a pass. @returns what is broken, and how many entries the pass had not seen before and after. */
  verify(pass: Pass, most: number): Promise<{ findings: LedgerFinding[]; before: bigint; behind: bigint }> {
    return this.onSnapshot(async (tx) => {
      const before = await this.behind(pass, tx);
      const { rows } = await tx.query<LedgerFinding>('SELECT * FROM ledger_verify($1, $2)', [pass, most]);
      return { findings: rows, before, behind: await this.behind(pass, tx) };
    });
  }

  /** How many entries a pass has not seen. */
  async behind(pass: Pass, db: Queryable = this.database): Promise<bigint> {
    return (await db.query<{ entries: bigint }>('SELECT ledger_behind($1) AS entries', [pass])).rows[0]?.entries ?? 0n;
  }

  /** The continuous pass goes on from where the full one came. */
  async adopt(): Promise<void> {
    await this.database.query('SELECT ledger_adopt()');
  }

  /** The last step of the full pass, and how long ago it was. */
  async lastStep(): Promise<{ step: string; position: bigint; age_ms: number } | null> {
    const { rows } = await this.database.query<{ step: string; position: bigint; age_ms: number }>(
      `SELECT step, position, (extract(epoch FROM clock_timestamp() - made_at) * 1000)::float8 AS age_ms
       FROM ledger_mark WHERE pass = 'full' ORDER BY id DESC LIMIT 1`,
    );
    return rows[0] ?? null;
  }

  /** Begins a full pass with the audit's own marks. */
  begin(): Promise<LedgerFinding[]> {
    return this.onSnapshot(async (tx) => {
      const { rows } = await tx.query<Finding>(`${MARKS} LIMIT 100`);
      await tx.query('SELECT ledger_full_begin()');
      return rows.map((row) => ({ ...row, invariant: 'I13' }));
    });
  }

  async step(step: string, position: bigint): Promise<void> {
    await this.database.query('SELECT ledger_full_step($1, $2)', [step, position]);
  }

  /** Looks at the next postings of the full pass. @returns null when there are no more. */
  postings(after: bigint, most: number): Promise<LedgerFinding[] | null> {
    return this.onSnapshot(async (tx) => {
      const { rows } = await tx.query<{ hi: bigint | null }>('SELECT ledger_next_postings($1, $2) AS hi', [after, most]);
      const hi = rows[0]?.hi;
      if (hi === null || hi === undefined) return null;
      const { rows: findings } = await tx.query<LedgerFinding>('SELECT * FROM ledger_postings_check($1, $2)', [after + 1n, hi]);
      await tx.query('SELECT ledger_full_step($1, $2)', ['postings', hi]);
      return findings;
    });
  }

  /** Reads that look at whole tables, once a pass: as long as they take. */
  wholeTables<T>(work: (reads: AuditReads) => Promise<T>): Promise<T> {
    return this.onSnapshot(async (tx) => {
      await tx.query("SET LOCAL statement_timeout = '30min'");
      return work(new AuditReads(tx));
    });
  }

  async record(pass: Pass, invariant: InvariantId, holds: boolean, detail: string): Promise<void> {
    await this.database.query(
      `INSERT INTO invariant_check (invariant, pass, holds, detail) VALUES ($1, $2, $3, $4)
       ON CONFLICT (invariant, pass) DO UPDATE SET holds = excluded.holds, detail = excluded.detail, checked_at = clock_timestamp()`,
      [invariant, pass, holds, detail],
    );
  }

  /** What a full pass did not find broken holds. */
  async clear(invariants: readonly InvariantId[]): Promise<void> {
    await this.database.query(
      `INSERT INTO invariant_check (invariant, pass, holds, detail) SELECT i, 'full', true, '' FROM unnest($1::text[]) AS i
       ON CONFLICT (invariant, pass) DO UPDATE SET holds = true, detail = '', checked_at = clock_timestamp()
       WHERE invariant_check.checked_at < (SELECT max(made_at) FROM ledger_mark WHERE pass = 'full' AND step = 'begin')`,
      [invariants],
    );
  }

  /** What the last look at each invariant found broken. */
  async standing(): Promise<{ invariant: InvariantId; pass: Pass; detail: string }[]> {
    const { rows } = await this.database.query<{ invariant: InvariantId; pass: Pass; detail: string }>(
      'SELECT invariant, pass, detail FROM invariant_check WHERE NOT holds ORDER BY invariant, pass',
    );
    return rows;
  }
}
