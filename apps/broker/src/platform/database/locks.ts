import { Inject, Injectable } from '@nestjs/common';
import { Database, type LockSession } from '#database';

export type { LockSession } from '#database';

/** Locks that outlive statements and end with their holder's connection. */
@Injectable()
export class Locks {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One connection for any number of locks; `onLost` is called when it breaks. */
  session(onLost: () => void): Promise<LockSession> {
    return this.database.lockSession(onLost);
  }
}
