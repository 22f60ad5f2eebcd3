import { Injectable } from '@nestjs/common';
import type { SlotClass } from '#units';
import { RoundsService } from './rounds.service.js';

/** What later stations tell the market. */
@Injectable()
export class AuctionsCommands {
  constructor(private readonly rounds: RoundsService) {}

  /** Slots are free again, or terms are over: a round decides who has them. */
  slotsFreed(slot_class: SlotClass): void {
    this.rounds.schedule(slot_class);
  }
}
