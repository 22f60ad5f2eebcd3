import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Locks } from '../platform/database/locks.js';
import { BookStore } from './book.store.js';

const TRY_AGAIN_MS = 1_000;

/** Leads the markets while this process holds PostgreSQL's lock; its epoch refuses what a deposed leader still does. */
@Injectable()
export class MarketLeader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(MarketLeader.name);
  private timer: NodeJS.Timeout | undefined;
  private release: (() => Promise<void>) | undefined;
  private onLead: () => void = () => {};
  /** null while another process leads. */
  epoch: bigint | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly locks: Locks,
    private readonly book: BookStore,
  ) {}

  whenLeading(callback: () => void): void {
    this.onLead = callback;
  }

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes('market')) return;
    void this.stand();
    this.timer = setInterval(() => void this.stand(), TRY_AGAIN_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.epoch = null;
    await this.release?.();
  }

  /** Stands for election; the lock is free as soon as the leader's connection is gone. */
  private async stand(): Promise<void> {
    if (this.release) return;
    try {
      const lock = await this.locks.tryAcquire('market leader', () => {
        this.epoch = null;
        this.release = undefined;
      });
      if (!lock) return;
      this.release = lock.release;
      this.epoch = await this.book.takeLead();
      this.log.log({ epoch: String(this.epoch) }, 'leads the markets');
      this.onLead();
    } catch (error) {
      await this.release?.();
      this.release = undefined;
      this.log.warn({ err: error }, 'the lead of the markets could not be taken; trying again');
    }
  }
}
