import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnModuleInit } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { EventBus } from '../platform/bus/event-bus.js';
import { type RepairJob, Repairs } from './repair.service.js';
import { SegmentsAtRisk } from './volumes.events.js';

export const VOLUMES_QUEUE = 'volumes';
export const PLAN_REPAIRS = 'plan-repairs';
const REPAIR = 'repair';

/** Repairs segments one after the other; PostgreSQL says which, the queue only wakes. */
@Processor(VOLUMES_QUEUE)
export class VolumesProcessor extends WorkerHost implements OnModuleInit {
  constructor(
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

  async process(job: Job): Promise<{ planned?: number }> {
    if (job.name === REPAIR) {
      await this.repairs.repair(job.data as RepairJob);
      return {};
    }
    const planned = await this.repairs.plan();
    for (const one of planned)
      await this.queue.add(REPAIR, one, { deduplication: { id: `${one.file_id} ${one.ordinal}` }, attempts: 1, removeOnComplete: true });
    return { planned: planned.length };
  }
}
