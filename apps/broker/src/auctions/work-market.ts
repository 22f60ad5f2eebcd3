import { Injectable } from '@nestjs/common';
import { clear, DEFAULT_RULES, type OfferColumns, type Order, sentence, type UnmatchedOffer, type UnmatchedOrder } from '#auction';
import { type Reason, waiting } from '#lifecycle';
import { type MarketName, SLOT_CLASSES, type SlotClass, slotClassOf, type WorkMarketName, workMarket } from '#units';
import { OfferChanged } from '../nodes/nodes.events.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { LimitsChanged, WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { type Award, RoundCleared } from './auctions.events.js';
import { DemandStore, type WaitingJob } from './demand.store.js';
import { type Book, type Decided, type Good, Goods, type PublicBook, type Waiting } from './goods.commands.js';
import { MarketLeader } from './market-leader.js';
import { byOwnPriority, type Caps } from './own-priority.js';
import { RoundsService } from './rounds.service.js';
import { SupplyService } from './supply.service.js';
import { settleTerms } from './terms.js';
import { TermsStore } from './terms.store.js';
import { cappedBy, leftOutByMeter, ordersOf, type WorkBook, whoBids, whoRests } from './work-book.js';

/** So often a round is cleared from a book that proves wrong about a winner; then the book is read whole. */
const CLEARINGS_MAX = 3;

/** The present book, of which each order names no more slots than are free. */
export interface WorkView extends PublicBook {
  orders: Order[];
  free: number;
  jobs: ReadonlyMap<string, WaitingJob>;
}

/** The markets in which jobs bid for slots. */
@Injectable()
export class WorkMarket implements Good<WorkBook> {
  readonly markets = SLOT_CLASSES.map(workMarket);

  constructor(
    goods: Goods,
    rounds: RoundsService,
    leader: MarketLeader,
    private readonly supply: SupplyService,
    private readonly demand: DemandStore,
    private readonly terms: TermsStore,
    private readonly orders: OrdersCommands,
    private readonly bus: EventBus,
  ) {
    goods.add(this);
    // What was heard while others led may not be all there was.
    leader.whenLeading((market) => {
      const slot_class = slotClassOf(market);
      if (slot_class !== null && goods.of(market) === (this as unknown as Good)) supply.forget([slot_class]);
    });
    bus.subscribe(WorkQueued, ({ slot_class, all_slots }) => {
      if (!all_slots) rounds.schedule(workMarket(slot_class));
    });
    const look = ({ slot_classes }: { slot_classes: readonly SlotClass[] }) => {
      for (const slot_class of slot_classes) rounds.schedule(workMarket(slot_class));
    };
    bus.subscribe(OfferChanged, look);
    bus.subscribe(LimitsChanged, look);
  }

  /**
   * Clears what the book in memory says. Whatever the clearing sells must be as it was just read in this very transaction: where it is not, the book
   * was stale, and is cleared again. What nobody wins may be older.
   */
  async clear(tx: Transaction, market: MarketName): Promise<Decided<WorkBook> | Pick<Book, 'resting'>> {
    const slot_class = classOf(market);
    const ending = await this.terms.ending(tx, slot_class);
    const jobs = await this.demand.read(slot_class, ending, tx);
    const { bidding, resting } = whoBids(jobs);
    if (bidding.length === 0 && ending.length === 0) return { resting };
    const supply = await this.supply.forRound(slot_class, ending, tx);
    for (let clearings = 1; ; clearings++) {
      const { index, free } = supply.book;
      const { clearing, orders, caps } = this.byPriority(bidding, market, free, index);
      if (await supply.confirm(clearing.assignments.map((one) => one.offer_id)))
        return {
          book: {
            offers: index,
            orders,
            resting: [...resting, ...whoRests(bidding, caps)],
            ending,
            caps,
            jobs: new Map(jobs.map((job) => [job.id, job])),
          },
          clearing,
        };
      if (clearings === CLEARINGS_MAX) await supply.readAll();
    }
  }

  private byPriority(bidding: readonly WaitingJob[], market: MarketName, free: number, offers: OfferColumns) {
    const ordersWith = (caps: Caps) =>
      ordersOf(
        bidding.flatMap((job) => cappedBy(caps, job)),
        market,
        free,
      );
    const { clearing, caps } = byOwnPriority(bidding, (given) => clear({ offers, orders: ordersWith(given), rules: DEFAULT_RULES }));
    return { clearing, caps, orders: ordersWith(caps) };
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
    const { offers } = book.offers;
    const { renewed, leaving, grants } = settleTerms(book.ending, {
      offers,
      orders: book.orders,
      assignments: clearing.assignments,
      unmatched: new Map(clearing.unmatched_orders.map(({ order_id, reason }) => [order_id, reason])),
      resting: new Map(book.resting.map(({ order_id, code }) => [order_id, code])),
      gave_way: new Set(book.caps.keys()),
    });
    if (grants.length + renewed.length + leaving.length === 0) return;
    const owners = new Map(offers.map((offer) => [offer.id, offer.owner]));
    const awards: Award[] = grants.map((grant) => ({
      ...grant,
      owner_id: owners.get(grant.node_id) ?? '',
      fuel_limit: book.jobs.get(grant.job_id)?.fuel_limit ?? 0n,
    }));
    await this.bus.publishInTransaction(RoundCleared, { tx, round_id, slot_class, awards, renewed, leaving, after_commit });
    // Before anything can ask for the next round: the events of the new leases come only after this one is done.
    after_commit.unshift(() => this.supply.changed([slot_class], { nodes: awards.map((award) => award.node_id) }));
  }

  reasonOf(unmatched: UnmatchedOrder, { offers, orders, jobs }: WorkBook): Reason {
    const { order_id, reason } = unmatched;
    const [order, job] = [orders.find((one) => one.id === order_id), jobs.get(order_id)];
    const nodes = reason.code === 'excluded_by_order' && order && job ? leftOutByMeter(order, job, offers.offers) : 0;
    return nodes > 0 ? waiting('meter_differs', { nodes }) : { code: reason.code, sentence: sentence(reason) };
  }

  idleReasonOf({ offer_id, reason }: UnmatchedOffer, { offers, orders, jobs }: WorkView): Reason {
    const idle = reason.code === 'excluded_by_order' ? offers.filter((offer) => offer.id === offer_id) : [];
    const left_out = orders.filter((order) => {
      const job = jobs.get(order.id);
      return job !== undefined && leftOutByMeter(order, job, idle) > 0;
    });
    return left_out.length > 0
      ? waiting('meter_differs_here', { orders: left_out.length })
      : { code: reason.code, sentence: sentence(reason) };
  }

  explain(reasons: readonly Waiting[]): Promise<void> {
    return this.orders.explainWaiting(reasons.map(({ order_id, ...reason }) => ({ job_id: order_id, ...reason })));
  }

  async look(market: MarketName): Promise<WorkView> {
    const slot_class = classOf(market);
    const [{ offers, free }, jobs] = await Promise.all([this.supply.look(slot_class), this.demand.read(slot_class)]);
    const { bidding, resting } = whoBids(jobs);
    return {
      offers,
      free,
      jobs: new Map(jobs.map((job) => [job.id, job])),
      resting,
      orders: ordersOf(bidding, market, free),
      wanted: new Map(bidding.map((job) => [job.id, job.wanted])),
    };
  }
}

/** This good is registered for no other markets. */
const classOf = (market: MarketName): SlotClass => slotClassOf(market as WorkMarketName);
