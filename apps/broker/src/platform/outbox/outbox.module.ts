import { Global, Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { DRAIN, OUTBOX_QUEUE, OutboxProcessor } from './outbox.processor.js';
import { Outbox } from './outbox.service.js';
import { OutboxStore } from './outbox.store.js';

@Global()
@Module({
  imports: [QueueModule.forQueue({ name: OUTBOX_QUEUE, repeats: [{ job: DRAIN, every_ms: 5_000 }] })],
  providers: [Outbox, OutboxProcessor, OutboxStore],
  exports: [Outbox],
})
export class OutboxModule {}
