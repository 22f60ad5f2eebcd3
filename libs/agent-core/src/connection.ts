import {
  type Body,
  Channel,
  CLOSE,
  COMMITS,
  decodeFrame,
  FROM_BROKER,
  helloSigningText,
  isReliable,
  type Message,
  type MessageType,
  OWNER_WORDS,
  PIECES,
  PROTOCOL,
  SOCKET_LIMITS,
  type WireBody,
} from '#protocol';
import { HeapError } from '#units';
import type { Bounds } from './bounds.js';
import { type Ending, endingOf } from './close-codes.js';
import { FrameWriter } from './frame-writer.js';
import { Pacer } from './pacer.js';
import type { Cancel, Ports, SocketPort } from './ports.js';
import { utf8Bytes } from './utf8.js';

export interface ConnectionConfig {
  url: string;
  /** The Host header of `url`: it is part of what the device key signs, so that no other heap can use the signature. */
  host: string;
  agent_version: string;
}

/** What of a session outlives its connections. */
export interface SessionMemory {
  readonly sid: string;
  readonly channel: Channel;
}

export interface ConnectionEvents {
  /** @param resumed the session goes on as if its connection had never broken. */
  online(resumed: boolean): void;
  /** In order, each once. */
  message(message: Message): void;
  /** The heap confirmed something: there may be room to send. */
  writable(): void;
  heartbeat(): WireBody<'hb'>;
  /** Once; nothing follows. `reconnect_in_ms` is the heap's wish. */
  ended(ending: Ending, reconnect_in_ms: number | null): void;
}

export type ConnectionPorts = Pick<Ports, 'openSocket' | 'clock' | 'random' | 'identity' | 'log'>;

/** One socket from opening to its end: greeting, numbering, acknowledgements, heartbeats, a silent peer. */
export class Connection {
  private channel: Channel;
  private readonly pacer: Pacer;
  private readonly socket: SocketPort;
  private readonly writer: FrameWriter;
  private readonly timers = new Map<string, Cancel>();
  private phase: 'opening' | 'greeting' | 'online' | 'ended' = 'opening';
  private welcome: Body<'welcome'> | null = null;
  private heard_at_ms: number;
  private throttled_until_ms = 0;
  /** The heap's wish, when it could not let this device in. */
  private knock_in_ms: number | null = null;
  private last_error = '';
  /** Whether this heap understands what devices say of their owners' words. */
  hears_owner = false;
  /** Whether it understands what they say of pieces. */
  hears_pieces = false;
  /** Whether this heap takes commitments. */
  takes_commits = false;

  constructor(
    private readonly config: ConnectionConfig,
    private readonly ports: ConnectionPorts,
    private readonly bounds: Bounds,
    private readonly events: ConnectionEvents,
    /** Of the session to take up again. */
    private readonly earlier: SessionMemory | null = null,
  ) {
    this.channel = earlier?.channel ?? new Channel();
    this.pacer = new Pacer(() => ports.clock.now_ms(), bounds.rate_per_s, bounds.rate_burst);
    this.heard_at_ms = ports.clock.now_ms();
    this.socket = ports.openSocket(config.url, {
      message: (text) => this.frame(text),
      close: (code, reason) => this.end(endingOf(code, reason || this.last_error, this.welcome !== null), this.knock_in_ms),
    });
    this.writer = new FrameWriter(
      (text) => this.socket.send(text),
      () => this.pacer.take(),
    );
    this.awaitAnswer();
  }

  get online(): boolean {
    return this.phase === 'online';
  }

  /** For blobs over HTTP while this connection lasts. */
  get token(): string | null {
    return this.online ? (this.welcome?.token ?? null) : null;
  }

  /** For the next connection of this session; null before its welcome. */
  get memory(): SessionMemory | null {
    return this.welcome === null ? null : { sid: this.welcome.sid, channel: this.channel };
  }

  /** When a message that can wait may be sent: 0 is now, infinity is after `writable`. */
  get sendable_in_ms(): number {
    if (!this.online || !this.channel.windowOpen) return Number.POSITIVE_INFINITY;
    return Math.max(this.pacer.wait_ms, this.throttled_until_ms - this.ports.clock.now_ms(), 0);
  }

  /** @returns false when nothing was sent: not online, or the peer's window is full. */
  send<T extends MessageType>(type: T, body: WireBody<T>): boolean {
    if (!this.online || (isReliable(type) && !this.channel.windowOpen)) return false;
    this.write(type, body);
    return true;
  }

  /** A clean farewell: the heap releases the leases at once. */
  leave(code: string): void {
    if (this.online) this.write('bye', { code });
    this.fail(1000, 'bye');
  }

  abandon(reason: string): void {
    this.fail(CLOSE.gap, reason);
  }

  private write<T extends MessageType>(type: T, body: WireBody<T>): void {
    const ages_ms = type === 'offer' ? SOCKET_LIMITS.offer_ages_ms : undefined;
    const message = this.channel.envelope(type, body, ages_ms);
    const text = JSON.stringify(message);
    if (message.s === undefined) return this.writer.write(text);
    this.channel.keep(message.s, text, utf8Bytes(text), ages_ms === undefined ? null : this.ports.clock.now_ms() + ages_ms);
    this.pump();
  }

  /** Puts on the wire what the window has room for. */
  private pump(): void {
    for (let text = this.channel.next(); text !== undefined; text = this.channel.next()) this.writer.write(text);
  }

  private frame(text: string): void {
    if (this.phase === 'ended') return;
    this.heard_at_ms = this.ports.clock.now_ms();
    try {
      if (text.length > SOCKET_LIMITS.frame_bytes) return this.fail(CLOSE.too_big, 'the frame is too big');
      for (const message of decodeFrame(text, FROM_BROKER)) {
        this.take(message);
        if (this.ended) return;
      }
      this.acknowledge();
      if (this.online) this.pump();
      this.events.writable();
    } catch (error) {
      if (error instanceof HeapError && error.code === 'malformed_frame') return this.fail(CLOSE.malformed, error.message);
      this.ports.log.error(
        { error: String(error), stack: error instanceof Error ? error.stack : undefined },
        'A message could not be handled; reconnecting.',
      );
      this.fail(1011, 'the agent failed on a message');
    }
  }

  private get ended(): boolean {
    return this.phase === 'ended';
  }

  private take(message: Message): void {
    const receipt = this.channel.receive(message);
    if (receipt === 'duplicate') return;
    if (receipt === 'gap') return this.fail(CLOSE.gap, 'a message is missing');
    switch (message.t) {
      case 'challenge':
        return this.phase === 'opening' ? this.greet(message.b) : this.outOfTurn(message.t);
      case 'welcome':
        return this.phase === 'greeting' ? this.begin(message.b) : this.outOfTurn(message.t);
      case 'error':
        this.last_error = message.b.message;
        return this.ports.log.warn({ code: message.b.code, fault: message.b.fault }, `The heap says: ${message.b.message}`);
      case 'bye':
        return this.fail(1000, `the heap said goodbye (${message.b.code})`);
      case 'throttle':
        return this.throttled(message.b.retry_in_ms);
    }
    if (this.phase !== 'online') return this.outOfTurn(message.t);
    switch (message.t) {
      case 'ack':
      case 'skip':
        return;
      case 'config':
        return this.keepAlive(message.b.heartbeat_ms);
      case 'drain':
        return this.drain(message.b.reconnect_in_ms);
      default:
        return this.events.message(message);
    }
  }

  /** Before the welcome it says when to knock again, later when to send again. */
  private throttled(retry_in_ms: number): void {
    const wait_ms = Math.min(retry_in_ms, this.bounds.reconnect_cap_ms);
    if (!this.online) {
      this.knock_in_ms = wait_ms * (1 + this.ports.random());
      return;
    }
    this.throttled_until_ms = this.ports.clock.now_ms() + wait_ms;
    this.timer('throttle', wait_ms, () => this.events.writable());
  }

  private outOfTurn(type: string): void {
    this.fail(CLOSE.malformed, `"${type}" out of turn`);
  }

  private awaitAnswer(): void {
    this.timer('handshake', this.bounds.handshake_ms, () => this.fail(CLOSE.gap, 'the heap did not answer in time'));
  }

  private greet(challenge: Body<'challenge'>): void {
    if (!challenge.versions.includes(PROTOCOL))
      return this.fail(CLOSE.upgrade, `it speaks ${challenge.versions.join(', ')}, this agent ${PROTOCOL}`);
    this.hears_owner = challenge.versions.includes(OWNER_WORDS);
    this.hears_pieces = challenge.versions.includes(PIECES);
    this.takes_commits = challenge.versions.includes(COMMITS);
    this.phase = 'greeting';
    this.awaitAnswer();
    const { node_id, algorithm } = this.ports.identity;
    const resume = this.earlier ? { sid: this.earlier.sid, h: this.earlier.channel.highest_received } : undefined;
    const claim = { nonce: challenge.nonce, host: this.config.host, node_id, version: PROTOCOL, resume };
    Promise.resolve(helloSigningText(claim))
      .then((text) => this.ports.identity.sign(text))
      .then((signature) => {
        const { agent_version } = this.config;
        if (this.phase === 'greeting')
          this.write('hello', {
            node_id,
            version: PROTOCOL,
            agent_version,
            ...(algorithm && { algorithm }),
            signature,
            ...(resume ? { resume } : {}),
            ...(this.takes_commits ? { speaks: [COMMITS] } : {}),
          });
      })
      .catch((error) => this.fail(1011, `the device key does not sign: ${String(error)}`));
  }

  private begin(welcome: Body<'welcome'>): void {
    if (welcome.resumed && welcome.sid !== this.earlier?.sid) return this.outOfTurn('welcome');
    if (welcome.resumed && !this.channel.resume(welcome.h, this.ports.clock.now_ms()))
      return this.fail(CLOSE.malformed, 'the session is lost');
    if (!welcome.resumed) this.channel = new Channel();
    this.timers.get('handshake')?.();
    this.timers.delete('handshake');
    this.welcome = welcome;
    this.knock_in_ms = null;
    this.phase = 'online';
    this.keepAlive(welcome.heartbeat_ms);
    this.pump();
    this.events.online(welcome.resumed);
  }

  private keepAlive(asked_ms: number): void {
    const { heartbeat_min_ms, heartbeat_max_ms } = this.bounds;
    const heartbeat_ms = Math.min(Math.max(asked_ms, heartbeat_min_ms), heartbeat_max_ms);
    this.beat(heartbeat_ms);
    this.watch(heartbeat_ms * SOCKET_LIMITS.dead_after_heartbeats);
  }

  private beat(heartbeat_ms: number): void {
    this.timer('heartbeat', heartbeat_ms * (0.9 + 0.2 * this.ports.random()), () => {
      this.write('hb', this.events.heartbeat());
      this.beat(heartbeat_ms);
    });
  }

  /** One timer that looks again when the peer has been heard since: no timer is moved per message. */
  private watch(silence_ms: number): void {
    const left_ms = this.heard_at_ms + silence_ms - this.ports.clock.now_ms();
    if (left_ms <= 0) return this.fail(CLOSE.gap, 'the heap fell silent');
    this.timer('watch', left_ms, () => this.watch(silence_ms));
  }

  private acknowledge(): void {
    if (!this.online || this.channel.owed_acks === 0) return;
    if (this.channel.ackDue) return this.write('ack', {});
    if (this.timers.has('ack')) return;
    this.timer('ack', SOCKET_LIMITS.ack_every_ms / 2, () => {
      if (this.channel.owed_acks > 0) this.write('ack', {});
    });
  }

  /** Works on until it is time to go: what runs is finished or goes on after the reconnection. */
  private drain(reconnect_in_ms: number): void {
    const delay_ms = this.ports.random() * Math.min(reconnect_in_ms, this.bounds.reconnect_cap_ms);
    this.timer('drain', delay_ms, () => {
      this.writer.flush();
      this.socket.close(1000, 'drained');
      this.end({ code: 'drained', sentence: 'The heap asked this device to reconnect.', after: 'reconnect' }, 0);
    });
  }

  private fail(code: number, reason: string): void {
    if (this.ended) return;
    this.writer.flush();
    this.socket.close(code, reason);
    this.end(endingOf(code, reason), null);
  }

  private end(ending: Ending, reconnect_in_ms: number | null): void {
    if (this.ended) return;
    this.phase = 'ended';
    this.writer.discard();
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.events.ended(ending, reconnect_in_ms);
  }

  /** At most one timer of a name. */
  private timer(name: string, delay_ms: number, run: () => void): void {
    this.timers.get(name)?.();
    this.timers.set(
      name,
      this.ports.clock.after(delay_ms, () => {
        this.timers.delete(name);
        run();
      }),
    );
  }
}
