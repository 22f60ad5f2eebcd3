import type pg from 'pg';

/**
 * A connection that is kept out of the pool for what lives as long as it does: locks, listening. Keepalives end it within seconds where
 * its process's machine is gone without a word, so that what it held is free for others.
 */
export class KeptConnection {
  private given_back = false;

  private constructor(
    private readonly client: pg.PoolClient,
    private readonly onLost: () => void,
  ) {}

  /** `onLost` is called once, when the connection breaks before it is given back. */
  static async take(pool: pg.Pool, onLost: () => void): Promise<KeptConnection> {
    const client = await pool.connect();
    const kept = new KeptConnection(client, onLost);
    // A lost connection may report an error and its end: the first one tells.
    client.on('error', kept.lost);
    client.on('end', kept.lost);
    try {
      await client.query(
        'SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2; SET tcp_user_timeout = 4000',
      );
    } catch (error) {
      kept.giveBack();
      throw error;
    }
    return kept;
  }

  get is_lost(): boolean {
    return this.given_back;
  }

  query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<R>> {
    return this.client.query<R>(text, values as unknown[]);
  }

  onNotification(listener: (payload: string) => void): void {
    this.client.on('notification', ({ payload }) => listener(payload ?? ''));
  }

  /** Ends the connection, and with it what it held. */
  giveBack(): void {
    if (this.given_back) return;
    this.given_back = true;
    // The pool counts a connection as out until it is given back, also a lost one.
    this.client.release(true);
    this.client.removeListener('error', this.lost);
    this.client.removeListener('end', this.lost);
    this.client.removeAllListeners('notification');
  }

  /** Ends a connection that says nothing any more; whoever keeps it is told that it is lost. */
  abandon(): void {
    this.lost();
  }

  private readonly lost = (): void => {
    if (this.given_back) return;
    this.giveBack();
    this.onLost();
  };
}
