import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { HeapError } from '#units';

@Injectable()
export class DatabaseHealth {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @throws HeapError `unavailable`. */
  async assertReachable(): Promise<void> {
    try {
      await this.database.query('SELECT 1');
    } catch {
      throw new HeapError('unavailable', 'The database cannot be reached.', 'platform');
    }
  }
}
