import { Injectable, Logger } from '@nestjs/common';

/** A kind of event; the payload's type travels with it. */
export class EventType<T> {
  declare readonly payload: T;
  /** Events between processes are plain JSON, and every handler of one may be called again for what it has heard of. */
  readonly between_processes: boolean;

  constructor(
    readonly name: string,
    { between_processes = false } = {},
  ) {
    this.between_processes = between_processes;
  }
}

type Handler<T> = (payload: T) => void | Promise<void>;

/**
 * Carries what stations announce to the stations after them: within this process, and through the relay to the other processes of the
 * heap where the type says so. An event is a hint that something in the database changed: a handler that misses one is woken by its sweep.
 */
@Injectable()
export class EventBus {
  private readonly log = new Logger(EventBus.name);
  private readonly handlers = new Map<EventType<unknown>, Handler<never>[]>();
  private relay: ((name: string, payload: unknown) => void) | undefined;

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
    void this.tell(type, payload);
    if (type.between_processes) this.relay?.(type.name, payload);
  }

  /** As `publish`, and resolves when every subscriber in this process has dealt with it, well or not. */
  async publishAndWait<T>(type: EventType<T>, payload: T): Promise<void> {
    if (type.between_processes) this.relay?.(type.name, payload);
    await this.tell(type, payload);
  }

  /** Asks every subscriber to do its part now, inside the publisher's transaction: a failing one fails the publisher. */
  async publishInTransaction<T>(type: EventType<T>, payload: T): Promise<void> {
    for (const handler of this.handlers.get(type) ?? []) await (handler as Handler<T>)(payload);
  }

  /** Takes what this process publishes for the others. */
  relayTo(relay: (name: string, payload: unknown) => void): void {
    this.relay = relay;
  }

  /** What another process published; who subscribed to it here hears it. */
  deliver(name: string, payload: unknown): void {
    for (const type of this.handlers.keys()) if (type.name === name && type.between_processes) void this.tell(type, payload);
  }

  private async tell<T>(type: EventType<T>, payload: T): Promise<void> {
    const handlers = this.handlers.get(type) ?? [];
    await Promise.all(
      handlers.map((handler) =>
        Promise.resolve()
          .then(() => (handler as Handler<T>)(payload))
          .catch((error: unknown) => this.log.error({ event: type.name, err: error }, `a handler of ${type.name} failed`)),
      ),
    );
  }
}
