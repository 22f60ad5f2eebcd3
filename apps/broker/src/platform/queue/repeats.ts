import { getQueueToken } from '@nestjs/bullmq';
import type { FactoryProvider, OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { CONFIG, type Config } from '../config/config.js';

export interface Repeat {
  /** The job's name; its processor tells its jobs apart by it. */
  job: string;
  every_ms: number;
}

/** Keeps a queue's repeated jobs as declared: those that are declared no longer are taken away. */
class Repeats implements OnApplicationBootstrap {
  constructor(
    private readonly queue: Queue,
    private readonly repeats: readonly Repeat[],
    private readonly active: boolean,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.active) return;
    for (const { job, every_ms } of this.repeats) {
      // The next turn comes anyway: a failed one is not tried again in between.
      const opts = { attempts: 1, removeOnComplete: true, removeOnFail: { count: 100 } };
      await this.queue.upsertJobScheduler(job, { every: every_ms }, { name: job, opts });
    }
    const declared = new Set(this.repeats.map(({ job }) => job));
    for (const { key } of await this.queue.getJobSchedulers()) if (!declared.has(key)) await this.queue.removeJobScheduler(key);
  }
}

export const repeatsProvider = (name: string, repeats: readonly Repeat[]): FactoryProvider => ({
  provide: Symbol(`repeats of ${name}`),
  inject: [getQueueToken(name), CONFIG],
  useFactory: (queue: Queue, config: Config) => new Repeats(queue, repeats, config.roles.includes('worker')),
});
