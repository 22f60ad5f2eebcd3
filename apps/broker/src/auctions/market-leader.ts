import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { MarketName } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type LockSession, Locks } from '../platform/database/locks.js';
import { Goods } from './goods.commands.js';
import { LeadStore } from './lead.store.js';

const TRY_AGAIN_MS = 500;

const lockOf = (market: MarketName): string => `market ${market}`;

/**
 * Leads each market whose lock in PostgreSQL this process holds. The locks end with their connection, and so with the process. A process that
 * is stopped or cut off may keep its connection for long: a leader says twice a second that it lives, on that same connection, and who was not
 * heard of for a while may be succeeded without the lock. Whoever led before, its epoch refuses every round of it, until it has heard.
 */
@Injectable()
export class MarketLeader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(MarketLeader.name);
  private readonly epochs = new Map<MarketName, bigint>();
  /** The markets whose lock the session holds. */
  private readonly locked = new Set<MarketName>();
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

  /** Says that it lives where it leads, and stands for election everywhere else. */
  private async stand(): Promise<void> {
    try {
      this.session ??= await this.locks.session(() => this.lost());
      const { session } = this;
      await this.beat(session);
      if (this.session !== session) return;
      const unlocked = this.goods.markets.filter((market) => !this.locked.has(market));
      const won = unlocked.length === 0 ? [] : await session.tryLock(unlocked.map(lockOf));
      if (this.session !== session) return;
      for (const market of unlocked.filter((one) => won.includes(lockOf(one)))) this.locked.add(market);
      const others = unlocked.filter((market) => !this.epochs.has(market));
      const free = others.filter((market) => this.locked.has(market));
      const taken = others.filter((market) => !this.locked.has(market));
      for (const market of [...free, ...(taken.length === 0 ? [] : await this.store.silent(taken))]) await this.take(session, market);
    } catch (error) {
      // Locks without an epoch would keep the others from leading.
      await this.session?.release();
      this.lost();
      this.log.warn({ err: error }, 'the lead of the markets could not be taken or kept; trying again');
    }
  }

  private async take(session: LockSession, market: MarketName): Promise<void> {
    const epoch = await this.store.takeLead(market);
    if (this.session !== session) return;
    this.epochs.set(market, epoch);
    this.log.log({ market, epoch: String(epoch), locked: this.locked.has(market) }, 'leads a market');
    for (const tell of this.onLead) tell(market);
  }

  /** Where another has begun an epoch, this one's lead is over, and its lock must not keep anybody from the next. */
  private async beat(session: LockSession): Promise<void> {
    if (this.epochs.size === 0) return;
    const epochs = new Map(this.epochs);
    const kept = await this.store.beat(session, epochs);
    const over = [...epochs.keys()].filter((market) => !kept.includes(market));
    if (over.length === 0 || this.session !== session) return;
    this.log.warn({ markets: over }, 'markets are led by another process now');
    await session.release();
    this.lost();
  }

  private lost(): void {
    this.session = undefined;
    this.epochs.clear();
    this.locked.clear();
  }
}
