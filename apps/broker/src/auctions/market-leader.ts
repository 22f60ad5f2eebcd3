import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SLOT_CLASSES, type SlotClass } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type LockSession, Locks } from '../platform/database/locks.js';
import { LeadStore } from './lead.store.js';

const TRY_AGAIN_MS = 500;

const lockOf = (slot_class: SlotClass): string => `market work:${slot_class}`;

/**
 * Leads each market whose lock in PostgreSQL this process holds. The locks end with their connection, and so with the process; until a deposed
 * leader has heard of it, the epoch in its rounds refuses them.
 */
@Injectable()
export class MarketLeader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(MarketLeader.name);
  private readonly epochs = new Map<SlotClass, bigint>();
  private timer: NodeJS.Timeout | undefined;
  private session: LockSession | undefined;
  private standing: Promise<void> = Promise.resolve();
  private stopped = false;
  private onLead: (slot_class: SlotClass) => void = () => {};

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly locks: Locks,
    private readonly store: LeadStore,
  ) {}

  whenLeading(callback: (slot_class: SlotClass) => void): void {
    this.onLead = callback;
  }

  /** The epoch of this process's lead; null while another process leads the market. */
  epochOf(slot_class: SlotClass): bigint | null {
    return this.epochs.get(slot_class) ?? null;
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.schedule(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.standing;
    this.epochs.clear();
    await this.session?.release();
  }

  private schedule(in_ms: number): void {
    this.timer = setTimeout(() => {
      this.standing = this.stand().finally(() => {
        if (!this.stopped) this.schedule(TRY_AGAIN_MS);
      });
    }, in_ms);
  }

  /** Stands for election in every market that it does not lead. */
  private async stand(): Promise<void> {
    const others = SLOT_CLASSES.filter((slot_class) => !this.epochs.has(slot_class));
    if (others.length === 0) return;
    try {
      this.session ??= await this.locks.session(() => this.lost());
      const { session } = this;
      const won = await session.tryLock(others.map(lockOf));
      for (const slot_class of others.filter((c) => won.includes(lockOf(c)))) {
        const epoch = await this.store.takeLead(slot_class);
        if (this.session !== session) return;
        this.epochs.set(slot_class, epoch);
        this.log.log({ slot_class, epoch: String(epoch) }, 'leads a market');
        this.onLead(slot_class);
      }
    } catch (error) {
      // Locks without an epoch would keep the others from leading.
      await this.session?.release();
      this.lost();
      this.log.warn({ err: error }, 'the lead of the markets could not be taken; trying again');
    }
  }

  private lost(): void {
    this.session = undefined;
    this.epochs.clear();
  }
}
