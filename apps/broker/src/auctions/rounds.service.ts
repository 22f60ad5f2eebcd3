import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Clearing, clear, DEFAULT_RULES, sentence } from '#auction';
import { SLOT_CLASSES, type SlotClass } from '#units';
import { OfferChanged } from '../nodes/nodes.events.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { LimitsChanged, WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { type Award, RoundCleared } from './auctions.events.js';
import { type Book, BookStore } from './book.store.js';
import { LeadStore } from './lead.store.js';
import { MarketLeader } from './market-leader.js';
import { ReceiptsService } from './receipts.service.js';
import { type EndingTerm, settleTerms } from './terms.js';
import { TermsStore } from './terms.store.js';

/** Rounds are started by events; this often a market looks for itself. */
const LOOK_AGAIN_MS = 5_000;

/** Clears each market in frequent batches: at once when something changed, and at most once an interval. */
@Injectable()
export class RoundsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(RoundsService.name);
  private readonly timers = new Map<SlotClass, NodeJS.Timeout>();
  private readonly cleared_at_ms = new Map<SlotClass, number>();
  private readonly running = new Set<SlotClass>();
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly leader: MarketLeader,
    private readonly book: BookStore,
    private readonly lead: LeadStore,
    private readonly receipts: ReceiptsService,
    private readonly terms: TermsStore,
    private readonly orders: OrdersCommands,
    private readonly transactions: Transactions,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(WorkQueued, ({ slot_class }) => this.schedule(slot_class));
    for (const event of [OfferChanged, LimitsChanged])
      bus.subscribe(event, ({ slot_classes }) => {
        for (const slot_class of slot_classes) this.schedule(slot_class);
      });
    leader.whenLeading((slot_class) => this.schedule(slot_class));
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.sweep = setInterval(() => this.scheduleAll(), LOOK_AGAIN_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.sweep);
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private scheduleAll(): void {
    for (const slot_class of SLOT_CLASSES) this.schedule(slot_class);
  }

  schedule(slot_class: SlotClass): void {
    if (this.leader.epochOf(slot_class) === null || this.timers.has(slot_class)) return;
    const since_ms = performance.now() - (this.cleared_at_ms.get(slot_class) ?? Number.NEGATIVE_INFINITY);
    const wait_ms = Math.max(0, this.config.round_interval_ms - since_ms);
    this.timers.set(
      slot_class,
      setTimeout(() => {
        this.timers.delete(slot_class);
        void this.turn(slot_class);
      }, wait_ms),
    );
  }

  private async turn(slot_class: SlotClass): Promise<void> {
    if (this.running.has(slot_class)) return this.schedule(slot_class);
    this.running.add(slot_class);
    this.cleared_at_ms.set(slot_class, performance.now());
    try {
      await this.round(slot_class);
    } catch (error) {
      // A slot that was leased meanwhile, or a database that is away: the next round sees the book as it is then.
      this.log.warn({ err: error, slot_class }, 'a round failed and is tried again');
      this.schedule(slot_class);
    } finally {
      this.running.delete(slot_class);
    }
  }

  private async round(slot_class: SlotClass): Promise<void> {
    const epoch = this.leader.epochOf(slot_class);
    if (epoch === null) return;
    const after_commit: (() => void)[] = [];
    const waiting = await this.transactions.run(async (tx) => {
      after_commit.length = 0;
      await this.lead.hold(tx, slot_class, epoch);
      const ending = await this.terms.ending(tx, slot_class);
      const book = await this.book.read(slot_class, tx, false, ending);
      if (book.orders.length === 0 && ending.length === 0) return book.resting;
      const clearing = clear({ offers: book.offers, orders: book.orders, rules: DEFAULT_RULES });
      const round_id = clearing.assignments.length > 0 ? await this.receipts.write(tx, slot_class, epoch, book, clearing) : null;
      await this.decide(tx, { round_id, slot_class, ending, book, clearing, after_commit });
      const unmatched = clearing.unmatched_orders.map(({ order_id, reason }) => ({
        job_id: order_id,
        code: reason.code,
        sentence: sentence(reason),
      }));
      return [...book.resting, ...unmatched];
    });
    for (const effect of after_commit) effect();
    await this.orders.explainWaiting(waiting);
  }

  /** Hands what the round decided to whoever keeps leases. */
  private async decide(tx: Transaction, { round_id, slot_class, ending, book, clearing, after_commit }: Decision): Promise<void> {
    const { renewed, leaving, grants } = settleTerms(ending, {
      offers: book.offers,
      orders: book.orders,
      assignments: clearing.assignments,
      unmatched: new Map(clearing.unmatched_orders.map(({ order_id, reason }) => [order_id, reason])),
      resting: new Map(book.resting.map(({ job_id, code }) => [job_id, code])),
    });
    if (grants.length + renewed.length + leaving.length === 0) return;
    const owners = new Map(book.offers.map((offer) => [offer.id, offer.owner]));
    const awards: Award[] = grants.map((grant) => ({
      ...grant,
      owner_id: owners.get(grant.node_id) ?? '',
      fuel_limit: book.fuel_limits.get(grant.job_id) ?? 0n,
    }));
    await this.bus.publishInTransaction(RoundCleared, { tx, round_id, slot_class, awards, renewed, leaving, after_commit });
  }
}

interface Decision {
  round_id: string | null;
  slot_class: SlotClass;
  ending: readonly EndingTerm[];
  book: Book;
  clearing: Clearing;
  after_commit: (() => void)[];
}
