import { Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { PromotionsController } from './promotions.controller.js';
import { EXPIRE, PROMOTIONS_QUEUE, PromotionsProcessor } from './promotions.processor.js';
import { PromotionsService } from './promotions.service.js';
import { PromotionsStore } from './promotions.store.js';

/** Campaign codes, and what they give. */
@Module({
  imports: [FundingModule, QueueModule.forQueue({ name: PROMOTIONS_QUEUE, repeats: [{ job: EXPIRE, every_ms: 60_000 }] })],
  controllers: [PromotionsController],
  providers: [PromotionsProcessor, PromotionsService, PromotionsStore],
})
export class PromotionsModule {}
