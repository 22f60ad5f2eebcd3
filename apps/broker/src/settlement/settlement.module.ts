import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { SettlementController } from './settlement.controller.js';
import { RELEASE_DUE, RELEASE_RESERVES, SETTLEMENT_QUEUE, SettlementProcessor } from './settlement.processor.js';
import { SettlementService } from './settlement.service.js';
import { SettlementStore } from './settlement.store.js';

@Module({
  imports: [
    QueueModule.forQueue({
      name: SETTLEMENT_QUEUE,
      repeats: [
        { job: RELEASE_DUE, every_ms: 2_000 },
        { job: RELEASE_RESERVES, every_ms: 600_000 },
      ],
    }),
  ],
  controllers: [SettlementController],
  providers: [SettlementProcessor, SettlementService, SettlementStore],
})
export class SettlementModule {}
