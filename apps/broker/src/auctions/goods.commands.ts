import { Injectable } from '@nestjs/common';
import type { Clearing, Offer, OfferColumns, Order, UnmatchedOffer, UnmatchedOrder } from '#auction';
import type { Reason } from '#lifecycle';
import { HeapError, type MarketName } from '#units';
import type { Transaction } from '../platform/database/transactions.js';

/** Why an order waits. */
export interface Waiting extends Reason {
  order_id: string;
}

/** What a market offers and wants at one moment. */
export interface Book {
  offers: readonly Offer[] | OfferColumns;
  orders: readonly Order[];
  /** Who wants something and may not bid, and why. */
  resting: readonly Waiting[];
}

/** A book for who only looks at it. */
export interface PublicBook extends Book {
  offers: readonly Offer[];
  /** By order id: all that it lacks, where its bid names no more than is free. */
  wanted: ReadonlyMap<string, number>;
}

/** A round that was cleared and is not yet written down. */
export interface Decided<B extends Book = Book> {
  book: B;
  clearing: Clearing;
}

/** Whoever keeps the offers and orders of some markets and takes what their rounds decide. */
export interface Good<B extends Book = Book> {
  readonly markets: readonly MarketName[];
  /** Reads and clears the market's book, in the round's transaction; null where there is nothing to decide. */
  clear(tx: Transaction, market: MarketName): Promise<Decided<B> | Pick<Book, 'resting'>>;
  /**
   * Hands on what was decided, in the round's transaction, after its receipt was written. A round without a trade has no id. What must
   * wait until the round is a fact goes into `after_commit`.
   */
  settle(tx: Transaction, market: MarketName, round_id: string | null, decided: Decided<B>, after_commit: (() => void)[]): Promise<void>;
  /** Tells orders why they wait, after the commit: those that rest, and what the clearing left unmatched. */
  explain(waiting: readonly Waiting[]): Promise<void>;
  /** Where the good may know better than the auction why an order got nothing, or an offer of the public book finds nobody. */
  reasonOf?(unmatched: UnmatchedOrder, book: B): Reason;
  idleReasonOf?(unmatched: UnmatchedOffer, book: PublicBook): Reason;
  /** The market's present book, outside of a round. */
  look(market: MarketName): Promise<PublicBook>;
}

/** Which markets this broker has, and who keeps their books. Stations add theirs while the broker is put together. */
@Injectable()
export class Goods {
  private readonly of_market = new Map<MarketName, Good>();

  get markets(): MarketName[] {
    return [...this.of_market.keys()];
  }

  add<B extends Book>(good: Good<B>): void {
    for (const market of good.markets) this.of_market.set(market, good as unknown as Good);
  }

  /** @throws HeapError `not_found` for a market that nobody keeps. */
  of(market: MarketName): Good {
    const good = this.of_market.get(market);
    if (!good) throw new HeapError('not_found', `This heap has no market ${market}.`, 'user');
    return good;
  }
}
