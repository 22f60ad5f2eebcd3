import type { Message, MessageType, WireBody } from '#protocol';
import { backoff_ms } from './backoff.js';
import type { Bounds } from './bounds.js';
import { type Ending, endingOf } from './close-codes.js';
import { Connection, type ConnectionConfig, type ConnectionPorts, type SessionMemory } from './connection.js';
import type { Cancel } from './ports.js';

export interface SessionStatus {
  state: 'stopped' | 'connecting' | 'online' | 'waiting';
  code: string;
  sentence: string;
}

export interface SessionEvents {
  /** A fresh session: say first what is held. */
  online(): void;
  /** The connection is back and nothing was lost: say nothing again. */
  resumed(): void;
  /** The session is over, and what was under way in it lost: a connection that breaks is not yet that. */
  offline(): void;
  message(message: Message): void;
  writable(): void;
  heartbeat(): WireBody<'hb'>;
  status(status: SessionStatus): void;
}

/** Session-ending closes: the heap has forgotten the session, or its two ends have lost each other. */
const FORGETS: ReadonlySet<string> = new Set(['replaced', 'revoked', 'malformed', 'unauthenticated']);

/** Trying at once would fight another copy of this device, or a heap that wants a newer agent. */
const LONG_WAITS: ReadonlySet<string> = new Set(['replaced', 'upgrade_needed']);

/**
 * Keeps one session with the heap alive: connects, waits, connects again and takes the session up where it was, until told to stop or
 * taken out of the heap.
 */
export class Session {
  private connection: Connection | null = null;
  private memory: SessionMemory | null = null;
  private cancelWait: Cancel | null = null;
  private failures = 0;
  private online_since_ms: number | null = null;
  private stopped = true;
  status: SessionStatus = { state: 'stopped', code: 'not_started', sentence: 'The agent has not been started.' };

  constructor(
    private readonly config: ConnectionConfig,
    private readonly ports: ConnectionPorts,
    private readonly bounds: Bounds,
    private readonly events: SessionEvents,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  /** Says goodbye with a code and stays away. */
  stop(code: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.cancelWait?.();
    this.connection?.leave(code);
    this.tell('stopped', 'stopped', 'The agent was stopped.');
  }

  get online(): boolean {
    return this.connection?.online ?? false;
  }

  /** There is a session, or one that may be taken up again: what waits to be sent may still get there in its order. */
  get open(): boolean {
    return this.online || this.memory !== null;
  }

  /** Of the last heap that it spoke to. */
  get hears_owner(): boolean {
    return this.connection?.hears_owner ?? false;
  }

  get hears_pieces(): boolean {
    return this.connection?.hears_pieces ?? false;
  }

  /** Of the heap that it speaks to. */
  get takes_commits(): boolean {
    return this.connection?.takes_commits ?? false;
  }

  get token(): string | null {
    return this.connection?.token ?? null;
  }

  get sendable_in_ms(): number {
    return this.connection?.sendable_in_ms ?? Number.POSITIVE_INFINITY;
  }

  send<T extends MessageType>(type: T, body: WireBody<T>): boolean {
    return this.connection?.send(type, body) ?? false;
  }

  /** The network may be back: the next try comes now instead of after its wait, unless there is a reason to stay away. */
  hurry(): void {
    if (!this.cancelWait || this.status.state !== 'waiting' || LONG_WAITS.has(this.status.code)) return;
    this.cancelWait();
    this.connect();
  }

  /** Gives this connection up and begins a new one in a while. */
  restart(reason: string): void {
    this.connection?.abandon(reason);
  }

  private connect(): void {
    this.cancelWait = null;
    this.tell('connecting', 'connecting', `Connecting to ${this.config.host}.`);
    try {
      const events = {
        online: (resumed: boolean) => this.onOnline(resumed),
        message: (message: Message) => this.onMessage(message),
        writable: () => this.events.writable(),
        heartbeat: () => this.events.heartbeat(),
        ended: (ending: Ending, reconnect_in_ms: number | null) => this.onEnded(ending, reconnect_in_ms),
      };
      this.connection = new Connection(this.config, this.ports, this.bounds, events, this.memory);
    } catch (error) {
      this.onEnded(endingOf(1006, error instanceof Error ? error.message : String(error)), null);
    }
  }

  private onOnline(resumed: boolean): void {
    this.online_since_ms = this.ports.clock.now_ms();
    const took_up = resumed ? ' The session goes on.' : '';
    this.tell('online', 'online', `Connected to ${this.config.host}.${took_up}`);
    if (resumed) return this.events.resumed();
    this.forget();
    this.events.online();
  }

  private forget(): void {
    if (this.memory === null) return;
    this.memory = null;
    this.events.offline();
  }

  /** A heap that takes work in is well: however short the connection, its loss is no reason to stay away for longer than the first time. */
  private onMessage(message: Message): void {
    if (message.t === 'results.ack') this.failures = 0;
    this.events.message(message);
  }

  private onEnded(ending: Ending, reconnect_in_ms: number | null): void {
    const was_online_ms = this.online_since_ms === null ? null : this.ports.clock.now_ms() - this.online_since_ms;
    this.memory = this.connection?.memory ?? this.memory;
    this.connection = null;
    this.online_since_ms = null;
    if (this.stopped || FORGETS.has(ending.code)) this.forget();
    if (this.stopped) return;
    if (ending.after === 'stop') {
      this.stopped = true;
      return this.tell('stopped', ending.code, ending.sentence);
    }
    if (was_online_ms !== null && was_online_ms >= this.bounds.stable_ms) this.failures = 0;
    const delay_ms = reconnect_in_ms ?? this.wait_ms(ending);
    this.failures += 1;
    this.tell('waiting', ending.code, `${ending.sentence} Next try in ${(delay_ms / 1_000).toFixed(1)} s.`);
    this.cancelWait = this.ports.clock.after(delay_ms, () => this.connect());
  }

  private wait_ms(ending: Ending): number {
    if (ending.after === 'wait-long') return this.bounds.long_wait_ms * (0.5 + this.ports.random());
    return backoff_ms(this.failures, this.ports.random(), this.bounds);
  }

  private tell(state: SessionStatus['state'], code: string, sentence: string): void {
    this.status = { state, code, sentence };
    this.events.status(this.status);
  }
}
