import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { jobEnded } from '#lifecycle';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Repetition } from '../platform/repetition.js';
import { OrdersCommands } from './orders.commands.js';
import { OrdersStore } from './orders.store.js';

const LOOK_MS = 1_000;

/** Stops jobs within a second of their deadline, which is an instant of the database's clock. */
@Injectable()
export class Deadlines implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(Deadlines.name);
  private readonly looks = new Repetition(
    LOOK_MS,
    () => this.look(),
    (error) => this.log.warn({ err: error }, 'jobs past their deadline could not be stopped; trying again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: OrdersStore,
    private readonly orders: OrdersCommands,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  private async look(): Promise<void> {
    for (const job_id of await this.store.overdue())
      await this.orders.endEarly(job_id, 'STOPPED', jobEnded('deadline_passed'), 'job_stopped');
  }
}
