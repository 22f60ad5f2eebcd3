import { Injectable } from '@nestjs/common';
import type { KeptMarketName, Micro } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { KeptOffersStore } from './kept-offers.store.js';
import { keptOfferUnknown } from './nodes.errors.js';
import { KeptOfferChanged } from './nodes.events.js';

@Injectable()
export class KeptOffersService {
  constructor(
    private readonly store: KeptOffersStore,
    private readonly bus: EventBus,
  ) {}

  /** @throws HeapError `not_found`, also for another owner's node. */
  async setPrice(owner_id: string, node_id: string, market: KeptMarketName, price_micro: Micro | null): Promise<void> {
    if (!(await this.store.setPrice(owner_id, node_id, market, price_micro))) throw keptOfferUnknown(market);
    this.bus.publish(KeptOfferChanged, { markets: [market] });
  }
}
