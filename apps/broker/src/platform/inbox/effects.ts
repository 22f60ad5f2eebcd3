import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transactions.js';
import type { Movement } from '../provider/money-provider.js';
import { InboxStore } from './inbox.store.js';

/** What objects of the provider do to the ledger, each once for ever by (object, effect). */
@Injectable()
export class Effects {
  constructor(private readonly store: InboxStore) {}

  /** @returns true the first time. With a movement the effect also explains that balance transaction. */
  firstTime(tx: Transaction, object_id: string, effect: string, movement: Movement | null = null): Promise<boolean> {
    return this.store.firstTime(tx, object_id, effect, movement);
  }
}
