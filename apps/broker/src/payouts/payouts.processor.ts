import { Processor, WorkerHost } from '@nestjs/bullmq';
import { PayoutSchedule } from './payout-schedule.service.js';

export const PAYOUTS_QUEUE = 'payouts';
export const TEND = 'tend';

@Processor(PAYOUTS_QUEUE)
export class PayoutsProcessor extends WorkerHost {
  constructor(private readonly schedule: PayoutSchedule) {
    super();
  }

  process(): Promise<void> {
    return this.schedule.tend();
  }
}
