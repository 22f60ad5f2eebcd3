import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { HeapError } from '#units';
import { PrismaClient } from './generated/client.js';
import { isRetryable, isUnreachable, withRetries } from './retries.js';

const INT8 = 20;
/**
 * PostgreSQL's int8 is money and counters: it comes as bigint, never as a rounded number or a string. On our own pool
 * only: Prisma, which shares it but brings its own parsers, and BullMQ both rely on what `pg` does by itself.
 */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** One statement's worth of access: the pool outside a transaction, its connection inside one. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<R>>;
}
/** Proof that the caller is inside a transaction. */
export interface Transaction extends Queryable {
  readonly in_transaction: true;
}

export interface DatabaseOptions {
  url: string;
  /** Connections at most. */
  max: number;
  /** What PostgreSQL's activity view shows. */
  application_name?: string;
  /** Refuse statements that take longer; 0 means no limit. */
  statement_timeout_ms?: number;
  /** The role to act as: one that cannot change the journal. */
  role?: string;
}

/**
 * The one door to PostgreSQL: a pool of `pg` for multi-row SQL and transactions, and Prisma over the same pool for
 * everything else.
 */
export class Database {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;

  constructor(options: DatabaseOptions) {
    const settings = [
      ...(options.statement_timeout_ms ? [`-c statement_timeout=${options.statement_timeout_ms}`] : []),
      ...(options.role ? [`-c role=${options.role}`] : []),
    ].join(' ');
    this.pool = new pg.Pool({
      connectionString: options.url,
      max: options.max,
      application_name: options.application_name ?? 'open-heaps',
      connectionTimeoutMillis: 5_000,
      types,
      ...(settings && { options: settings }),
    });
    // A connection that dies while idle is replaced at the next query; without a listener it would end the process.
    this.pool.on('error', () => {});
    this.prisma = new PrismaClient({ adapter: new PrismaPg(this.pool) });
  }

  async query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<R>> {
    try {
      return await this.pool.query<R>(text, values as unknown[]);
    } catch (error) {
      throw asHeapError(error);
    }
  }

  /**
   * Runs `work` in one transaction. Serialization failures and deadlocks are retried as a whole, at most five times
   * with jitter (money.md's failure table), so `work` must have no effect outside the database.
   * @throws HeapError `unavailable` when PostgreSQL cannot be reached.
   */
  async inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await withRetries(() => this.once(work));
    } catch (error) {
      throw asHeapError(error);
    }
  }

  private async once<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    // The server can end the connection between two statements; the next statement reports it.
    const ignore = () => {};
    client.on('error', ignore);
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const tx: Transaction = { in_transaction: true, query: (text, values) => client.query(text, values as unknown[]) };
      const result = await work(tx);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((e: Error) => {
        broken = e;
      });
      throw error;
    } finally {
      client.removeListener('error', ignore);
      client.release(broken);
    }
  }

  /**
   * Holds a session-level advisory lock on a connection of its own until `release` is called or the connection is lost.
   * @returns null when somebody else holds it.
   */
  async tryLock(name: string, onLost: () => void): Promise<{ release: () => Promise<void> } | null> {
    const client = await this.pool.connect();
    let given_back = false;
    // The pool counts a lost connection as out until it is given back.
    const giveBack = (end: boolean) => {
      given_back = true;
      client.release(end);
      client.removeListener('error', lost);
      client.removeListener('end', lost);
    };
    // A lost connection may report an error and its end: the first one tells.
    const lost = () => {
      if (given_back) return;
      giveBack(true);
      onLost();
    };
    client.on('error', lost);
    client.on('end', lost);
    let held = false;
    try {
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [name]);
      held = rows[0]?.held ?? false;
    } catch (error) {
      if (!given_back) giveBack(true);
      throw asHeapError(error);
    }
    if (given_back) return null;
    if (!held) {
      giveBack(false);
      return null;
    }
    return {
      release: async () => {
        // Said first, so that the next one may have it at once; ending the connection gives it back in any case.
        if (!given_back) await client.query('SELECT pg_advisory_unlock_all()').catch(() => {});
        if (!given_back) giveBack(true);
      },
    };
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.pool.end();
  }
}

function asHeapError(error: unknown): unknown {
  if (isRetryable(error) || !isUnreachable(error)) return error;
  return new HeapError('unavailable', 'The database cannot be reached right now; nothing was changed. Try again in a moment.', 'platform', {
    cause: error instanceof Error ? error.message : String(error),
  });
}
