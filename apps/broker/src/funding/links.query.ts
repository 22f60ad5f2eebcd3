import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { LinksStore } from './links.store.js';

/** Who belongs together for money (I9): people who pay with the same card, are paid to the same bank account, or
 * bring the same device. */
@Injectable()
export class LinksQuery {
  constructor(private readonly store: LinksStore) {}

  /** The person and everybody linked to them. Inside a transaction give it: waiting for a second connection could wait for ever. */
  clusterOf(person_id: string, tx?: Transaction): Promise<string[]> {
    return this.store.cluster(person_id, tx);
  }

  /** Of these people, those who are linked to others, each with the name of their cluster. */
  namesOf(person_ids: readonly string[], db?: Pick<Transaction, 'query'>): Promise<Map<string, string>> {
    return this.store.names(person_ids, db);
  }
}
