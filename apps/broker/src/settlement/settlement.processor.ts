import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { NewcomersService } from '../money/newcomers.service.js';
import { ObjectionsService } from './objections.service.js';
import { SettlementService } from './settlement.service.js';

export const SETTLEMENT_QUEUE = 'settlement';
export const RELEASE_DUE = 'release-due';
export const DECIDE_OVERDUE = 'decide-overdue';
export const RELEASE_RESERVES = 'release-reserves';

@Processor(SETTLEMENT_QUEUE)
export class SettlementProcessor extends WorkerHost {
  constructor(
    private readonly settlement: SettlementService,
    private readonly newcomers: NewcomersService,
    private readonly objections: ObjectionsService,
  ) {
    super();
  }

  async process(job: Job): Promise<{ released?: number; decided?: number }> {
    if (job.name === RELEASE_RESERVES) return { released: await this.newcomers.releaseReserves() };
    if (job.name === DECIDE_OVERDUE) return { decided: (await this.objections.decideRerun()) + (await this.objections.decideOverdue()) };
    return { released: (await this.settlement.releaseDue()) + (await this.objections.settle()) };
  }
}
