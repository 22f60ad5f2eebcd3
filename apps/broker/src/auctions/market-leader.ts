import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { MarketName } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type LockSession, Locks } from '../platform/database/locks.js';
import { Goods } from './goods.commands.js';
import { LeadStore } from './lead.store.js';

const TRY_AGAIN_MS = 500;

const lockOf = (market: MarketName): string => `market ${market}`;

/**
 * Leads each market whose lock in PostgreSQL this process holds. The locks end with their connection, and so with the process; until a deposed
 * leader has heard of it, the epoch in its rounds refuses them.
 */
@Injectable()
export class MarketLeader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(MarketLeader.name);
  private readonly epochs = new Map<MarketName, bigint>();
  private timer: NodeJS.Timeout | undefined;
  private session: LockSession | undefined;
  private standing: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly onLead: ((market: MarketName) => void)[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly goods: Goods,
    private readonly locks: Locks,
    private readonly store: LeadStore,
  ) {}

  whenLeading(callback: (market: MarketName) => void): void {
    this.onLead.push(callback);
  }

  /** The epoch of this process's lead; null while another process leads the market. */
  epochOf(market: MarketName): bigint | null {
    return this.epochs.get(market) ?? null;
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
    const others = this.goods.markets.filter((market) => !this.epochs.has(market));
    if (others.length === 0) return;
    try {
      this.session ??= await this.locks.session(() => this.lost());
      const { session } = this;
      const won = await session.tryLock(others.map(lockOf));
      for (const market of others.filter((one) => won.includes(lockOf(one)))) {
        const epoch = await this.store.takeLead(market);
        if (this.session !== session) return;
        this.epochs.set(market, epoch);
        this.log.log({ market, epoch: String(epoch) }, 'leads a market');
        for (const tell of this.onLead) tell(market);
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
