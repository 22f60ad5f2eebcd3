import { Injectable } from '@nestjs/common';
import { clear, sentence } from '#auction';
import type { ResponseOf, ROUTES } from '#protocol';
import { type MarketName, SLOT_CLASSES, slotClassOf, type WorkMarketName, workMarket } from '#units';
import { Goods } from './goods.commands.js';

type IdleView = ResponseOf<typeof ROUTES.listIdle>['idle'][number];

export interface Idle {
  node_id: string;
  market: MarketName;
  slots: number;
  reason: { code: string; sentence: string };
}

/** Why an owner's slots find no work: what a clearing of the present book says of them. */
@Injectable()
export class IdleService {
  constructor(private readonly goods: Goods) {}

  async of(owner_id: string): Promise<IdleView[]> {
    const idle = await this.in(owner_id, SLOT_CLASSES.map(workMarket));
    return idle.map(({ market, ...one }) => ({ ...one, slot_class: slotClassOf(market as WorkMarketName) }));
  }

  async in(owner_id: string, markets: readonly MarketName[]): Promise<Idle[]> {
    const idle: Idle[] = [];
    for (const market of markets) {
      const good = this.goods.of(market);
      const book = await good.look(market);
      const { offers, orders } = book;
      const own = new Set(offers.filter((offer) => offer.owner === owner_id && offer.slots > 0).map((offer) => offer.id));
      if (own.size === 0) continue;
      for (const one of clear({ offers, orders }).unmatched_offers) {
        if (!own.has(one.offer_id)) continue;
        const reason = good.idleReasonOf?.(one, book) ?? { code: one.reason.code, sentence: sentence(one.reason) };
        idle.push({ node_id: one.offer_id, market, slots: one.slots, reason });
      }
    }
    return idle;
  }
}
