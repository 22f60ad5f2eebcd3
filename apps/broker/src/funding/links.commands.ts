import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { LinksStore } from './links.store.js';

@Injectable()
export class LinksCommands {
  constructor(private readonly store: LinksStore) {}

  /** Notes that a person pays or is paid by this card, bank account or device. */
  see(tx: Transaction, person_id: string, kind: 'card' | 'bank' | 'device', fingerprint: string): Promise<void> {
    return this.store.see(tx, person_id, kind, fingerprint);
  }
}
