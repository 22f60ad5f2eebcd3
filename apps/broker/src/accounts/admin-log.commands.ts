import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { AdminLogStore } from './admin-log.store.js';

/** Writes down what an admin did, in the transaction that does it. Taken last: the log is one after the other for everybody. */
@Injectable()
export class AdminLog {
  constructor(private readonly store: AdminLogStore) {}

  add(tx: Transaction, admin_id: string, action: string, subject: string, detail: object): Promise<void> {
    return this.store.add(tx, admin_id, action, subject, detail);
  }
}
