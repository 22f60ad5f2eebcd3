import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Clearing, clear, DEFAULT_RULES, makeReceipt, sentence } from '#auction';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { HeapError, SLOT_CLASSES, type SlotClass } from '#units';
import { OfferChanged } from '../nodes/nodes.events.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { LimitsChanged, WorkQueued } from '../orders/orders.events.js';
import { OrdersQuery } from '../orders/orders.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { type Award, RoundCleared } from './auctions.events.js';
import { type Book, BookStore } from './book.store.js';
import { LeadStore } from './lead.store.js';
import { MarketLeader } from './market-leader.js';
import { orderOf, probe } from './order-of.js';
import { RoundsStore } from './rounds.store.js';
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
    private readonly store: RoundsStore,
    private readonly lead: LeadStore,
    private readonly terms: TermsStore,
    private readonly orders: OrdersCommands,
    private readonly jobs: OrdersQuery,
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
      const round_id = clearing.assignments.length > 0 ? await this.write(tx, slot_class, epoch, book, clearing) : null;
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

  private async write(tx: Transaction, slot_class: SlotClass, leader_epoch: bigint, book: Book, clearing: Clearing): Promise<string> {
    const previous = await this.store.last(tx, slot_class);
    const number = (previous?.number ?? 0n) + 1n;
    const id = newId();
    const previous_hash = previous?.hash ?? null;
    const receipt = makeReceipt(
      {
        round_id: id,
        market: `work:${slot_class}`,
        cleared_at: (await this.store.now(tx)).toISOString(),
        input: { offers: book.offers, orders: book.orders, rules: DEFAULT_RULES },
        clearing,
        previous_hash,
      },
      sha256,
    );
    await this.store.insert(tx, { id, slot_class, number, leader_epoch, receipt, hash: receipt.hash, previous_hash });
    return id;
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

  /** @throws HeapError `not_found`. */
  async receipt(round_id: string): Promise<ResponseOf<typeof ROUTES.getRound>> {
    const row = await this.store.find(round_id);
    if (!row) throw new HeapError('not_found', 'There is no such round.', 'user');
    return {
      id: row.id,
      market: `work:${row.slot_class}`,
      cleared_at: row.cleared_at.toISOString(),
      receipt: { ...row.receipt },
      hash: row.hash,
      previous_hash: row.previous_hash,
    };
  }

  /** A dry clearing against the present book: what an order would get now. */
  async estimate(person_id: string, ask: BodyOf<typeof ROUTES.estimate>): Promise<ResponseOf<typeof ROUTES.estimate>> {
    const [book, blocked] = await Promise.all([this.book.read(ask.slot_class, undefined, true), this.jobs.blockedBy(person_id)]);
    const order = orderOf(probe(person_id, ask, blocked), `work:${ask.slot_class}`, book.free);
    const { assignments, unmatched_orders } = clear({ offers: book.offers, orders: [...book.orders, order] });
    const own = assignments.filter((a) => a.order_id === order.id);
    const slots_now = own.reduce((sum, a) => sum + a.slots, 0);
    const missing = unmatched_orders.find((u) => u.order_id === order.id);
    return {
      slots_now,
      price_micro: own.length > 0 ? String(own.reduce((max, a) => (a.price > max ? a.price : max), 0n)) : null,
      reason: missing
        ? { code: missing.reason.code, sentence: sentence(missing.reason) }
        : { code: 'slots_free', sentence: `${slots_now} of the ${ask.slots} slots would be leased at once.` },
    };
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
