import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type RepairJob, Repairs } from './repair.service.js';
import { SegmentsAtRisk } from './volumes.events.js';

export const VOLUMES_QUEUE = 'volumes';
export const PLAN_REPAIRS = 'plan-repairs';
const REPAIR = 'repair';

/** Repairs so many segments at a time as the process is set to, the most urgent first; PostgreSQL says which, the queue only wakes. */
@Processor(VOLUMES_QUEUE)
export class VolumesProcessor extends WorkerHost implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly repairs: Repairs,
    private readonly bus: EventBus,
    @InjectQueue(VOLUMES_QUEUE) private readonly queue: Queue,
  ) {
    super();
  }

  onModuleInit(): void {
    this.bus.subscribe(SegmentsAtRisk, async () => {
      await this.queue.add(PLAN_REPAIRS, {}, { deduplication: { id: PLAN_REPAIRS }, attempts: 1, removeOnComplete: true });
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('worker')) this.worker.concurrency = this.config.repairs_at_once;
  }

  async process(job: Job): Promise<{ planned?: number }> {
    if (job.name === REPAIR) {
      await this.repairs.repair(job.data as RepairJob);
      return {};
    }
    const planned = await this.repairs.plan();
    for (const { priority, ...one } of planned) {
      const deduplication = { id: `${one.file_id} ${one.ordinal}` };
      await this.queue.add(REPAIR, one, { deduplication, priority, attempts: 1, removeOnComplete: true });
    }
    return { planned: planned.length };
  }
}
