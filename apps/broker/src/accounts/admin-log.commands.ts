import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { AdminActed } from './accounts.events.js';
import { AdminLogStore } from './admin-log.store.js';

/** Writes down what an admin did, in the transaction that does it. Taken last: the log is one after the other for everybody. */
@Injectable()
export class AdminLog {
  constructor(
    private readonly store: AdminLogStore,
    private readonly bus: EventBus,
  ) {}

  async add(tx: Transaction, admin_id: string, action: string, subject: string, detail: object): Promise<void> {
    await this.store.add(tx, admin_id, action, subject, detail);
    tx.afterCommit(() => this.bus.publish(AdminActed, { action }));
  }
}
