import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Locks that outlive statements and end with their holder's connection. */
@Injectable()
export class Locks {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns null while another process holds it; `onLost` is called when the connection that holds it breaks. */
  tryAcquire(name: string, onLost: () => void): Promise<{ release: () => Promise<void> } | null> {
    return this.database.tryLock(name, onLost);
  }
}
