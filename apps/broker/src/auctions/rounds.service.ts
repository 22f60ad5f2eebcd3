import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { sentence, type UnmatchedOrder } from '#auction';
import type { MarketName } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { MarketTraded } from './auctions.events.js';
import { type Book, type Good, Goods } from './goods.commands.js';
import { LeadStore } from './lead.store.js';
import { MarketLeader } from './market-leader.js';
import { ReceiptsService } from './receipts.service.js';

/** Rounds are started by events; this often a market looks for itself. */
const LOOK_AGAIN_MS = 5_000;

/** Clears each market in frequent batches: at once when something changed, and at most once an interval. */
@Injectable()
export class RoundsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(RoundsService.name);
  private readonly timers = new Map<MarketName, NodeJS.Timeout>();
  private readonly cleared_at_ms = new Map<MarketName, number>();
  private readonly running = new Set<MarketName>();
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly goods: Goods,
    private readonly leader: MarketLeader,
    private readonly lead: LeadStore,
    private readonly receipts: ReceiptsService,
    private readonly transactions: Transactions,
    private readonly bus: EventBus,
  ) {
    leader.whenLeading((market) => this.schedule(market));
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.sweep = setInterval(() => this.scheduleAll(), LOOK_AGAIN_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.sweep);
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private scheduleAll(): void {
    for (const market of this.goods.markets) this.schedule(market);
  }

  schedule(market: MarketName): void {
    if (this.leader.epochOf(market) === null || this.timers.has(market)) return;
    const since_ms = performance.now() - (this.cleared_at_ms.get(market) ?? Number.NEGATIVE_INFINITY);
    const wait_ms = Math.max(0, this.config.round_interval_ms - since_ms);
    this.timers.set(
      market,
      setTimeout(() => {
        this.timers.delete(market);
        void this.turn(market);
      }, wait_ms),
    );
  }

  private async turn(market: MarketName): Promise<void> {
    if (this.running.has(market)) return this.schedule(market);
    this.running.add(market);
    this.cleared_at_ms.set(market, performance.now());
    try {
      await this.round(market);
    } catch (error) {
      // A slot that was leased meanwhile, or a database that is away: the next round sees the book as it is then.
      this.log.warn({ err: error, market }, 'a round failed and is tried again');
      this.schedule(market);
    } finally {
      this.running.delete(market);
    }
  }

  async round(market: MarketName): Promise<void> {
    const epoch = this.leader.epochOf(market);
    if (epoch === null) return;
    const good = this.goods.of(market);
    const after_commit: (() => void)[] = [];
    const waiting = await this.transactions.run(async (tx) => {
      after_commit.length = 0;
      await this.lead.hold(tx, market, epoch);
      const decided = await good.clear(tx, market);
      if (!('clearing' in decided)) return decided.resting;
      const { book, clearing } = decided;
      const round_id = clearing.assignments.length > 0 ? await this.receipts.write(tx, market, epoch, decided) : null;
      if (round_id !== null) after_commit.push(() => this.bus.publish(MarketTraded, { market }));
      await good.settle(tx, market, round_id, decided, after_commit);
      const unmatched = clearing.unmatched_orders.map((one) => ({ order_id: one.order_id, ...reasonOf(good, one, book) }));
      return [...book.resting, ...unmatched];
    });
    for (const effect of after_commit) effect();
    await good.explain(waiting);
  }
}

const reasonOf = (good: Good, one: UnmatchedOrder, book: Book) =>
  good.reasonOf?.(one, book) ?? { code: one.reason.code, sentence: sentence(one.reason) };
