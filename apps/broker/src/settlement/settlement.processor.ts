import { Processor, WorkerHost } from '@nestjs/bullmq';
import { SettlementService } from './settlement.service.js';

export const SETTLEMENT_QUEUE = 'settlement';
export const RELEASE_DUE = 'release-due';

@Processor(SETTLEMENT_QUEUE)
export class SettlementProcessor extends WorkerHost {
  constructor(private readonly settlement: SettlementService) {
    super();
  }

  async process(): Promise<{ released: number }> {
    return { released: await this.settlement.releaseDue() };
  }
}
