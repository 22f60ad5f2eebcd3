import { Processor, WorkerHost } from '@nestjs/bullmq';
import { StatementsService } from './statements.service.js';

export const STATEMENTS_QUEUE = 'statements';
export const WRITE_DUE = 'write-due';

/** Months that are over become documents; what is missing after an outage is found by the next turn. */
@Processor(STATEMENTS_QUEUE)
export class StatementsProcessor extends WorkerHost {
  constructor(private readonly statements: StatementsService) {
    super();
  }

  async process(): Promise<{ made: number }> {
    return { made: await this.statements.writeDue() };
  }
}
