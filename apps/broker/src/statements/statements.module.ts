import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { SpendingService } from './spending.service.js';
import { SpendingStore } from './spending.store.js';
import { StatementsController } from './statements.controller.js';
import { STATEMENTS_QUEUE, StatementsProcessor, WRITE_DUE } from './statements.processor.js';
import { StatementsService } from './statements.service.js';
import { StatementsStore } from './statements.store.js';

/** What people were paid and charged, line by line. */
@Module({
  imports: [QueueModule.forQueue({ name: STATEMENTS_QUEUE, repeats: [{ job: WRITE_DUE, every_ms: 600_000 }] })],
  controllers: [StatementsController],
  providers: [SpendingService, SpendingStore, StatementsProcessor, StatementsService, StatementsStore],
})
export class StatementsModule {}
