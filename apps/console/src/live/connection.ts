import { LIVE_CLOSE, LIVE_LIMITS, type LiveMessage, type LiveRequest } from '#protocol';

/** What is needed of a WebSocket; tests bring their own. */
export interface Socket {
  send(text: string): unknown;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface LiveWorld {
  /** Where the socket is opened anew each time. */
  openSocket(): Socket;
  /** A ticket of whoever is signed in; null when nobody is. Rejects when the heap cannot be reached. */
  ticket(): Promise<string | null>;
  /** The topic has news, or may have: `missed` where that was found out after a break. */
  heard(topic: string, why: 'news' | 'missed' | 'begun'): void;
  /** The sign-in that was listened with is over. */
  over(): void;
  now_ms(): number;
  /** @returns ends the waiting */
  later(ms: number, work: () => void): () => void;
  random(): number;
}

/** `idle`: nothing is listened to, or the page has been out of sight for long. */
export type LiveState = { kind: 'idle' | 'live' | 'catching_up' } | { kind: 'offline'; since_ms: number };

const RETRY_MS = 500;
const RETRY_MS_MAX = 30_000;
/** The heap asks to be left alone for a while. */
const BUSY_MS = 5_000;
/** So many attempts are catching up; then the page says that it is offline. */
const PATIENCE = 2;
const BUSY: readonly number[] = [LIVE_CLOSE.try_later, LIVE_CLOSE.rate, LIVE_CLOSE.malformed];

/**
 * One socket for all that the page listens to. It is opened when the first topic is wanted, opened again after each break, after a random time
 * that doubles, and asks then whether something was missed meanwhile.
 */
export class LiveConnection {
  private readonly wanted = new Set<string>();
  /** Where the page is in each topic. */
  private readonly cursors = new Map<string, string>();
  private socket: Socket | undefined;
  private welcomed = false;
  private attempts = 0;
  private paused = false;
  private endWaiting: (() => void) | undefined;
  private endWatch: (() => void) | undefined;
  private beat_ms: number = LIVE_LIMITS.beat_ms;
  private offline_since_ms: number | undefined;
  private readonly watchers = new Set<() => void>();
  state: LiveState = { kind: 'idle' };

  constructor(private readonly world: LiveWorld) {}

  /** @returns ends the watching */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  want(topic: string): void {
    if (this.wanted.has(topic)) return;
    this.wanted.add(topic);
    if (this.welcomed) this.say({ t: 'subscribe', topics: [{ topic }] });
    else this.connect();
  }

  unwant(topic: string): void {
    if (!this.wanted.delete(topic)) return;
    this.cursors.delete(topic);
    if (this.welcomed) this.say({ t: 'unsubscribe', topics: [topic] });
  }

  /** Out of sight for long: the socket costs the heap and the battery, and nobody looks. */
  pause(): void {
    this.paused = true;
    this.leave();
    this.show({ kind: 'idle' });
  }

  /** In sight again, or the network is back: now, not when it would be its turn. */
  resume(): void {
    this.paused = false;
    this.attempts = 0;
    if (this.welcomed) return;
    this.endWaiting?.();
    this.endWaiting = undefined;
    this.connect();
  }

  /** Somebody else is signed in, or nobody: what was heard before says nothing now. */
  restart(): void {
    this.leave();
    this.cursors.clear();
    this.attempts = 0;
    this.connect();
  }

  private connect(): void {
    if (this.socket || this.endWaiting || this.paused || this.wanted.size === 0) return;
    this.show(
      this.attempts > PATIENCE ? { kind: 'offline', since_ms: this.offline_since_ms ?? this.world.now_ms() } : { kind: 'catching_up' },
    );
    const socket = this.world.openSocket();
    this.socket = socket;
    const mine = () => this.socket === socket;
    socket.onopen = () => {
      this.listenForLife();
      this.world.ticket().then(
        (ticket) => mine() && this.say({ t: 'hello', ticket }),
        () => mine() && this.broken(LIVE_CLOSE.try_later),
      );
    };
    socket.onmessage = ({ data }) => {
      if (mine()) this.hear(JSON.parse(String(data)) as LiveMessage);
    };
    socket.onclose = ({ code }) => {
      if (mine()) this.broken(code);
    };
  }

  /** Its shape is not looked at: it comes from the heap that made this page, and schemas would be a third of what the page loads. */
  private hear(message: LiveMessage): void {
    this.listenForLife();
    if (message.t === 'welcome') this.begin(message.beat_ms);
    else if (message.t === 'hints')
      for (const { topic, cursor } of message.hints) {
        if (this.wanted.has(topic)) this.cursors.set(topic, cursor);
        this.world.heard(topic, 'news');
      }
    else if (message.t === 'subscribed')
      for (const { topic, cursor, missed } of message.topics) {
        const before = this.cursors.has(topic);
        if (this.wanted.has(topic)) this.cursors.set(topic, cursor);
        if (!before) this.world.heard(topic, 'begun');
        else if (missed !== 'nothing') this.world.heard(topic, 'missed');
      }
    else if (message.t === 'refused') for (const { topic } of message.topics) this.cursors.delete(topic);
  }

  private begin(beat_ms: number): void {
    this.welcomed = true;
    this.attempts = 0;
    this.beat_ms = beat_ms;
    this.offline_since_ms = undefined;
    const topics = [...this.wanted].map((topic) => {
      const after = this.cursors.get(topic);
      return after === undefined ? { topic } : { topic, after };
    });
    // Frames are small on this socket.
    for (let from = 0; from < topics.length; from += LIVE_LIMITS.topics)
      this.say({ t: 'subscribe', topics: topics.slice(from, from + LIVE_LIMITS.topics) });
    this.show({ kind: 'live' });
  }

  private broken(code: number): void {
    const was_live = this.welcomed;
    this.leave();
    this.offline_since_ms ??= this.world.now_ms();
    if (code === LIVE_CLOSE.over) this.world.over();
    const base_ms = BUSY.includes(code) ? BUSY_MS : RETRY_MS;
    const wait_ms = was_live && !BUSY.includes(code) ? RETRY_MS : Math.min(RETRY_MS_MAX, base_ms * 2 ** this.attempts);
    this.attempts += 1;
    if (this.paused || this.wanted.size === 0) return this.show({ kind: 'idle' });
    this.show(this.attempts > PATIENCE ? { kind: 'offline', since_ms: this.offline_since_ms } : { kind: 'catching_up' });
    this.endWaiting = this.world.later(wait_ms * this.world.random(), () => {
      this.endWaiting = undefined;
      this.connect();
    });
  }

  private leave(): void {
    this.endWaiting?.();
    this.endWatch?.();
    this.endWaiting = this.endWatch = undefined;
    const { socket } = this;
    this.socket = undefined;
    this.welcomed = false;
    socket?.close();
  }

  /** A connection can be dead without a word; the heap is never silent for long. */
  private listenForLife(): void {
    this.endWatch?.();
    this.endWatch = this.world.later(2 * this.beat_ms, () => this.broken(1006));
  }

  private say(request: LiveRequest): void {
    this.socket?.send(JSON.stringify(request));
  }

  private show(state: LiveState): void {
    if (state.kind === this.state.kind) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}
