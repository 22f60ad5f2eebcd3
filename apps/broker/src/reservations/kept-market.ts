import { Inject, Injectable } from '@nestjs/common';
import { clear, DEFAULT_RULES, type Offer, type Order, sentence, type UnmatchedOrder } from '#auction';
import { type Reason, reserving } from '#lifecycle';
import { isStorage, KEPT_MARKETS, type KeptMarketName, keptCost, type MarketName, SERVICES } from '#units';
import { AuctionsCommands } from '../auctions/auctions.commands.js';
import { orderOf } from '../auctions/auctions.query.js';
import type { Book, Decided, Good, PublicBook, Waiting } from '../auctions/goods.commands.js';
import { KeptOfferChanged } from '../nodes/nodes.events.js';
import { LimitsChanged } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { BillingService } from './billing.service.js';
import { affordable } from './kept-bid.js';
import { type DemandRow, KeptBookStore } from './kept-book.store.js';
import { assignedByNode, type Cap, type Parts, partsFor } from './kept-caps.js';
import { KeptLeasesService } from './kept-leases.service.js';
import { type EndingLease, settleKept } from './kept-terms.js';
import { ReservationChanged } from './reservations.events.js';

export interface KeptBook extends PublicBook {
  orders: Order[];
  ending: readonly EndingLease[];
  free: number;
  /** How long what a reservation wins now is its own, in microseconds. */
  terms: ReadonlyMap<string, bigint>;
  caps: readonly Cap[];
  /** Of a round: its offers and orders before they were cut by caps, and how parts are of nodes. */
  whole: { offers: readonly Offer[]; orders: readonly Order[]; nodeOf: Parts['nodeOf'] } | null;
}

/** The markets of slots and bytes that are kept: their books, and what becomes of their rounds. */
@Injectable()
export class KeptMarket implements Good<KeptBook> {
  readonly markets = KEPT_MARKETS;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: KeptBookStore,
    private readonly billing: BillingService,
    private readonly leases: KeptLeasesService,
    auctions: AuctionsCommands,
    bus: EventBus,
  ) {
    auctions.open(this);
    bus.subscribe(ReservationChanged, ({ market }) => auctions.changed(market));
    bus.subscribe(KeptOfferChanged, ({ markets }) => {
      for (const market of markets) auctions.changed(market);
    });
    bus.subscribe(LimitsChanged, () => {
      for (const market of KEPT_MARKETS) auctions.changed(market);
    });
  }

  async clear(tx: Transaction, market: MarketName): Promise<Decided<KeptBook> | Pick<Book, 'resting'>> {
    const kept = market as KeptMarketName;
    const ending = await this.store.ending(tx, kept);
    await this.billing.charge(
      tx,
      ending.map((lease) => lease.id),
    );
    const demand = await this.store.demand({ market: kept }, ending, tx);
    if (demand.every((row) => row.held >= row.quantity) && ending.length === 0) return { resting: [] };
    const book = this.bookOf(kept, demand, ending, await this.store.supply(kept, ending, tx));
    if (book.orders.length === 0 && ending.length === 0) return book;
    const { offers, orders, nodeOf } = partsFor(book.offers, book.orders, book.caps);
    const cut = { ...book, offers, orders, whole: { offers: book.offers, orders: book.orders, nodeOf } };
    return { book: cut, clearing: clear({ offers, orders, rules: DEFAULT_RULES }) };
  }

  async settle(
    tx: Transaction,
    market: MarketName,
    round_id: string | null,
    { book, clearing }: Decided<KeptBook>,
    after_commit: (() => void)[],
  ): Promise<void> {
    const { offers, orders, nodeOf } = book.whole ?? { ...book, nodeOf: (offer_id: string) => offer_id };
    const terms = settleKept(book.ending, {
      offers,
      orders,
      assignments: assignedByNode(clearing.assignments, nodeOf),
      unmatched: new Map(clearing.unmatched_orders.map(({ order_id, reason }) => [order_id, reason])),
      resting: new Map(book.resting.map(({ order_id, code }) => [order_id, code])),
    });
    await this.leases.apply(tx, market as KeptMarketName, round_id, terms, { ...book, offers }, after_commit);
  }

  /** To a reservation with a cap on each node the auction would name a label that only its round knows. */
  reasonOf({ order_id, reason }: UnmatchedOrder, book: KeptBook): Reason {
    const cap = book.caps.find((one) => one.order_id === order_id);
    if (!cap || (reason.code !== 'no_node_satisfies' && reason.code !== 'no_supply'))
      return { code: reason.code, sentence: sentence(reason) };
    return reserving('too_few_nodes', { most: cap.most });
  }

  explain(waiting: readonly Waiting[]): Promise<void> {
    return this.leases.explain(waiting);
  }

  async look(market: MarketName): Promise<KeptBook> {
    const kept = market as KeptMarketName;
    return this.bookOf(kept, await this.store.demand({ market: kept }), [], await this.store.supply(kept));
  }

  private bookOf(market: KeptMarketName, demand: readonly DemandRow[], ending: readonly EndingLease[], offers: Offer[]): KeptBook {
    const free = offers.reduce((sum, offer) => sum + offer.slots, 0);
    const [orders, resting, terms, wanted]: [Order[], Waiting[], Map<string, bigint>, Map<string, number>] = [[], [], new Map(), new Map()];
    const caps: Cap[] = [];
    const noticed = new Set<string>();
    for (const row of leastFirst(demand)) {
      const lacking = row.quantity - row.held;
      if (lacking <= 0) continue;
      const notice_micro = noticeCost(market, row, ending);
      const left_micro = row.left_micro - notice_micro;
      if (left_micro > 0n) noticed.add(row.id);
      const bid = affordable(
        {
          ...row,
          market,
          wanted: lacking,
          min_quantity: row.order_terms.min_quantity,
          left_micro: left_micro > 0n ? left_micro : row.left_micro,
          day: row.day_left_micro === null ? null : { left_micro: row.day_left_micro, left_us: row.day_left_us },
        },
        this.termUs(market),
      );
      if (typeof bid === 'string') {
        resting.push({ order_id: row.id, ...whyResting(bid, row) });
        continue;
      }
      if (row.max_per_node !== null && caps.length === CAPPED_MAX) {
        resting.push({ order_id: row.id, ...reserving('next_round') });
        continue;
      }
      if (row.max_per_node !== null) caps.push(capOf(row, row.max_per_node));
      orders.push(bidFor(market, row, lacking, bid.units, free));
      terms.set(row.id, bid.term_us);
      wanted.set(row.id, bid.units);
    }
    // Who cannot pay for a notice has none.
    const paid = ending.map((lease) => (noticed.has(lease.reservation_id) ? lease : { ...lease, notice_ms: 0 }));
    return { offers, orders, resting, terms, wanted, free, ending: paid, caps, whole: null };
  }

  termUs(market: KeptMarketName): bigint {
    return BigInt(isStorage(market) ? this.config.storage_term_ms : this.config.standing_term_ms) * 1_000n;
  }
}

/** Each is another grade of all nodes: more in one round wait for the next. */
const CAPPED_MAX = 32;

/** Who has the least of what it wants goes first: where few may bid, those that lack no more than a reserve keep nobody out. */
export const leastFirst = <Row extends Pick<DemandRow, 'held' | 'quantity' | 'arrival'>>(demand: readonly Row[]): Row[] =>
  [...demand].sort((a, b) => a.held / a.quantity - b.held / b.quantity || Number(a.arrival - b.arrival));

const capOf = (row: DemandRow, most: number): Cap => ({
  order_id: row.id,
  most,
  one_node_an_owner: row.order_terms.spread === 'owner',
  held: new Map(Object.entries(row.held_by_node ?? {})),
  owners: new Set(row.held_of_owners ?? []),
});

const noticeCost = (market: KeptMarketName, row: DemandRow, ending: readonly EndingLease[]): bigint =>
  ending
    .filter((lease) => lease.reservation_id === row.id && lease.notice_ms > 0)
    .reduce((sum, lease) => sum + keptCost(market, lease.quantity, BigInt(lease.notice_ms) * 1_000n, lease.price_micro), 0n);

function whyResting(code: 'hours_over' | 'budget_exhausted' | 'day_cap', row: DemandRow): { code: string; sentence: string } {
  if (code === 'day_cap') return reserving(code, { cap_micro: row.day_cap_micro ?? 0n });
  return code === 'hours_over' ? reserving(code, { hours: row.hours ?? 0 }) : reserving(code, { budget_micro: row.budget_micro });
}

/** Standing slots are for services, which owners consent to; storage has no class. */
export function bidFor(
  market: KeptMarketName,
  row: Pick<
    DemandRow,
    'id' | 'person_id' | 'held' | 'incumbents' | 'max_price_micro' | 'arrival' | 'order_terms' | 'not_owners' | 'not_nodes'
  >,
  wanted: number,
  affordable_units: number,
  free: number,
): Order {
  const { min_quantity, ...terms } = row.order_terms;
  const { workload_class, ...order } = orderOf(
    { ...row, wanted, workload_class: SERVICES, order_terms: { ...terms, min_slots: min_quantity } },
    market,
    free,
  );
  return {
    ...order,
    ...(!isStorage(market) && workload_class !== undefined && { workload_class }),
    ...(affordable_units < order.quantity && { budget_slots: affordable_units }),
  };
}
