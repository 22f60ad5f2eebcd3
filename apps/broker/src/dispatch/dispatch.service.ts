import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { CLOSE, SOCKET_LIMITS } from '#protocol';
import { NodesCommands } from '../nodes/nodes.commands.js';
import { NodeRevoked } from '../nodes/nodes.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Admission } from './admission.service.js';
import type { Introduction } from './handshake.js';
import { LeaseKeeper } from './lease-keeper.service.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

const SWEEP_MS = 1_000;
/** Presence is written in batches. */
const TOUCH_MS = 15_000;
/** A node that is not read from must not take the heap for dead. */
const STILL_HERE_MS = 10_000;

/** The life of sessions: from the moment a node is let in to its parking, its silence, its end, and the end of this process. */
@Injectable()
export class DispatchService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(DispatchService.name);
  private sweeper: NodeJS.Timeout | undefined;
  private touched_at_ms = 0;
  private reassured_at_ms = 0;
  private stopping = false;
  /** Connections whose end the database has not heard of yet, by node, with the epoch of the session they were of. */
  private readonly unnoted = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: Sessions,
    private readonly admission: Admission,
    private readonly keeper: LeaseKeeper,
    private readonly nodes: NodesCommands,
    bus: EventBus,
  ) {
    bus.subscribe(NodeRevoked, ({ node_id }) =>
      this.sessions.of(node_id)?.end(CLOSE.revoked, 'revoked', 'This device was taken out of the heap.', 'owner'),
    );
  }

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes('gateway')) return;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearInterval(this.sweeper);
  }

  async begin(socket: WebSocket, introduction: Introduction): Promise<void> {
    const session = await this.admission.admit(socket, introduction);
    const { session_epoch } = session;
    if (session.reconciled)
      this.keeper
        .back(session)
        .catch((error: unknown) => this.log.warn({ err: error }, 'executions that a returned node makes needless go on'));
    // It may have broken while the database was asked.
    if (socket.readyState === socket.CLOSED) this.closed(session, socket, session_epoch);
    else socket.once('close', () => this.closed(session, socket, session_epoch));
  }

  /** A connection broke. Its session waits for the node, unless one of the two ended it. */
  private closed(session: NodeSession, socket: WebSocket, session_epoch: number): void {
    if (session.socket === socket) session.park(performance.now());
    else if (session.connected) return;
    if (!this.sessions.isCurrent(session)) return;
    if (!session.resumable) this.sessions.remove(session);
    if (!this.stopping) this.noteEnd(session.node.id, session_epoch);
  }

  /** A node that stays away while the database does must not be taken for online for ever: its leases would never end. */
  private noteEnd(node_id: string, session_epoch: number): void {
    this.unnoted.delete(node_id);
    const reason = { code: 'away', sentence: 'Its connection broke; its leases wait for it for a while.' };
    this.nodes.closeSession(node_id, session_epoch, reason).catch((error: unknown) => {
      this.unnoted.set(node_id, session_epoch);
      this.log.warn({ err: error, node_id }, 'the end of a session could not be noted; the next sweep tries again');
    });
  }

  private sweep(): void {
    const now = performance.now();
    for (const [node_id, session_epoch] of [...this.unnoted]) this.noteEnd(node_id, session_epoch);
    const reassure = now - this.reassured_at_ms >= STILL_HERE_MS;
    if (reassure) this.reassured_at_ms = now;
    for (const session of this.sessions.connected()) {
      if (session.paused) {
        if (reassure) session.send('throttle', { retry_in_ms: SWEEP_MS, code: 'busy' });
      } else if (now - session.last_heard_ms > session.heartbeat_ms * SOCKET_LIMITS.dead_after_heartbeats) session.socket?.terminate();
      else if (session.channel.owed_acks > 0) session.send('ack', {});
    }
    this.sessions.prune(now);
    this.keeper.sweep(now);
    if (now - this.touched_at_ms < TOUCH_MS) return;
    this.touched_at_ms = now;
    const seen = [...this.sessions.connected()].map((session) => ({
      node_id: session.node.id,
      session_epoch: session.session_epoch,
      silent_ms: now - session.last_heard_ms,
    }));
    const felt = [...this.sessions.connected()].flatMap((session) => {
      const { felt } = session;
      session.felt = null;
      return felt && Object.keys(felt).length > 0 ? [{ node_id: session.node.id, felt }] : [];
    });
    if (seen.length > 0)
      this.nodes
        .seen(seen, felt)
        .catch((error: unknown) => this.log.warn({ err: error }, 'presence could not be written; the next sweep tries again'));
  }
}
