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
      const good = this.goods.of(market);
      const book = await good.look(market);
      const { offers, orders } = book;
      const own = new Set(offers.filter((offer) => offer.owner === owner_id && offer.slots > 0).map((offer) => offer.id));
      if (own.size === 0) continue;
      for (const one of clear({ offers, orders }).unmatched_offers) {
        if (!own.has(one.offer_id)) continue;
        const reason = good.idleReasonOf?.(one, book) ?? { code: one.reason.code, sentence: sentence(one.reason) };
        idle.push({ node_id: one.offer_id, slot_class, slots: one.slots, reason });
      }
    }
    return idle;
  }
}
