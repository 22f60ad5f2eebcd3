import { Inject, Injectable, Logger } from '@nestjs/common';
import { EventBus } from '../bus/event-bus.js';
import { type Transaction, Transactions } from '../database/transactions.js';
import {
  MONEY_PROVIDER,
  type MoneyProvider,
  type ObjectKind,
  type ProviderNotice,
  type ProviderTransaction,
  type WebhookEndpoint,
} from '../provider/money-provider.js';
import { ProviderFailure } from '../provider/provider-failure.js';
import { EventsArrived } from './inbox.events.js';
import { InboxStore, type NoticeSource, type PendingObject } from './inbox.store.js';

/** How a station takes in one kind of object. */
export interface ObjectHandler<O> {
  /** @throws ProviderFailure */
  read(id: string, account: string | null): Promise<O>;
  /** Whether it is about something of ours; what is not changes nothing. */
  isOurs(object: O): boolean;
  /** Brings our state to the object's, whichever step that takes. @throws NotYet when something it needs is still on its way. */
  apply(tx: Transaction, object: O): Promise<void>;
  /** Once that is committed: to tell others. */
  after?(object: O): Promise<void>;
}

/** The object is about something that we do not know yet: try again later. */
export class NotYet extends Error {}

const PARALLEL = 8;
const BATCH = 200;
const LEASE_S = 120;
const PAGE = 500;
/** A lost webhook heals: lists are read again this far back. */
const OVERLAP_S = 3 * 86_400;
const BACKOFF_MS = 1_000;
const BACKOFF_MS_MAX = 3_600_000;

/**
 * What the provider tells us. An event only says which object to look at: the object is read anew and its state applied, in the order
 * in which readings of that object began, so that duplicated, reordered and late events come to the same end. Readings of different
 * objects are never set against each other, even where they are about the same deposit: a declined attempt that was read last knows
 * nothing of the one that succeeded.
 */
@Injectable()
export class Inbox {
  private readonly log = new Logger(Inbox.name);
  private readonly handlers = new Map<ObjectKind, ObjectHandler<unknown>>();
  private readonly accounts: (() => Promise<string[]>)[] = [];

  constructor(
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: InboxStore,
    private readonly bus: EventBus,
  ) {}

  handle<O>(kind: ObjectKind, handler: ObjectHandler<O>): void {
    this.handlers.set(kind, handler as ObjectHandler<unknown>);
  }

  /** Connected accounts whose events the puller must list, because something of ours is under way in them. */
  watchAccounts(list: () => Promise<string[]>): void {
    this.accounts.push(list);
  }

  /** Takes a webhook in: when this resolves, its event is committed. @throws ProviderFailure `forged`, counted as an alarm. */
  async receive(endpoint: WebhookEndpoint, body: string, signature: string | undefined): Promise<void> {
    let notice: ProviderNotice;
    try {
      notice = this.provider.openWebhook(endpoint, body, signature);
    } catch (error) {
      await this.store.raiseAlarm(`webhook.forged.${endpoint}`, (error as Error).message);
      this.log.error({ endpoint }, `a webhook was refused: ${(error as Error).message}`);
      throw error;
    }
    if ((await this.store.keep([notice], endpoint)) > 0) this.bus.publish(EventsArrived, {});
  }

  /** Applies events that wait. @returns how many objects were read. */
  async applyWaiting(): Promise<number> {
    for (let total = 0; ; ) {
      const pending = await this.store.claim(BATCH, LEASE_S);
      if (pending.length === 0) return total;
      const queue = [...pending];
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await this.applyOne(next);
      };
      await Promise.all(Array.from({ length: PARALLEL }, worker));
      total += pending.length;
    }
  }

  /** Reads an object and applies its state now. @throws ProviderFailure, NotYet. */
  async refresh(kind: ObjectKind, id: string, account: string | null = null, event_ids: readonly string[] = []): Promise<void> {
    const handler = this.handlers.get(kind);
    if (!handler) throw new Error(`nobody keeps objects of the kind ${kind}`);
    const reading = await this.store.beginReading();
    const object = await handler.read(id, account);
    await this.transactions.run(async (tx) => {
      if (handler.isOurs(object) && (await this.store.isNewest(tx, `${kind}:${id}`, reading))) await handler.apply(tx, object);
      await this.store.applied(tx, event_ids);
    });
    await handler.after?.(object);
  }

  /** Lists what happened since the last time and three days before it, and what moved the balance. @returns new events. */
  async pull(): Promise<number> {
    const events = await this.store.cursor('events', OVERLAP_S);
    let fresh = await this.keepAll(this.provider.notices(events.since), 'pull');
    for (const list of this.accounts)
      for (const account of await list()) fresh += await this.keepAll(this.provider.notices(events.since, account), 'pull');
    await this.store.moveCursor('events', events.now);
    const transactions = await this.store.cursor('transactions', OVERLAP_S);
    for await (const page of pages(this.provider.transactions(transactions.since)))
      await this.store.keepTransactions(page as ProviderTransaction[]);
    await this.store.moveCursor('transactions', transactions.now);
    if (fresh > 0) this.bus.publish(EventsArrived, {});
    return fresh;
  }

  private async keepAll(list: AsyncIterable<ProviderNotice>, source: NoticeSource): Promise<number> {
    let fresh = 0;
    for await (const page of pages(list)) fresh += await this.store.keep(page, source);
    return fresh;
  }

  private async applyOne({ object_kind, object_id, account, event_ids, attempts }: PendingObject): Promise<void> {
    try {
      await this.refresh(object_kind, object_id, account, event_ids);
    } catch (error) {
      if (error instanceof ProviderFailure && error.outcome === 'refused') {
        // Nothing to read, now or ever: not one of ours, or deleted.
        await this.transactions.run((tx) => this.store.applied(tx, event_ids, error.code));
        return;
      }
      const wait_ms = Math.min(BACKOFF_MS * 2 ** (attempts - 1), BACKOFF_MS_MAX);
      await this.store.postpone(event_ids, (error as Error).message.slice(0, 500), wait_ms);
      if (!(error instanceof NotYet)) this.log.warn({ err: error, object_kind, object_id, attempts }, 'events of the provider wait');
    }
  }
}

async function* pages<T>(list: AsyncIterable<T>): AsyncIterable<T[]> {
  let page: T[] = [];
  for await (const item of list) {
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
