import { SOCKET_LIMITS } from '../limits.js';
import type { WireMessage } from './envelope.js';
import { isReliable, type MessageType, type WireBody } from './messages.js';

export type Receipt = 'fresh' | 'duplicate' | 'gap' | 'unnumbered';

/** A reliable message that the peer has not acknowledged. */
interface Kept {
  readonly s: number;
  text: string;
  bytes: number;
  /** Not worth sending any more after this instant; null never ages. */
  readonly ages_at_ms: number | null;
}

/**
 * One end of a session, which outlives its connections: numbers what is sent, keeps it until the peer acknowledges it, lets no more
 * than a window of it be under way, notices duplicates and gaps in what arrives, and knows when an acknowledgement is due. Pure
 * bookkeeping (XEP-0198); sockets, timers and clocks belong to the caller.
 */
export class Channel {
  private sent = 0;
  private received = 0;
  private acked_by_peer = 0;
  private acked_by_us = 0;
  private readonly kept: Kept[] = [];
  private kept_bytes = 0;
  /** Of `kept`, those that have been handed out on this connection. */
  private flying = 0;
  private flying_bytes = 0;

  /** The next message as it goes on the wire. A reliable one is to be given to `keep` and goes out when `next` gives it. */
  envelope<T extends MessageType>(t: T, b: WireBody<T>, x?: number): WireMessage<T> {
    const message: WireMessage<T> = isReliable(t) ? { v: 1, t, s: ++this.sent, a: this.received, b } : { v: 1, t, a: this.received, b };
    if (x !== undefined) message.x = x;
    this.acked_by_us = this.received;
    return message;
  }

  /** Keeps a reliable message, serialised, until the peer has it. */
  keep(s: number, text: string, bytes: number, ages_at_ms: number | null = null): void {
    this.kept.push({ s, text, bytes, ages_at_ms });
    this.kept_bytes += bytes;
  }

  /** The next text to write, in order; undefined when all is under way or the window is full. */
  next(): string | undefined {
    const kept = this.kept[this.flying];
    if (!kept || this.flying >= SOCKET_LIMITS.window_messages) return undefined;
    if (this.flying > 0 && this.flying_bytes + kept.bytes > SOCKET_LIMITS.window_bytes) return undefined;
    this.flying += 1;
    this.flying_bytes += kept.bytes;
    return kept.text;
  }

  /** Takes note of an arrived message's numbers: act on it only when the answer is `fresh` or `unnumbered`. */
  receive(message: { s?: number | undefined; a?: number | undefined }): Receipt {
    if (message.a !== undefined) this.acknowledge(message.a);
    if (message.s === undefined) return 'unnumbered';
    if (message.s <= this.received) return 'duplicate';
    if (message.s !== this.received + 1) return 'gap';
    this.received = message.s;
    return 'fresh';
  }

  private acknowledge(a: number): void {
    // An acknowledgement of what was never sent is the peer's fault and must not free the window.
    if (a <= this.acked_by_peer || a > this.sent) return;
    this.acked_by_peer = a;
    let count = 0;
    for (const { s, bytes } of this.kept) {
      if (s > a) break;
      this.kept_bytes -= bytes;
      if (count < this.flying) this.flying_bytes -= bytes;
      count += 1;
    }
    this.kept.splice(0, count);
    this.flying = Math.max(0, this.flying - count);
  }

  /** Whether a session whose peer has received up to `h` can go on. */
  canResume(h: number): boolean {
    return h >= this.acked_by_peer && h <= this.sent;
  }

  /**
   * A new connection of the same session: the peer has everything up to `h`; `next` gives the rest again. What has aged goes out as a
   * `skip`, so that the numbers have no gap. @returns false when the two ends have lost each other.
   */
  resume(h: number, now_ms: number): boolean {
    if (!this.canResume(h)) return false;
    this.acknowledge(h);
    this.flying = 0;
    this.flying_bytes = 0;
    for (const kept of this.kept) {
      if (kept.ages_at_ms === null || kept.ages_at_ms > now_ms) continue;
      const skip: WireMessage<'skip'> = { v: 1, t: 'skip', s: kept.s, b: {} };
      this.kept_bytes -= kept.bytes;
      kept.text = JSON.stringify(skip);
      kept.bytes = kept.text.length;
      this.kept_bytes += kept.bytes;
    }
    return true;
  }

  /** Messages received that the peer has not been told of. */
  get owed_acks(): number {
    return this.received - this.acked_by_us;
  }

  get ackDue(): boolean {
    return this.owed_acks >= SOCKET_LIMITS.ack_every_messages;
  }

  /** False while the peer has too much unacknowledged: nothing more is begun. */
  get windowOpen(): boolean {
    return this.kept.length < SOCKET_LIMITS.window_messages && this.kept_bytes < SOCKET_LIMITS.window_bytes;
  }

  get highest_received(): number {
    return this.received;
  }

  /** What the peer has not acknowledged, under way or waiting. */
  get unacknowledged(): { messages: number; bytes: number } {
    return { messages: this.kept.length, bytes: this.kept_bytes };
  }

  get highest_sent(): number {
    return this.sent;
  }

  /** The highest number that the peer has acknowledged. */
  get acknowledged(): number {
    return this.acked_by_peer;
  }
}
