import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { EventBus } from '../bus/event-bus.js';
import { OutboxFilled } from './outbox.events.js';
import { Outbox } from './outbox.service.js';

export const OUTBOX_QUEUE = 'outbox';
export const DRAIN = 'drain';
const WAKE = 'wake';

/** Drains the outbox when it is told to, and every few seconds from PostgreSQL in case nobody was told. */
@Processor(OUTBOX_QUEUE)
export class OutboxProcessor extends WorkerHost implements OnModuleInit {
  constructor(
    private readonly outbox: Outbox,
    private readonly bus: EventBus,
    @InjectQueue(OUTBOX_QUEUE) private readonly queue: Queue,
  ) {
    super();
  }

  onModuleInit(): void {
    this.bus.subscribe(OutboxFilled, async () => {
      await this.queue.add(WAKE, {}, { deduplication: { id: WAKE }, attempts: 1, removeOnComplete: true });
    });
  }

  async process(): Promise<{ sent: number }> {
    return { sent: await this.outbox.drain() };
  }
}
