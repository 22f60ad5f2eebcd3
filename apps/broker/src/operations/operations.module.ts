import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { AlertsService } from './alerts.service.js';
import { AlertsStore } from './alerts.store.js';
import { FiguresService } from './figures.service.js';
import { FiguresStore } from './figures.store.js';
import { OperationsController } from './operations.controller.js';
import { AUDIT_LEDGER, FORGET_ALERTS, LOOK_AT_HEAP, OPERATIONS_QUEUE, OperationsProcessor, SCORE_NODES } from './operations.processor.js';
import { PublicFiguresService } from './public-figures.service.js';
import { PublicFiguresStore } from './public-figures.store.js';
import { SamplesService } from './samples.service.js';
import { SamplesStore } from './samples.store.js';

/** The ledger's audit; the heap's figures, now and over time; alerts. */
@Module({
  imports: [
    QueueModule.forQueue({
      name: OPERATIONS_QUEUE,
      repeats: [
        { job: AUDIT_LEDGER, every_ms: 60_000 },
        { job: LOOK_AT_HEAP, every_ms: 15_000 },
        { job: SCORE_NODES, every_ms: 300_000 },
        { job: FORGET_ALERTS, every_ms: 86_400_000 },
      ],
    }),
  ],
  controllers: [OperationsController],
  providers: [
    OperationsProcessor,
    AlertsService,
    AlertsStore,
    FiguresService,
    FiguresStore,
    PublicFiguresService,
    PublicFiguresStore,
    SamplesService,
    SamplesStore,
  ],
})
export class OperationsModule {}
