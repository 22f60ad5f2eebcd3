import type pg from 'pg';
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

  /** Gives all of them back. */
  async release(): Promise<void> {
    // Said first, so that the next one may have them at once; ending the connection gives them back in any case.
    if (!this.connection.is_lost) await this.connection.query('SELECT pg_advisory_unlock_all()').catch(() => {});
    this.connection.giveBack();
  }
}
