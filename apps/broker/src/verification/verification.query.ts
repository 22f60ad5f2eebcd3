import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Repetition } from '../platform/repetition.js';
import { ChecksStore } from './checks.store.js';
import { ChecksWanted } from './verification.events.js';

const LOOK_MS = 5_000;
/** A lease that got no check is not asked for again before this. */
const AGAIN_MS = 500;

/** Which jobs have checks for nodes to run, as far as this gateway has heard: so that feeding a lease of any other job asks nothing. */
@Injectable()
export class CheckedJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(CheckedJobs.name);
  private jobs = new Set<string>();
  private readonly refused = new Map<string, number>();
  private readonly looks = new Repetition(
    LOOK_MS,
    () => this.look(),
    (error) => this.log.warn({ err: error }, 'checks that wait could not be looked for; the next look comes'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: ChecksStore,
    bus: EventBus,
  ) {
    bus.subscribe(ChecksWanted, ({ job_ids }) => {
      for (const id of job_ids) this.jobs.add(id);
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('gateway')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  /** Whether this lease should ask for checks now. */
  has(job_id: string, lease_id: string, now_ms: number): boolean {
    return this.jobs.has(job_id) && (this.refused.get(lease_id) ?? Number.NEGATIVE_INFINITY) <= now_ms;
  }

  /** There was none for it. */
  noneFor(lease_id: string, now_ms: number): void {
    this.refused.set(lease_id, now_ms + AGAIN_MS);
  }

  private async look(): Promise<void> {
    this.jobs = new Set(await this.store.jobsWanting());
    const now_ms = performance.now();
    for (const [lease_id, until_ms] of this.refused) if (until_ms < now_ms) this.refused.delete(lease_id);
  }
}
