import { Injectable } from '@nestjs/common';
import { type MarketName, type SlotClass, workMarket } from '#units';
import { type Book, type Good, Goods } from './goods.commands.js';
import { RoundsService } from './rounds.service.js';

/** What later stations tell the market. */
@Injectable()
export class AuctionsCommands {
  constructor(
    private readonly goods: Goods,
    private readonly rounds: RoundsService,
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
  slotsFreed(slot_class: SlotClass): void {
    this.rounds.schedule(workMarket(slot_class));
  }
}
