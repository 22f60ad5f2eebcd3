import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import { AuditService } from '../money/audit.service.js';

export const OPERATIONS_QUEUE = 'operations';
export const AUDIT_LEDGER = 'audit-ledger';

/** Watches over the heap while it runs. */
@Processor(OPERATIONS_QUEUE)
export class OperationsProcessor extends WorkerHost {
  private readonly log = new Logger(OperationsProcessor.name);

  constructor(private readonly audit: AuditService) {
    super();
  }

  async process(): Promise<{ breaches: number }> {
    const breaches = (await this.audit.run()).flatMap((report) => report.breaches);
    for (const { invariant, sentence } of breaches) this.log.fatal({ invariant }, `ledger invariant broken: ${sentence}`);
    return { breaches: breaches.length };
  }
}
