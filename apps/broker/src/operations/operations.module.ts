import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { AUDIT_LEDGER, OPERATIONS_QUEUE, OperationsProcessor } from './operations.processor.js';

@Module({
  imports: [QueueModule.forQueue({ name: OPERATIONS_QUEUE, repeats: [{ job: AUDIT_LEDGER, every_ms: 60_000 }] })],
  providers: [OperationsProcessor],
})
export class OperationsModule {}
