import type { WebSocket } from 'ws';
import { Channel, type MessageType, SOCKET_LIMITS, type WireBody } from '#protocol';
import type { NodeRow } from '../nodes/nodes.query.js';
import type { LiveLease } from './live-lease.js';

/** A frame is closed when its text would grow beyond this. */
const FRAME_ROOM_BYTES = SOCKET_LIMITS.packed_bytes;

/** One node's connection: numbering, packing of messages into frames, and the leases it works on. */
export class NodeSession {
  readonly channel = new Channel();
  readonly leases = new Map<string, LiveLease>();
  last_heard_ms: number;
  /** The node has said what it holds and was told what stands. */
  reconciled = false;
  private waiting: string[] = [];
  private waiting_bytes = 0;
  private flush_due = false;

  constructor(
    readonly socket: WebSocket,
    readonly node: NodeRow,
    readonly session_epoch: number,
    now_ms: number,
  ) {
    this.last_heard_ms = now_ms;
  }

  /** Queues a message; all that is queued in one turn of the event loop goes out in as few frames as hold it. */
  send<T extends MessageType>(t: T, b: WireBody<T>): void {
    const message = this.channel.envelope(t, b);
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (message.s !== undefined) this.channel.recordSent(message.s, bytes);
    if (this.waiting_bytes + bytes > FRAME_ROOM_BYTES) this.flush();
    this.waiting.push(text);
    this.waiting_bytes += bytes + 1;
    if (this.flush_due) return;
    this.flush_due = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.flush_due = false;
    const [first] = this.waiting;
    if (first === undefined || this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(this.waiting.length === 1 ? first : `[${this.waiting.join(',')}]`);
    this.waiting = [];
    this.waiting_bytes = 0;
  }

  /** Says why in a last `error`, then closes with the protocol's code. */
  close(close_code: number, code: string, sentence: string, fault: WireBody<'error'>['fault'] = 'provider'): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.send('error', { code, message: sentence.slice(0, 512), fault });
    this.flush();
    this.socket.close(close_code, sentence.slice(0, 100));
  }
}
