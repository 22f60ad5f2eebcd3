import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { WatchService } from '../money/watch.service.js';
import { SteeringCommands } from '../nodes/steering.commands.js';
import { AlertsService } from './alerts.service.js';

export const OPERATIONS_QUEUE = 'operations';
export const AUDIT_LEDGER = 'audit-ledger';
export const LOOK_AT_HEAP = 'look-at-heap';
/** Lists of devices are sorted by what this keeps. */
export const SCORE_NODES = 'score-nodes';
export const FORGET_ALERTS = 'forget-alerts';

/** Watches over the heap while it runs. */
@Processor(OPERATIONS_QUEUE)
export class OperationsProcessor extends WorkerHost {
  private readonly log = new Logger(OperationsProcessor.name);

  constructor(
    private readonly watch: WatchService,
    private readonly alerts: AlertsService,
    private readonly steering: SteeringCommands,
  ) {
    super();
  }

  async process({ name }: Pick<Job, 'name'>): Promise<{ breaches?: number }> {
    if (name === LOOK_AT_HEAP) await this.alerts.look();
    if (name === SCORE_NODES) await this.steering.scoreAll();
    if (name === FORGET_ALERTS) await this.alerts.forget();
    if (name !== AUDIT_LEDGER) return {};
    const broken = await this.watch.look();
    for (const { invariant, pass, detail } of broken) this.log.fatal({ invariant, pass }, `ledger invariant broken: ${detail}`);
    return { breaches: broken.length };
  }
}
