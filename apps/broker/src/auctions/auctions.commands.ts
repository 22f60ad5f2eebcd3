import { Injectable } from '@nestjs/common';
import { type MarketName, SLOT_CLASSES, type SlotClass, workMarket } from '#units';
import { type Book, type Good, Goods } from './goods.commands.js';
import { RoundsService } from './rounds.service.js';
import { SupplyService } from './supply.service.js';

/** What later stations tell the market. */
@Injectable()
export class AuctionsCommands {
  constructor(
    private readonly goods: Goods,
    private readonly rounds: RoundsService,
    private readonly supply: SupplyService,
  ) {}

  /** Opens markets of another good; while the broker is put together. */
  open<B extends Book>(good: Good<B>): void {
    this.goods.add(good);
  }

  /** What a market offers or wants has changed: a round decides about it. */
  changed(market: MarketName): void {
    this.rounds.schedule(market);
  }

  /** Slots are free again, or terms are over: a round decides who has them. */
  slotsFreed(slot_class: SlotClass, node_ids: readonly string[] = []): void {
    this.supply.changed([slot_class], { nodes: node_ids });
    this.rounds.schedule(workMarket(slot_class));
  }

  /** Slots of a node are leased, or leased for another time than before: nothing to decide, and not as it was. */
  slotsTaken(node_id: string): void {
    this.supply.changed(SLOT_CLASSES, { nodes: [node_id] });
  }
}
