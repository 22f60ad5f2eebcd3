import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { linkUnknown } from './partners.errors.js';
import { PartnersStore } from './partners.store.js';

/** What enrolment asks and tells about partners. */
@Injectable()
export class PartnersCommands {
  constructor(private readonly store: PartnersStore) {}

  /** @throws HeapError `partner_link.not_found` for a link that is not open. */
  async openLink(code: string): Promise<string> {
    const id = await this.store.openLink(code);
    if (id === null) throw linkUnknown(code);
    return id;
  }

  attribute(tx: Transaction, node_id: string, link_id: string): Promise<void> {
    return this.store.attribute(tx, node_id, link_id);
  }
}
