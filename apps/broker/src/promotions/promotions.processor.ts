import { Processor, WorkerHost } from '@nestjs/bullmq';
import { PromoCommands } from '../money/promo.commands.js';

export const PROMOTIONS_QUEUE = 'promotions';
export const EXPIRE = 'expire';

@Processor(PROMOTIONS_QUEUE)
export class PromotionsProcessor extends WorkerHost {
  constructor(private readonly promo: PromoCommands) {
    super();
  }

  async process(): Promise<{ expired: number }> {
    return { expired: await this.promo.expireDue() };
  }
}
