import { Injectable } from '@nestjs/common';
import { type KeptOfferRow, KeptOffersStore } from './kept-offers.store.js';

export type { KeptOfferRow } from './kept-offers.store.js';

@Injectable()
export class KeptOffersQuery {
  constructor(private readonly store: KeptOffersStore) {}

  /** What the devices of an owner offer to keep, or keep. */
  listOf(owner_id: string): Promise<KeptOfferRow[]> {
    return this.store.listOf(owner_id);
  }
}
