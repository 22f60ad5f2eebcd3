import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { WatchService } from '../money/watch.service.js';

export const OPERATIONS_QUEUE = 'operations';
export const AUDIT_LEDGER = 'audit-ledger';

/** Watches over the heap while it runs. */
@Processor(OPERATIONS_QUEUE)
export class OperationsProcessor extends WorkerHost {
  private readonly log = new Logger(OperationsProcessor.name);

  constructor(private readonly watch: WatchService) {
    super();
  }

  async process(): Promise<{ breaches: number }> {
    const broken = await this.watch.look();
    for (const { invariant, pass, detail } of broken) this.log.fatal({ invariant, pass }, `ledger invariant broken: ${detail}`);
    return { breaches: broken.length };
  }
}
