import { getQueueToken } from '@nestjs/bullmq';
import { type FactoryProvider, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { CONFIG, type Config } from '../config/config.js';
import { Repetition } from '../repetition.js';

export interface Repeat {
  /** The job's name; its processor tells its jobs apart by it. */
  job: string;
  every_ms: number;
}

const LOOK_MS_MIN = 1_000;
const LOOK_MS_MAX = 60_000;

/**
 * Keeps a queue's repeated jobs as declared: those that are declared no longer are taken away, and those that are gone, as with a Redis that
 * lost its memory, are made again. So are those whose next turn is further away than a turn takes: the clock was set back meanwhile.
 */
class Repeats implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('queues');
  private readonly looks: Repetition;

  constructor(
    private readonly queue: Queue,
    private readonly repeats: readonly Repeat[],
    private readonly active: boolean,
  ) {
    const soonest_ms = Math.min(...repeats.map(({ every_ms }) => every_ms));
    this.looks = new Repetition(
      Math.max(LOOK_MS_MIN, Math.min(LOOK_MS_MAX, soonest_ms)),
      () => this.mend(),
      (error) => this.log.warn({ err: error, queue: queue.name }, 'repeated jobs could not be looked after; trying again'),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.active) return;
    for (const repeat of this.repeats) await this.declare(repeat);
    const declared = new Set(this.repeats.map(({ job }) => job));
    for (const { key } of await this.queue.getJobSchedulers()) if (!declared.has(key)) await this.queue.removeJobScheduler(key);
    if (this.repeats.length > 0) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  private async mend(): Promise<void> {
    const next = new Map((await this.queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler.next]));
    for (const repeat of this.repeats) {
      const next_ms = next.get(repeat.job);
      if (next_ms !== undefined && next_ms - Date.now() <= repeat.every_ms + LOOK_MS_MAX) continue;
      this.log.warn({ queue: this.queue.name, job: repeat.job, next_ms }, 'a repeated job was gone, or due too late, and is begun anew');
      if (next.has(repeat.job)) await this.queue.removeJobScheduler(repeat.job);
      await this.declare(repeat);
    }
  }

  private async declare({ job, every_ms }: Repeat): Promise<void> {
    // The next turn comes anyway: a failed one is not tried again in between.
    const opts = { attempts: 1, removeOnComplete: true, removeOnFail: { count: 100 } };
    await this.queue.upsertJobScheduler(job, { every: every_ms }, { name: job, opts });
  }
}

export const repeatsProvider = (name: string, repeats: readonly Repeat[]): FactoryProvider => ({
  provide: Symbol(`repeats of ${name}`),
  inject: [getQueueToken(name), CONFIG],
  useFactory: (queue: Queue, config: Config) => new Repeats(queue, repeats, config.roles.includes('worker')),
});
