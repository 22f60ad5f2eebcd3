import { Injectable } from '@nestjs/common';
import type { Offer } from '#auction';
import { SLOT_CLASSES, type SlotClass } from '#units';
import { NodeRevoked, OfferChanged } from '../nodes/nodes.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { EventsMissed } from '../platform/bus/relay.events.js';
import type { Transaction } from '../platform/database/transactions.js';
import { SupplyStore } from './supply.store.js';
import { SupplyBook } from './supply-book.js';
import type { EndingTerm } from './terms.js';

/** Events are hints: whatever none came of is found by reading the whole book so often. */
const READ_AGAIN_MS = 30_000;

/** What a round has read in its own transaction, and may thus sell from. */
export class RoundSupply {
  /** Ids of nodes; null for all. */
  private fresh: Set<string> | null = new Set();

  constructor(
    private readonly store: SupplyStore,
    private readonly slot_class: SlotClass,
    readonly book: SupplyBook,
    private readonly ending: readonly string[],
    private readonly tx: Transaction,
  ) {}

  /** Reads what there is news of. Slots of ending leases are free in this round only: their nodes are read again in the next. */
  async open(ending_nodes: readonly string[]): Promise<void> {
    const marks = this.book.begin();
    this.book.mark({ nodes: ending_nodes });
    try {
      if (this.book.ageAt(performance.now()) > READ_AGAIN_MS) return await this.readAll();
      await this.read({ ...marks, nodes: [...marks.nodes, ...ending_nodes] });
    } catch (error) {
      this.book.mark(marks);
      throw error;
    } finally {
      this.book.end();
    }
  }

  /** Reads again those of these nodes that this round has not read yet. @returns whether all were as the book has them. */
  async confirm(nodes: Iterable<string>): Promise<boolean> {
    const { fresh } = this;
    const unread = fresh === null ? [] : [...new Set(nodes)].filter((node) => !fresh.has(node));
    return unread.length === 0 || !(await this.read({ nodes: unread, owners: [] }));
  }

  async readAll(): Promise<void> {
    const offers = await this.store.read(this.slot_class, null, this.ending, this.tx);
    this.book.replace(offers, performance.now());
    this.fresh = null;
  }

  private async read(some: { nodes: string[]; owners: string[] }): Promise<boolean> {
    if (some.nodes.length + some.owners.length === 0) return false;
    const offers = await this.store.read(this.slot_class, some, this.ending, this.tx);
    for (const id of [...some.nodes, ...offers.map((offer) => offer.id)]) this.fresh?.add(id);
    return this.book.update(some, offers);
  }
}

/**
 * The offers of each market in memory, changed by events, with a sweep behind them. Rounds have a book of their own, which only a leader
 * fills and which is forgotten with the lead; all others look into a second one.
 */
@Injectable()
export class SupplyService {
  private readonly rounds = new Map(SLOT_CLASSES.map((slot_class) => [slot_class, new SupplyBook()]));
  private readonly looks = new Map(SLOT_CLASSES.map((slot_class) => [slot_class, { book: new SupplyBook(), turn: Promise.resolve() }]));

  constructor(
    private readonly store: SupplyStore,
    bus: EventBus,
  ) {
    bus.subscribe(OfferChanged, ({ slot_classes, node_ids, owner_id }) => {
      if (node_ids) this.changed(slot_classes, { nodes: node_ids });
      else if (owner_id !== undefined) this.changed(slot_classes, { owners: [owner_id] });
      else this.forget(slot_classes);
    });
    bus.subscribe(NodeRevoked, ({ node_id }) => this.changed(SLOT_CLASSES, { nodes: [node_id] }));
    bus.subscribe(EventsMissed, () => this.forget(SLOT_CLASSES));
  }

  /** There is news of what these nodes, or these owners' nodes, offer. */
  changed(slot_classes: readonly SlotClass[], of: { nodes?: readonly string[]; owners?: readonly string[] }): void {
    for (const book of this.booksOf(slot_classes)) book.mark(of);
  }

  /** Nothing in these books is to be trusted: they are read anew when they are next used. */
  forget(slot_classes: readonly SlotClass[]): void {
    for (const book of this.booksOf(slot_classes)) book.forget();
  }

  private booksOf(slot_classes: readonly SlotClass[]): SupplyBook[] {
    return slot_classes.flatMap((slot_class) => [this.rounds.get(slot_class) ?? [], this.looks.get(slot_class)?.book ?? []].flat());
  }

  /** For the one round of this market that goes on, in its transaction. */
  async forRound(slot_class: SlotClass, ending: readonly EndingTerm[], tx: Transaction): Promise<RoundSupply> {
    const book = this.rounds.get(slot_class) ?? new SupplyBook();
    const ids = ending.map((lease) => lease.id);
    const supply = new RoundSupply(this.store, slot_class, book, ids, tx);
    await supply.open(ending.map((lease) => lease.node_id));
    return supply;
  }

  /** What is offered now. Whoever looks takes turns: what was read first is also taken in first. */
  async look(slot_class: SlotClass): Promise<{ offers: Offer[]; free: number }> {
    const one = this.looks.get(slot_class) ?? { book: new SupplyBook(), turn: Promise.resolve() };
    const turn = one.turn.then(() => this.bringUpToDate(slot_class, one.book));
    one.turn = turn.catch(() => {});
    await turn;
    return { offers: [...one.book.index.offers], free: one.book.free };
  }

  private async bringUpToDate(slot_class: SlotClass, book: SupplyBook): Promise<void> {
    const marks = book.begin();
    try {
      if (book.ageAt(performance.now()) > READ_AGAIN_MS) book.replace(await this.store.read(slot_class, null, []), performance.now());
      else if (marks.nodes.length + marks.owners.length > 0) book.update(marks, await this.store.read(slot_class, marks, []));
    } catch (error) {
      book.mark(marks);
      throw error;
    } finally {
      book.end();
    }
  }
}
