import { Injectable, Logger } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { CLOSE, decodeFrame, FROM_NODE, SOCKET_LIMITS } from '#protocol';
import { HeapError } from '#units';
import { TokenBucket } from '../platform/socket/token-bucket.js';
import { Feeder } from './feeder.service.js';
import { Messages } from './messages.service.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

/** What may be read of all nodes and not yet dealt with; beyond it each node gets one frame at a time. */
const ALL_BACKLOG_BYTES = 64 * 1024 * 1024;
const THROTTLE_MS = 1_000;

/**
 * Reads frames. A node is read no faster than what it says is dealt with: of a session that has a window's worth waiting, whether for the
 * database or for its own earlier messages, nothing more is read, so that TCP slows the node down and memory stays bounded.
 */
@Injectable()
export class Frames {
  private readonly log = new Logger(Frames.name);
  private backlog_bytes = 0;

  constructor(
    private readonly sessions: Sessions,
    private readonly messages: Messages,
    private readonly feeder: Feeder,
  ) {}

  listen(session: NodeSession, socket: WebSocket): void {
    const bucket = new TokenBucket(SOCKET_LIMITS.rate_per_s, SOCKET_LIMITS.rate_burst, performance.now());
    let breaches = 0;
    socket.on('message', (data: Buffer, binary: boolean) => {
      // A connection that was replaced or is closing says nothing more.
      if (session.socket !== socket || socket.readyState !== socket.OPEN) return;
      const now = performance.now();
      session.last_heard_ms = now;
      if (!bucket.take(now)) {
        breaches += 1;
        if (breaches >= SOCKET_LIMITS.rate_breaches)
          return session.end(
            CLOSE.rate,
            'rate_limited',
            `More than ${SOCKET_LIMITS.rate_per_s} frames a second: send several messages a frame.`,
          );
        session.send('throttle', { retry_in_ms: THROTTLE_MS, code: 'rate_limited' });
      }
      if (binary) return session.end(CLOSE.malformed, 'malformed_frame', 'Frames are text.');
      this.take(session, data.length);
      session.turn = session.turn.then(() => this.frame(session, socket, data));
    });
  }

  private get allowance(): { bytes: number; frames: number } {
    if (this.backlog_bytes > ALL_BACKLOG_BYTES) return { bytes: 0, frames: 1 };
    return { bytes: SOCKET_LIMITS.window_bytes, frames: SOCKET_LIMITS.window_messages };
  }

  private take(session: NodeSession, bytes: number): void {
    this.backlog_bytes += bytes;
    session.backlog_bytes += bytes;
    session.backlog_frames += 1;
    const most = this.allowance;
    if (session.paused || (session.backlog_bytes <= most.bytes && session.backlog_frames < most.frames)) return;
    session.paused = true;
    session.send('throttle', { retry_in_ms: THROTTLE_MS, code: 'busy' });
    session.socket?.pause();
  }

  private release(session: NodeSession, bytes: number): void {
    this.backlog_bytes -= bytes;
    session.backlog_bytes -= bytes;
    session.backlog_frames -= 1;
    if (!session.paused) return;
    const most = this.allowance;
    if (session.backlog_frames > 0 && (session.backlog_bytes > most.bytes / 2 || session.backlog_frames > most.frames / 2)) return;
    session.paused = false;
    // What the node said meanwhile has waited here, not there.
    session.last_heard_ms = performance.now();
    session.socket?.resume();
  }

  private async frame(session: NodeSession, socket: WebSocket, data: Buffer): Promise<void> {
    const undecided: Promise<void>[] = [];
    try {
      if (this.sessions.isCurrent(session)) await this.read(session, socket, data.toString('utf8'), undecided);
    } catch (error) {
      this.failed(session, socket, error);
    }
    // The turn of the next frame comes now; what this one weighs is given back when its results are decided.
    if (undecided.length === 0) this.release(session, data.length);
    else void Promise.all(undecided).then(() => this.release(session, data.length));
  }

  private async read(session: NodeSession, socket: WebSocket, text: string, undecided: Promise<void>[]): Promise<void> {
    for (const message of decodeFrame(text, FROM_NODE)) {
      const receipt = session.channel.receive(message);
      if (receipt === 'gap') {
        if (session.socket === socket) session.close(CLOSE.gap, 'gap', 'A message is missing: reconnect.');
        return;
      }
      if (receipt === 'duplicate') continue;
      const decided = await this.messages.take(session, message);
      if (decided) undecided.push(decided.decided);
    }
    session.acknowledged();
    if (session.channel.ackDue) session.send('ack', {});
    for (const lease of session.leases.values()) this.feeder.feed(session, lease);
  }

  private failed(session: NodeSession, socket: WebSocket, error: unknown): void {
    if (session.socket !== socket) return;
    if (error instanceof HeapError && error.code === 'malformed_frame') return session.end(CLOSE.malformed, error.code, error.message);
    // The node keeps what is not confirmed and brings it again; half a frame may have been dealt with, so it begins anew.
    this.log.warn({ err: error, node_id: session.node.id }, 'a frame could not be handled');
    session.end(CLOSE.try_later, 'unavailable', 'The heap could not take this in: reconnect in a moment.', 'platform');
  }
}
