import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { EventBus } from '../bus/event-bus.js';
import { CONFIG, type Config } from '../config/config.js';
import { type Transaction, Transactions } from '../database/transactions.js';
import { newId } from '../ids.js';
import { ProviderFailure } from '../provider/provider-failure.js';
import { OutboxFilled } from './outbox.events.js';
import { type ClaimedMessage, OutboxStore } from './outbox.store.js';

/** What a station does with its calls. `done`, `refused` and `unknown` run in the transaction that ends or postpones the message. */
export interface OutboxHandler<R> {
  /** The call itself, with the message's key. @throws ProviderFailure */
  send(message: ClaimedMessage): Promise<R>;
  /** What became of a call whose key is too old to be used: by our own id. Null: it never happened. */
  find(message: ClaimedMessage): Promise<R | null>;
  done(tx: Transaction, message: ClaimedMessage, result: R): Promise<void>;
  refused(tx: Transaction, message: ClaimedMessage, failure: ProviderFailure): Promise<void>;
  unknown?(tx: Transaction, message: ClaimedMessage): Promise<void>;
}

const keyOf = (kind: string, subject_id: string): string => `${kind}:${subject_id}`;

const PARALLEL = 8;
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 600_000;
const ANSWER_WITHIN_MS = 15_000;
const LOOK_MS = 20;

/**
 * Calls to the provider that a transaction decided on. They are sent after its commit, with one idempotency key for ever, until the
 * outcome is known; a crash in between is mended by the next drain (money.md, failure table).
 */
@Injectable()
export class Outbox {
  private readonly log = new Logger(Outbox.name);
  private readonly handlers = new Map<string, OutboxHandler<unknown>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: OutboxStore,
    private readonly bus: EventBus,
  ) {}

  handle<R>(kind: string, handler: OutboxHandler<R>): void {
    this.handlers.set(kind, handler as OutboxHandler<unknown>);
  }

  /** Writes a call down. The key is made of kind and subject: the same decision taken twice is one call. */
  async enqueue(tx: Transaction, kind: string, subject_id: string, request: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.store.insert(tx, { id: newId(), kind, subject_id, idempotency_key: keyOf(kind, subject_id), request });
  }

  /**
   * The object that a call was to make is there, whatever the call was answered: it needs no further attempt. To be said before the
   * subject's own row is locked, as the outbox locks its message first.
   */
  answered(tx: Transaction, kind: string, subject_id: string | null): Promise<void> {
    return subject_id === null ? Promise.resolve() : this.store.answered(tx, keyOf(kind, subject_id));
  }

  /** Has the calls of a committed transaction sent soon; without it they wait for the sweep. */
  wake(): void {
    this.bus.publish(OutboxFilled, {});
  }

  /** Sends one message now. Resolves when its outcome is there or unknown, or when that takes too long to wait for. */
  async sendNow(kind: string, subject_id: string): Promise<void> {
    const [key, end_ms] = [keyOf(kind, subject_id), performance.now() + ANSWER_WITHIN_MS];
    while (performance.now() < end_ms) {
      const [message] = await this.store.claim(1, this.leaseSeconds(), key);
      if (message) return this.process(message);
      if ((await this.store.stateOf(key)) !== 'PENDING') return;
      await sleep(LOOK_MS);
    }
  }

  /** Sends what is due. @returns how many calls were made. */
  async drain(): Promise<number> {
    for (let total = 0; ; ) {
      const messages = await this.store.claim(PARALLEL, this.leaseSeconds());
      if (messages.length === 0) return total;
      await Promise.all(messages.map((message) => this.process(message)));
      total += messages.length;
    }
  }

  private async process(message: ClaimedMessage): Promise<void> {
    const handler = this.handlers.get(message.kind);
    if (!handler) {
      this.log.error({ outbox_id: message.id, kind: message.kind }, `nobody makes calls of the kind ${message.kind}`);
      return;
    }
    try {
      await this.settle(handler, message, message.too_old ? await handler.find(message) : await handler.send(message));
    } catch (error) {
      if (error instanceof ProviderFailure) return this.failed(handler, message, error);
      // A defect or the database: the lease runs out and the same key is used again.
      this.log.error({ err: error, outbox_id: message.id, kind: message.kind }, 'a call to the provider could not be settled');
    }
  }

  private async settle(handler: OutboxHandler<unknown>, message: ClaimedMessage, result: unknown): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.store.end(tx, message.id, result === null ? 'FAILED' : 'DONE', result === null ? 'never_arrived' : null))) return;
      if (result !== null) await handler.done(tx, message, result);
      else await handler.refused(tx, message, new ProviderFailure('refused', 'never_arrived', 'The call never reached the provider.'));
    });
  }

  private async failed(handler: OutboxHandler<unknown>, message: ClaimedMessage, failure: ProviderFailure): Promise<void> {
    const { id, kind, attempts } = message;
    this.log.warn({ outbox_id: id, kind, attempts, code: failure.code, outcome: failure.outcome }, `the provider: ${failure.message}`);
    await this.transactions.run(async (tx) => {
      // A refusal of a search says nothing about the call that is searched for.
      if (failure.outcome === 'refused' && !message.too_old) {
        if (await this.store.end(tx, id, 'FAILED', failure.code)) await handler.refused(tx, message, failure);
        return;
      }
      const backoff_ms = Math.min(BACKOFF_MS * 2 ** (attempts - 1), BACKOFF_MS_MAX) * (0.5 + Math.random() / 2);
      const wait_ms = Math.max(failure.retry_after_ms, backoff_ms);
      const unknown = failure.outcome === 'unknown';
      if ((await this.store.postpone(tx, id, unknown ? 'UNKNOWN' : 'PENDING', failure.code, wait_ms)) && unknown)
        await handler.unknown?.(tx, message);
    });
  }

  /** Twice the time-out, because the client tries a broken connection once more, and some for our own transaction. */
  private leaseSeconds(): number {
    return Math.ceil((2 * this.config.stripe_timeout_ms) / 1000) + 20;
  }
}
