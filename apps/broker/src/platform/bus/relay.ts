import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Signals } from '../database/signals.js';
import { EventBus } from './event-bus.js';
import { EventsMissed } from './relay.events.js';
import { packed, unpacked } from './relay-frames.js';

/** Events of so long a time go out together. */
const GATHER_MS = 5;
const LISTEN_AGAIN_MS = 1_000;

/**
 * Carries events to the other processes on this database and brings theirs. One that is lost on the way, as with a connection, costs the time
 * until the next sweep and nothing else.
 */
@Injectable()
export class BusRelay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(BusRelay.name);
  private readonly process_id = randomUUID();
  private waiting: [name: string, payload: unknown][] = [];
  private gathering: NodeJS.Timeout | undefined;
  private again: NodeJS.Timeout | undefined;
  private listener: { close: () => void } | undefined;
  private stopped = false;
  /** The listening was interrupted. */
  private deaf = false;

  constructor(
    private readonly bus: EventBus,
    private readonly signals: Signals,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.bus.relayTo((name, payload) => this.take(name, payload));
    await this.listen();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.gathering);
    clearTimeout(this.again);
    this.listener?.close();
  }

  private take(name: string, payload: unknown): void {
    if (this.stopped) return;
    this.waiting.push([name, payload]);
    this.gathering ??= setTimeout(() => this.send(), GATHER_MS);
  }

  private send(): void {
    this.gathering = undefined;
    const frames = packed(this.process_id, this.waiting.splice(0));
    this.signals.send(frames).catch((error: unknown) => this.log.warn({ err: error }, 'events did not reach the other processes'));
  }

  private async listen(): Promise<void> {
    if (this.stopped) return;
    try {
      const listener = await this.signals.listen(
        (text) => this.receive(text),
        () => this.listenLater(),
      );
      if (this.stopped) return listener.close();
      this.listener = listener;
      if (this.deaf) this.bus.publish(EventsMissed, {});
      this.deaf = false;
    } catch (error) {
      this.log.warn({ err: error }, 'events of other processes cannot be heard; trying again');
      this.listenLater();
    }
  }

  private listenLater(): void {
    this.deaf = true;
    if (!this.stopped) this.again = setTimeout(() => void this.listen(), LISTEN_AGAIN_MS);
  }

  private receive(text: string): void {
    const frame = unpacked(text);
    if (frame === null || frame.from === this.process_id) return;
    for (const [name, payload] of frame.events) this.bus.deliver(name, payload);
  }
}
