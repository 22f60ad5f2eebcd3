import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger, type OnModuleInit } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { AccessChanged } from '../accounts/accounts.events.js';
import { DepositChanged } from '../funding/funding.events.js';
import { AdminAlertRaised } from '../operations/operations.events.js';
import { PayoutChanged } from '../payouts/payouts.events.js';
import { EventBus, type EventType } from '../platform/bus/event-bus.js';
import { ObjectionsChanged } from '../settlement/settlement.events.js';
import { PenaltiesChanged } from '../verification/verification.events.js';
import { DeliveriesService } from './deliveries.service.js';
import { WatchesService } from './watches.service.js';

export const NOTICES_QUEUE = 'notices';
export const DELIVERIES_QUEUE = 'deliveries';
export const LOOK = 'look';
export const FORGET = 'forget';
export const SEND = 'send';
const WAKE = 'wake';
const log = new Logger('notices');

/**
 * Hurries what the queue's next turn would do anyway. Not awaited: a queue that is closed takes nothing more and never says so, and a job
 * that waits for it would keep the process from ending.
 */
function wake(queue: Queue): void {
  queue.add(WAKE, {}, { deduplication: { id: WAKE }, attempts: 1, removeOnComplete: true }).catch((error: unknown) => {
    log.warn({ err: error, queue: queue.name }, 'a queue could not be hurried; it goes on at its next turn');
  });
}

/** These are rare and somebody waits for them: a look at once. Everything else is found at the next turn. */
const AT_ONCE = [AccessChanged, AdminAlertRaised, DepositChanged, PayoutChanged, ObjectionsChanged, PenaltiesChanged] as const;

/** Looks for news, and has it sent at once. */
@Processor(NOTICES_QUEUE)
export class NoticesProcessor extends WorkerHost implements OnModuleInit {
  constructor(
    private readonly watches: WatchesService,
    private readonly bus: EventBus,
    @InjectQueue(NOTICES_QUEUE) private readonly looks: Queue,
    @InjectQueue(DELIVERIES_QUEUE) private readonly deliveries: Queue,
  ) {
    super();
  }

  onModuleInit(): void {
    for (const event of AT_ONCE) this.bus.subscribe(event as EventType<unknown>, () => wake(this.looks));
  }

  async process({ name }: Job): Promise<{ people: number }> {
    if (name === FORGET) {
      await this.watches.forget();
      return { people: 0 };
    }
    const people = await this.watches.look();
    if (people > 0) wake(this.deliveries);
    return { people };
  }
}

/** Sends what is due; a queue of its own, so that a slow receiver keeps nobody from being told on the page. */
@Processor(DELIVERIES_QUEUE)
export class DeliveriesProcessor extends WorkerHost {
  constructor(private readonly deliveries: DeliveriesService) {
    super();
  }

  async process(): Promise<{ sent: number }> {
    return { sent: await this.deliveries.drain() };
  }
}
