import pg from 'pg';
import type { TestBroker } from '../support/broker.js';

const TABLES = [
  'ledger_account',
  'journal',
  'journal_entry',
  'ledger_posting',
  'ledger_checkpoint',
  'ledger_mark',
  'hold',
  'capture',
  'deposit',
  'deposit_refund',
  'payout',
  'provider_transaction',
  'provider_effect',
  'provider_balance',
  'job',
  'task',
  'attempt',
  'lease',
  'check_pay',
  'node_standing',
  'refuted_result',
] as const;

export interface Breaker {
  superuser: pg.Client;
  /** Breaks the books behind everybody's back, looks, and puts the rows back as they were. @returns the ids of what the audit found. */
  broken: (...statements: string[]) => Promise<string[]>;
  /** Runs without a constraint, and puts it back. */
  without: <T>(table: string, constraint: string, work: () => Promise<T>) => Promise<T>;
  end: () => Promise<void>;
}

/** `$1` in a statement is `subject`. */
export async function breaker(broker: TestBroker, subject: () => string): Promise<Breaker> {
  const superuser = new pg.Client({ connectionString: broker.database_url });
  await superuser.connect();
  return {
    superuser,
    broken: async (...statements) => {
      await superuser.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      for (const table of TABLES) await superuser.query(`CREATE TEMP TABLE kept_${table} AS TABLE ${table}`);
      await superuser.query('COMMIT');
      await superuser.query('SET session_replication_role = replica');
      try {
        for (const statement of statements) await superuser.query(statement, statement.includes('$1') ? [subject()] : []);
        return await broker.broken();
      } finally {
        // All at once: nobody finds some of the rows put back and others not.
        await superuser.query('BEGIN');
        for (const table of TABLES) {
          await superuser.query(`DELETE FROM ${table}`);
          await superuser.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
          await superuser.query(`DROP TABLE kept_${table}`);
        }
        await superuser.query('COMMIT');
        await superuser.query('SET session_replication_role = origin');
      }
    },
    without: async (table, constraint, work) => {
      const { rows } = await superuser.query('SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = $1', [
        constraint,
      ]);
      await superuser.query(`ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`);
      try {
        return await work();
      } finally {
        await superuser.query(`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${rows[0].definition}`);
      }
    },
    end: () => superuser.end(),
  };
}
