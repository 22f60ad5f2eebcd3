import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { HeapError } from '#units';
import { PrismaClient } from './generated/client.js';
import { KeptConnection } from './kept-connection.js';
import { LockSession } from './lock-session.js';
import { isRetryable, isUnreachable, withRetries } from './retries.js';

const INT8 = 20;
/** How long somebody waits for a connection. */
const CONNECT_MS = 5_000;
const PRISMA_TRANSACTION_MS = 30_000;
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
  /** What is done once this is a fact, as to tell others; of a transaction that is rolled back or tried again, nothing. It must not throw. */
  afterCommit(effect: () => void): void;
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
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      // The server ends what takes too long. A server that is gone without a word ends nothing, and whoever waits for it would wait for good.
      ...(options.statement_timeout_ms && { query_timeout: options.statement_timeout_ms + 5_000 }),
      types,
      ...(settings && { options: settings }),
    });
    // A connection that dies while idle is replaced at the next query; without a listener it would end the process.
    this.pool.on('error', () => {});
    this.prisma = new PrismaClient({
      adapter: new PrismaPg(this.pool),
      // Prisma's own limits, 2 s for a connection and 5 s for all, refuse a sign-up on a busy machine. The pool and the server have theirs.
      transactionOptions: { maxWait: CONNECT_MS + 1_000, timeout: PRISMA_TRANSACTION_MS },
    });
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
   * with jitter (money.md's failure table), so `work` must have no effect outside the database but by `afterCommit`.
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
      const effects: (() => void)[] = [];
      const tx: Transaction = {
        in_transaction: true,
        query: (text, values) => client.query(text, values as unknown[]),
        afterCommit: (effect) => effects.push(effect),
      };
      const result = await work(tx);
      await client.query('COMMIT');
      for (const effect of effects) effect();
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

  /** A connection of its own for advisory locks; `onLost` is called when it breaks, and with it every lock. */
  async lockSession(onLost: () => void): Promise<LockSession> {
    try {
      return await LockSession.open(this.pool, onLost);
    } catch (error) {
      throw asHeapError(error);
    }
  }

  /** Hears what any session of this database notifies on a channel, on a connection of its own, until it is lost or closed. */
  async listen(channel: string, onPayload: (payload: string) => void, onLost: () => void): Promise<{ close: () => void }> {
    const connection = await KeptConnection.take(this.pool, onLost);
    try {
      connection.onNotification(onPayload);
      await connection.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      connection.giveBack();
      throw asHeapError(error);
    }
    return { close: () => connection.giveBack() };
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
