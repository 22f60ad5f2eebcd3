import { Global, Module } from '@nestjs/common';
import { QueueModule } from '../queue/queue.module.js';
import { Effects } from './effects.js';
import { InboxController } from './inbox.controller.js';
import { APPLY, INBOX_QUEUE, InboxProcessor, PULL } from './inbox.processor.js';
import { Inbox } from './inbox.service.js';
import { InboxStore } from './inbox.store.js';

const HOUR_MS = 3_600_000;

@Global()
@Module({
  imports: [
    QueueModule.forQueue({
      name: INBOX_QUEUE,
      repeats: [
        { job: APPLY, every_ms: 5_000 },
        { job: PULL, every_ms: HOUR_MS },
      ],
    }),
  ],
  controllers: [InboxController],
  providers: [Effects, Inbox, InboxProcessor, InboxStore],
  exports: [Effects, Inbox],
})
export class InboxModule {}
