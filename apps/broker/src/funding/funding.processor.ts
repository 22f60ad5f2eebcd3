import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { type Reconciliation, ReconciliationService } from './reconciliation.service.js';
import { TopUpsService } from './top-ups.service.js';

export const FUNDING_QUEUE = 'funding';
export const TOP_UP = 'top-up';
export const TEND = 'tend';
export const RECONCILE = 'reconcile';

@Processor(FUNDING_QUEUE)
export class FundingProcessor extends WorkerHost {
  constructor(
    private readonly top_ups: TopUpsService,
    private readonly reconciliation: ReconciliationService,
  ) {
    super();
  }

  async process(job: Job): Promise<{ begun?: number; suspended?: number; explained?: number; difference_micro?: string | null }> {
    if (job.name === TOP_UP) return { begun: await this.top_ups.addDue() };
    if (job.name === RECONCILE) return inJson(await this.reconciliation.reconcile());
    await this.reconciliation.tend();
    return {};
  }
}

const inJson = ({ difference_micro, ...counts }: Reconciliation) => ({
  ...counts,
  difference_micro: difference_micro === null ? null : String(difference_micro),
});
