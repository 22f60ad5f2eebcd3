import { Injectable } from '@nestjs/common';
import { type BuyerObjections, BuyerObjectionsStore } from './buyer-objections.store.js';

const NONE = { open: 0, decided_for_owner: 0, decided_for_developer: 0, split: 0, objected: 0n, refunded: 0n };

/** How buyers' objections went: what owners may want to know before they admit somebody. */
@Injectable()
export class ObjectionsQuery {
  constructor(private readonly store: BuyerObjectionsStore) {}

  /** One entry for each buyer asked for, in their order. */
  async ofBuyers(buyers: readonly string[]): Promise<BuyerObjections[]> {
    const known = new Map((await this.store.ofBuyers(buyers)).map((row) => [row.person_id, row]));
    return buyers.map((person_id) => known.get(person_id) ?? { person_id, ...NONE });
  }
}
