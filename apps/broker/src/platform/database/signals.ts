import { Inject, Injectable } from '@nestjs/common';
import { Database, NOT_FLUSHED } from '#database';

const CHANNEL = 'open_heaps';

/** Short texts to every process on this database, at most once each: PostgreSQL's NOTIFY, whose texts have fewer than 8,000 bytes. */
@Injectable()
export class Signals {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** They live in memory: that nobody waits for the disk takes a flush out of the way of those that must. */
  async send(texts: readonly string[]): Promise<void> {
    await this.database.query(`SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text, ${NOT_FLUSHED}`, [CHANNEL, texts]);
  }

  /** Also hears what this process sends. `onLost` is called when the connection breaks. */
  listen(onText: (text: string) => void, onLost: () => void): Promise<{ close: () => void }> {
    return this.database.listen(CHANNEL, onText, onLost);
  }
}
