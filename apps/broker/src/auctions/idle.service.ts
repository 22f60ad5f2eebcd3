import { Injectable } from '@nestjs/common';
import { clear, sentence } from '#auction';
import type { ResponseOf, ROUTES } from '#protocol';
import { slotClassOf } from '#units';
import { Goods } from './goods.commands.js';

type IdleView = ResponseOf<typeof ROUTES.listIdle>['idle'][number];

/** Why an owner's slots find no work: what a clearing of the present book says of them. */
@Injectable()
export class IdleService {
  constructor(private readonly goods: Goods) {}

  async of(owner_id: string): Promise<IdleView[]> {
    const idle: IdleView[] = [];
    for (const market of this.goods.markets) {
      const slot_class = slotClassOf(market);
      if (slot_class === null) continue;
      const { offers, orders } = await this.goods.of(market).look(market);
      const own = new Set(offers.filter((offer) => offer.owner === owner_id && offer.slots > 0).map((offer) => offer.id));
      if (own.size === 0) continue;
      for (const { offer_id, slots, reason } of clear({ offers, orders }).unmatched_offers)
        if (own.has(offer_id))
          idle.push({ node_id: offer_id, slot_class, slots, reason: { code: reason.code, sentence: sentence(reason) } });
    }
    return idle;
  }
}
