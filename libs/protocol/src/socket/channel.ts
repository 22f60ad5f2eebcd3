import { SOCKET_LIMITS } from '../limits.js';
import type { WireMessage } from './envelope.js';
import { isReliable, type MessageType, type WireBody } from './messages.js';

export type Receipt = 'fresh' | 'duplicate' | 'gap' | 'unnumbered';

/**
 * One end of a session: numbers what is sent, notices duplicates and gaps in what arrives, and knows when an
 * acknowledgement is due. Pure bookkeeping (XEP-0198); sockets and timers belong to the caller.
 */
export class Channel {
  private sent = 0;
  private received = 0;
  private acked_by_peer = 0;
  private acked_by_us = 0;
  private readonly unacked: { s: number; bytes: number }[] = [];
  private unacked_total_bytes = 0;

  /** The next message as it goes on the wire; `bytes` counts towards the window when it is reliable. */
  envelope<T extends MessageType>(t: T, b: WireBody<T>): WireMessage<T> {
    const message: WireMessage<T> = isReliable(t) ? { v: 1, t, s: ++this.sent, a: this.received, b } : { v: 1, t, a: this.received, b };
    this.acked_by_us = this.received;
    return message;
  }

  /** To be called with each reliable message's size once it is serialised. */
  recordSent(s: number, bytes: number): void {
    this.unacked.push({ s, bytes });
    this.unacked_total_bytes += bytes;
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
    while (this.unacked[0] && this.unacked[0].s <= a) this.unacked_total_bytes -= this.unacked.shift()?.bytes ?? 0;
  }

  /** Messages received that the peer has not been told of. */
  get owed_acks(): number {
    return this.received - this.acked_by_us;
  }

  get ackDue(): boolean {
    return this.owed_acks >= SOCKET_LIMITS.ack_every_messages;
  }

  /** False while the peer has too much unacknowledged: stop sending reliable messages and stop reading. */
  get windowOpen(): boolean {
    return this.unacked.length < SOCKET_LIMITS.window_messages && this.unacked_total_bytes < SOCKET_LIMITS.window_bytes;
  }

  get highest_received(): number {
    return this.received;
  }
}
