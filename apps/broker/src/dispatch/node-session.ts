import type { WebSocket } from 'ws';
import { Channel, CLOSE, type MessageType, SOCKET_LIMITS, type WireBody } from '#protocol';
import type { Felt, NodeRow } from '../nodes/nodes.query.js';
import { newId } from '../platform/ids.js';
import type { LiveLease } from './live-lease.js';

/** A frame is closed when its text would grow beyond this. */
const FRAME_ROOM_BYTES = SOCKET_LIMITS.packed_bytes;
/** To a peer that does not read, nothing is said that it need not hear. */
const UNREAD_BYTES = 256 * 1024;

/** What a node has said it holds: by lease, its epoch and its tasks' epochs by index. */
export type Stated = Map<string, { epoch: number; tasks: Map<number, number> }>;

/**
 * One node's session, over as many connections as it takes: numbering, packing of messages into frames, and the leases it works on.
 * While no connection is there it is parked: what is said to it waits, up to a limit, for the node to take the session up again.
 */
export class NodeSession {
  readonly sid = newId();
  readonly channel = new Channel();
  readonly leases = new Map<string, LiveLease>();
  /** Leases that are over, and the number of the message that says so, until the node has it. */
  readonly ending = new Map<string, number>();
  readonly stated: Stated = new Map();
  /** Null while it is parked. */
  socket: WebSocket | null;
  last_heard_ms: number;
  parked_at_ms: number | null = null;
  heartbeat_ms: number = SOCKET_LIMITS.heartbeat_ms;
  /** It has said what its owner's word is on it, and understands what its owner says at the heap. */
  hears_owner = false;
  /** It has said that it keeps pieces of volumes. */
  keeps_pieces = false;
  /** It knows `commits` and `reveal`. */
  takes_commits = false;
  /** Of its heartbeats since it was last written down. */
  felt: Felt | null = null;
  /** The node has said what it holds and was told what stands. */
  reconciled = false;
  /** Messages take effect in their order, over all connections: each frame waits for the one before. */
  turn: Promise<void> = Promise.resolve();
  /** Read and not yet dealt with; of results, until they are decided. */
  backlog_bytes = 0;
  backlog_frames = 0;
  /** Nothing is read from it until the backlog is smaller. */
  paused = false;
  private lost = false;
  private waiting: string[] = [];
  private waiting_bytes = 0;
  private flush_due = false;

  constructor(
    socket: WebSocket,
    readonly node: NodeRow,
    public session_epoch: number,
    now_ms: number,
  ) {
    this.socket = socket;
    this.last_heard_ms = now_ms;
  }

  get connected(): boolean {
    return this.socket !== null;
  }

  /** Whether more work may be sent to it. */
  get ready(): boolean {
    return this.connected && this.channel.windowOpen;
  }

  /** False once it was ended, or when more waits for the node than is kept. */
  get resumable(): boolean {
    return !this.lost;
  }

  /** Its next connection cannot take it up. */
  forget(): void {
    this.lost = true;
  }

  park(now_ms: number): void {
    this.socket = null;
    this.paused = false;
    this.parked_at_ms = now_ms;
    this.waiting = [];
    this.waiting_bytes = 0;
  }

  /** Goes on over another connection. @returns false when the two ends have lost each other. */
  resume(socket: WebSocket, session_epoch: number, h: number, now_ms: number): boolean {
    if (this.lost || !this.channel.resume(h, now_ms)) return false;
    this.socket = socket;
    // The new connection is read until its first frame, which finds the backlog of the old one.
    this.paused = false;
    this.session_epoch = session_epoch;
    this.last_heard_ms = now_ms;
    this.parked_at_ms = null;
    this.waiting = [];
    this.waiting_bytes = 0;
    this.noteAcknowledged();
    return true;
  }

  /** Queues a message; all that is queued in one turn of the event loop goes out in as few frames as hold it. */
  send<T extends MessageType>(t: T, b: WireBody<T>): void {
    if (this.lost && !this.connected) return;
    const message = this.channel.envelope(t, b);
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (message.s === undefined) {
      if (this.socket && this.socket.bufferedAmount < UNREAD_BYTES) this.write(text, bytes);
      return;
    }
    this.channel.keep(message.s, text, bytes);
    const kept = this.channel.unacknowledged;
    if (kept.messages > SOCKET_LIMITS.resume_messages || kept.bytes > SOCKET_LIMITS.resume_bytes) return this.overflow();
    this.pump();
  }

  /** The lease is over: also heartbeats say so until the node has heard it. */
  endLease(b: WireBody<'lease.end'>): void {
    this.send('lease.end', b);
    this.ending.set(b.lease_id, this.channel.highest_sent);
  }

  /** The node has confirmed something: there may be room. */
  acknowledged(): void {
    this.noteAcknowledged();
    this.pump();
  }

  private noteAcknowledged(): void {
    if (this.ending.size === 0) return;
    for (const [lease_id, s] of this.ending) if (s <= this.channel.acknowledged) this.ending.delete(lease_id);
  }

  /** Puts on the wire what the window has room for. */
  pump(): void {
    if (!this.connected) return;
    for (let text = this.channel.next(); text !== undefined; text = this.channel.next()) this.write(text, Buffer.byteLength(text));
  }

  /** A peer that confirms nothing is kept in memory up to here and no further. */
  private overflow(): void {
    this.lost = true;
    this.close(CLOSE.gap, 'unread', 'Too much waits for this device to confirm it: reconnect and say what you hold.');
  }

  private write(text: string, bytes: number): void {
    if (this.waiting_bytes + bytes > FRAME_ROOM_BYTES) this.flush();
    this.waiting.push(text);
    this.waiting_bytes += bytes + 1;
    if (this.flush_due) return;
    this.flush_due = true;
    setImmediate(() => {
      this.flush_due = false;
      this.flush();
    });
  }

  private flush(): void {
    const [first] = this.waiting;
    if (first === undefined || this.socket?.readyState !== this.socket?.OPEN) return;
    this.socket?.send(this.waiting.length === 1 ? first : `[${this.waiting.join(',')}]`);
    this.waiting = [];
    this.waiting_bytes = 0;
  }

  /** Says why in a last `error`, then closes with the protocol's code. */
  close(close_code: number, code: string, sentence: string, fault: WireBody<'error'>['fault'] = 'provider'): void {
    const { socket } = this;
    if (socket?.readyState !== socket?.OPEN) return;
    this.send('error', { code, message: sentence.slice(0, 512), fault });
    this.flush();
    socket?.close(close_code, sentence.slice(0, 100));
    // A closing handshake needs a peer that reads.
    if (this.paused) socket?.resume();
  }

  /** Ends it for good, connected or not. */
  end(close_code: number, code: string, sentence: string, fault?: WireBody<'error'>['fault']): void {
    this.lost = true;
    this.close(close_code, code, sentence, fault);
  }
}
