import { Injectable } from '@nestjs/common';
import { clear, DEFAULT_RULES } from '#auction';
import { type MarketName, SLOT_CLASSES, type SlotClass, slotClassOf, type WorkMarketName, workMarket } from '#units';
import { OfferChanged } from '../nodes/nodes.events.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { LimitsChanged, WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { type Award, RoundCleared } from './auctions.events.js';
import { BookStore, type WorkBook } from './book.store.js';
import { type Book, type Decided, type Good, Goods, type Waiting } from './goods.commands.js';
import { RoundsService } from './rounds.service.js';
import { settleTerms } from './terms.js';
import { TermsStore } from './terms.store.js';

/** The markets in which jobs bid for slots. */
@Injectable()
export class WorkMarket implements Good<WorkBook> {
  readonly markets = SLOT_CLASSES.map(workMarket);

  constructor(
    goods: Goods,
    rounds: RoundsService,
    private readonly book: BookStore,
    private readonly terms: TermsStore,
    private readonly orders: OrdersCommands,
    private readonly bus: EventBus,
  ) {
    goods.add(this);
    bus.subscribe(WorkQueued, ({ slot_class }) => rounds.schedule(workMarket(slot_class)));
    for (const event of [OfferChanged, LimitsChanged])
      bus.subscribe(event, ({ slot_classes }) => {
        for (const slot_class of slot_classes) rounds.schedule(workMarket(slot_class));
      });
  }

  async clear(tx: Transaction, market: MarketName): Promise<Decided<WorkBook> | Pick<Book, 'resting'>> {
    const slot_class = classOf(market);
    const ending = await this.terms.ending(tx, slot_class);
    const book = await this.book.read(slot_class, tx, false, ending);
    if (book.orders.length === 0 && ending.length === 0) return book;
    return { book, clearing: clear({ offers: book.offers, orders: book.orders, rules: DEFAULT_RULES }) };
  }

  /** Hands what the round decided to whoever keeps leases. */
  async settle(
    tx: Transaction,
    market: MarketName,
    round_id: string | null,
    { book, clearing }: Decided<WorkBook>,
    after_commit: (() => void)[],
  ): Promise<void> {
    const slot_class = classOf(market);
    const { renewed, leaving, grants } = settleTerms(book.ending, {
      offers: book.offers,
      orders: book.orders,
      assignments: clearing.assignments,
      unmatched: new Map(clearing.unmatched_orders.map(({ order_id, reason }) => [order_id, reason])),
      resting: new Map(book.resting.map(({ order_id, code }) => [order_id, code])),
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

  explain(waiting: readonly Waiting[]): Promise<void> {
    return this.orders.explainWaiting(waiting.map(({ order_id, ...reason }) => ({ job_id: order_id, ...reason })));
  }

  look(market: MarketName): Promise<WorkBook> {
    return this.book.read(classOf(market), undefined, true);
  }
}

/** This good is registered for no other markets. */
const classOf = (market: MarketName): SlotClass => slotClassOf(market as WorkMarketName);
