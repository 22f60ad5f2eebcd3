import type pg from 'pg';
import { HeapError } from '#units';
import { KeptConnection } from './kept-connection.js';

/** Advisory locks that last until they are released or the one connection that holds them is lost. */
export class LockSession {
  private constructor(private readonly connection: KeptConnection) {}

  static async open(pool: pg.Pool, onLost: () => void): Promise<LockSession> {
    return new LockSession(await KeptConnection.take(pool, onLost));
  }

  /** Asks for locks that this session does not hold yet: one that it holds it would get once more. @returns those that nobody else holds. */
  async tryLock(names: readonly string[]): Promise<string[]> {
    const { rows } = await this.connection.query<{ name: string }>(
      'SELECT name FROM (SELECT name, pg_try_advisory_lock(hashtextextended(name, 0)) AS held FROM unnest($1::text[]) AS name OFFSET 0) AS l WHERE held',
      [names],
    );
    return this.connection.is_lost ? [] : rows.map((row) => row.name);
  }

  /**
   * A statement on the connection that holds the locks: whether it is answered tells whether they are still held.
   * @throws HeapError `unavailable` when there is no answer in time; the connection is then given up, and with it every lock.
   */
  async query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[], within_ms: number): Promise<pg.QueryResult<R>> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.connection.abandon();
        reject(
          new HeapError('unavailable', `The database has not answered for ${within_ms} ms on the connection that holds locks.`, 'platform'),
        );
      }, within_ms);
    });
    const answer = this.connection.query<R>(text, values);
    // Of an abandoned connection the statement fails late, with nobody left to hear.
    answer.catch(() => {});
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives all of them back. */
  async release(): Promise<void> {
    // Said first, so that the next one may have them at once; ending the connection gives them back in any case.
    if (!this.connection.is_lost) await this.connection.query('SELECT pg_advisory_unlock_all()').catch(() => {});
    this.connection.giveBack();
  }
}
