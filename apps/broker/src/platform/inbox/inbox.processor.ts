import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnModuleInit } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { EventBus } from '../bus/event-bus.js';
import { EventsArrived } from './inbox.events.js';
import { Inbox } from './inbox.service.js';

export const INBOX_QUEUE = 'inbox';
export const APPLY = 'apply';
export const PULL = 'pull';
const WAKE = 'wake';

@Processor(INBOX_QUEUE, { concurrency: 2 })
export class InboxProcessor extends WorkerHost implements OnModuleInit {
  constructor(
    private readonly inbox: Inbox,
    private readonly bus: EventBus,
    @InjectQueue(INBOX_QUEUE) private readonly queue: Queue,
  ) {
    super();
  }

  onModuleInit(): void {
    this.bus.subscribe(EventsArrived, async () => {
      await this.queue.add(WAKE, {}, { deduplication: { id: WAKE }, attempts: 1, removeOnComplete: true });
    });
  }

  async process(job: Job): Promise<{ objects?: number; events?: number }> {
    if (job.name === PULL) return { events: await this.inbox.pull() };
    return { objects: await this.inbox.applyWaiting() };
  }
}
