import { Global, Injectable, Logger, Module } from '@nestjs/common';

/** A kind of event; the payload's type travels with it. */
export class EventType<T> {
  declare readonly payload: T;
  constructor(readonly name: string) {}
}

type Handler<T> = (payload: T) => void | Promise<void>;

/**
 * Carries what stations announce to the stations after them, within this process. An event is a hint that something in
 * the database changed: a handler that misses one is woken by its sweep.
 */
@Injectable()
export class EventBus {
  private readonly log = new Logger(EventBus.name);
  private readonly handlers = new Map<EventType<unknown>, Handler<never>[]>();

  subscribe<T>(type: EventType<T>, handler: Handler<T>): () => void {
    const list = this.handlers.get(type) ?? [];
    this.handlers.set(type, [...list, handler]);
    return () => {
      this.handlers.set(
        type,
        (this.handlers.get(type) ?? []).filter((h) => h !== handler),
      );
    };
  }

  /** Tells every subscriber; a failing one is logged and does not stop the others or the publisher. */
  publish<T>(type: EventType<T>, payload: T): void {
    for (const handler of this.handlers.get(type) ?? []) {
      Promise.resolve()
        .then(() => (handler as Handler<T>)(payload))
        .catch((error: unknown) => this.log.error({ event: type.name, err: error }, `a handler of ${type.name} failed`));
    }
  }

  /** Asks every subscriber to do its part now, inside the publisher's transaction: a failing one fails the publisher. */
  async publishInTransaction<T>(type: EventType<T>, payload: T): Promise<void> {
    for (const handler of this.handlers.get(type) ?? []) await (handler as Handler<T>)(payload);
  }
}

@Global()
@Module({ providers: [EventBus], exports: [EventBus] })
export class BusModule {}
