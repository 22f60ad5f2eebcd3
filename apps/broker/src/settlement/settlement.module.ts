import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { CorrectionsService } from './corrections.service.js';
import { ObjectionsController } from './objections.controller.js';
import { ObjectionsService } from './objections.service.js';
import { ObjectionsStore } from './objections.store.js';
import { SettlementCommands } from './settlement.commands.js';
import { SettlementController } from './settlement.controller.js';
import { DECIDE_OVERDUE, RELEASE_DUE, RELEASE_RESERVES, SETTLEMENT_QUEUE, SettlementProcessor } from './settlement.processor.js';
import { SettlementService } from './settlement.service.js';
import { SettlementStore } from './settlement.store.js';

@Module({
  imports: [
    VerificationModule,
    QueueModule.forQueue({
      name: SETTLEMENT_QUEUE,
      repeats: [
        { job: RELEASE_DUE, every_ms: 2_000 },
        { job: RELEASE_RESERVES, every_ms: 600_000 },
        { job: DECIDE_OVERDUE, every_ms: 600_000 },
      ],
    }),
  ],
  controllers: [SettlementController, ObjectionsController],
  providers: [
    CorrectionsService,
    ObjectionsService,
    ObjectionsStore,
    SettlementCommands,
    SettlementProcessor,
    SettlementService,
    SettlementStore,
  ],
  exports: [SettlementCommands],
})
export class SettlementModule {}
