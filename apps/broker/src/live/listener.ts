import type { WebSocket } from 'ws';
import { LIVE_CLOSE, LIVE_LIMITS, type LiveMessage } from '#protocol';
import type { PersonRole } from '../platform/http/caller.js';
import { TokenBucket } from '../platform/socket/token-bucket.js';
import type { TicketHolder } from './live.store.js';
import type { Hearer } from './topics.js';

/** Whoever does not answer the farewell is not waited for. */
const LINGER_MS = 2_000;

export interface SignedIn extends TicketHolder {
  roles: readonly PersonRole[];
}

/** One socket: who is at its other end, what they listen to, and what they may send and leave unread. */
export class Listener implements Hearer {
  /** Null for anybody; undefined until the first message said which. */
  person: SignedIn | null | undefined;
  /** Topics as the listener calls them → as they are known inside. */
  readonly topics = new Map<string, string>();
  /** Heard of since the last sign of life. */
  alive = true;
  private readonly bucket: TokenBucket;

  constructor(
    private readonly socket: WebSocket,
    now_ms: number,
  ) {
    this.bucket = new TokenBucket(LIVE_LIMITS.rate_per_s, LIVE_LIMITS.rate_burst, now_ms);
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  maySend(now_ms: number): boolean {
    this.alive = true;
    return this.bucket.take(now_ms);
  }

  hint(hints: string): void {
    this.write(`{"t":"hints","hints":[${hints}]}`);
  }

  send(message: LiveMessage): void {
    this.write(JSON.stringify(message));
  }

  /** A sign of life; one that answered nothing since the last one is gone. */
  beat(): void {
    if (!this.alive) return this.socket.terminate();
    this.alive = false;
    this.socket.ping();
    this.send({ t: 'beat' });
  }

  close(code: number, sentence: string): void {
    if (!this.open) return;
    this.socket.close(code, sentence);
    const timer = setTimeout(() => this.socket.terminate(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }

  private write(text: string): void {
    if (!this.open) return;
    if (this.socket.bufferedAmount > LIVE_LIMITS.unread_bytes)
      return this.close(LIVE_CLOSE.slow, 'You read too slowly: connect again and say what you heard last.');
    this.socket.send(text);
  }
}
