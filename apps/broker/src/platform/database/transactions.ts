import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

export type { Transaction } from '#database';

/** Lets a service span one transaction over several stores, without a way to write SQL itself. */
@Injectable()
export class Transactions {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Retried whole on serialization failures: `work` has no effect outside the database. */
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.inTransaction(work);
  }
}
