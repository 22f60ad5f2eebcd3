import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { leaseEnded } from '#lifecycle';
import { type Body, CLOSE, decodeFrame, FROM_NODE, type Message, SOCKET_LIMITS } from '#protocol';
import { HeapError } from '#units';
import { LeasesCommands } from '../leases/leases.commands.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver } from '../leases/leases.events.js';
import { LeasesQuery } from '../leases/leases.query.js';
import { NodesCommands } from '../nodes/nodes.commands.js';
import { NodeRevoked } from '../nodes/nodes.events.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { verifyEd25519 } from '../platform/ed25519.js';
import { HeapKey } from '../platform/heap-key.js';
import { newId } from '../platform/ids.js';
import { WorkReported } from './dispatch.events.js';
import { Feeder } from './feeder.service.js';
import { type Introduction, Refusal } from './handshake.js';
import { LiveLease } from './live-lease.js';
import { NodeSession } from './node-session.js';
import { Reconciler, type Stated } from './reconciler.service.js';
import { Sessions } from './sessions.js';
import { TokenBucket } from './token-bucket.js';

const SWEEP_MS = 1_000;
/** A lease without work blocks its slot for nothing: its owner can sell it elsewhere. */
const IDLE_LEASE_MS = 10_000;
/** Events tell the gateway of leases; this often it asks, because an event can be lost with a connection to the database. */
const COMPARE_MS = 5_000;
/** Presence is written in batches. */
const TOUCH_MS = 15_000;
const MIN_AGENT_VERSION = '0.1.0';

@Injectable()
export class DispatchService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(DispatchService.name);
  private sweeper: NodeJS.Timeout | undefined;
  private touched_at_ms = 0;
  private compared_at_ms = 0;
  private stopping = false;
  /** Sessions whose end the database has not heard of yet. */
  private readonly unnoted = new Set<NodeSession>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: Sessions,
    private readonly feeder: Feeder,
    private readonly reconciler: Reconciler,
    private readonly nodes: NodesQuery,
    private readonly nodeCommands: NodesCommands,
    private readonly leases: LeasesQuery,
    private readonly leaseCommands: LeasesCommands,
    private readonly key: HeapKey,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(LeaseGranted, (event) => this.granted(event));
    bus.subscribe(LeaseEnded, (event) => this.ended(event));
    bus.subscribe(LeaseTermOver, (event) => this.termOver(event));
    bus.subscribe(WorkQueued, ({ job_id }) => this.feedJob(job_id));
    bus.subscribe(NodeRevoked, ({ node_id }) =>
      this.sessions.of(node_id)?.close(CLOSE.revoked, 'revoked', 'Its owner took this device out of the heap.', 'owner'),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.roles.includes('gateway')) return;
    await this.nodeCommands.forgetSessions();
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
  }

  onModuleDestroy(): void {
    this.stopping = true;
    clearInterval(this.sweeper);
    for (const session of this.sessions.all()) {
      session.send('drain', { reconnect_in_ms: Math.floor(Math.random() * 1_000) });
      session.close(1012, 'restart', 'The heap restarts: reconnect in a moment.', 'platform');
    }
  }

  /** Lets a node in whose key is enrolled, and fences its older sessions. */
  async begin(socket: WebSocket, { hello, isSignedBy }: Introduction): Promise<void> {
    const node = await this.nodes.byId(hello.node_id);
    if (!node || !isSignedBy(node.public_key, verifyEd25519))
      throw new Refusal(CLOSE.unauthenticated, 'The signature is not that of an enrolled device.');
    const session_epoch = await this.nodeCommands.openSession(node.id, hello.agent_version);
    if (session_epoch === null) throw new Refusal(CLOSE.revoked, 'This device was taken out of the heap.');
    const session = new NodeSession(socket, node, session_epoch, performance.now());
    this.sessions.add(session)?.close(CLOSE.replaced, 'replaced', 'A newer connection of this device took over.', 'owner');
    this.listen(session);
    session.send('welcome', {
      sid: newId(),
      resumed: false,
      h: 0,
      session_epoch,
      heartbeat_ms: SOCKET_LIMITS.heartbeat_ms,
      min_agent_version: MIN_AGENT_VERSION,
      token: this.key.nodeToken(node.id, session_epoch),
      limits: {
        frame_bytes: SOCKET_LIMITS.frame_bytes,
        inline_bytes: SOCKET_LIMITS.inline_bytes,
        window_messages: SOCKET_LIMITS.window_messages,
        window_bytes: SOCKET_LIMITS.window_bytes,
      },
    });
  }

  private listen(session: NodeSession): void {
    const { socket } = session;
    const bucket = new TokenBucket(SOCKET_LIMITS.rate_per_s, SOCKET_LIMITS.rate_burst, performance.now());
    const stated: Stated = new Map();
    let breaches = 0;
    let turn: Promise<void> = Promise.resolve();
    socket.on('message', (data: Buffer, binary: boolean) => {
      const now = performance.now();
      session.last_heard_ms = now;
      if (!bucket.take(now) && ++breaches >= SOCKET_LIMITS.rate_breaches)
        return session.close(
          CLOSE.rate,
          'rate_limited',
          `More than ${SOCKET_LIMITS.rate_per_s} frames a second: send several messages a frame.`,
        );
      if (binary) return session.close(CLOSE.malformed, 'malformed_frame', 'Frames are text.');
      // Messages take effect in their order: each waits for the one before.
      turn = turn.then(() => this.frame(session, stated, data.toString('utf8')));
    });
    socket.once('close', () => {
      if (this.sessions.remove(session) && !this.stopping) this.noteEnd(session);
    });
  }

  /** A node that stays away while the database does must not be taken for online for ever: its leases would never end. */
  private noteEnd(session: NodeSession): void {
    this.unnoted.delete(session);
    const reason = { code: 'away', sentence: 'Its connection broke; its leases wait for it for a while.' };
    this.nodeCommands.closeSession(session.node.id, session.session_epoch, reason).catch((error: unknown) => {
      this.unnoted.add(session);
      this.log.warn({ err: error, node_id: session.node.id }, 'the end of a session could not be noted; the next sweep tries again');
    });
  }

  private async frame(session: NodeSession, stated: Stated, text: string): Promise<void> {
    if (!this.sessions.isCurrent(session)) return;
    try {
      for (const message of decodeFrame(text, FROM_NODE)) {
        const receipt = session.channel.receive(message);
        if (receipt === 'gap') return session.close(CLOSE.gap, 'gap', 'A message is missing: reconnect.');
        if (receipt !== 'duplicate') await this.message(session, stated, message);
      }
      if (session.channel.ackDue) session.send('ack', {});
      for (const lease of session.leases.values()) this.feeder.feed(session, lease);
    } catch (error) {
      if (error instanceof HeapError && error.code === 'malformed_frame') session.close(CLOSE.malformed, error.code, error.message);
      else {
        // The node keeps what is not acknowledged and brings it again.
        this.log.warn({ err: error, node_id: session.node.id }, 'a frame could not be handled');
        session.close(1013, 'unavailable', 'The heap could not take this in: reconnect in a moment.', 'platform');
      }
    }
  }

  private async message(session: NodeSession, stated: Stated, message: Message): Promise<void> {
    switch (message.t) {
      case 'state':
        Reconciler.gather(stated, message.b);
        if (message.b.more) return;
        await this.reconciler.reconcile(session, stated);
        session.reconciled = true;
        stated.clear();
        return;
      case 'offer':
        await this.nodeCommands.offer(session.node, session.session_epoch, message.b);
        return;
      case 'results':
        return this.report(session, message.b);
      case 'yield':
        return this.yielded(session, message.b);
      case 'hb':
        return this.heartbeat(session);
      case 'bye':
        await this.nodeCommands.closeSession(session.node.id, session.session_epoch, {
          code: 'signed_off',
          sentence: 'Its agent signed off; it comes back when the agent is started again.',
        });
        await this.leaseCommands.endAllOf({ node_id: session.node.id }, leaseEnded('node_bye'));
        session.socket.close(1000, 'bye');
        return;
      case 'hello':
        return session.close(CLOSE.malformed, 'malformed_frame', 'hello comes once.');
      default:
        // ack, throttle, error: their envelope said all that matters.
        return;
    }
  }

  private heartbeat(session: NodeSession): void {
    const now = performance.now();
    const renewed = [...session.leases.values()].map((lease) => ({ lease_id: lease.grant.id, remaining_ms: lease.remaining_ms(now) }));
    session.send('hb.ok', { renewed: renewed.slice(0, 256), cancel: [] });
  }

  private report(session: NodeSession, { lease_id, epoch, results }: Body<'results'>): void {
    const lease = session.leases.get(lease_id);
    lease?.reportOpened();
    this.bus.publish(WorkReported, {
      node_id: session.node.id,
      lease_id,
      lease_epoch: epoch,
      results,
      reply: (outcome) => {
        if (this.sessions.isCurrent(session)) session.send('results.ack', { lease_id, ...outcome });
        if (!lease) return;
        lease.reportDecided();
        const rejected = outcome.rejected.map(({ index, epoch: e }) => [index, e] as const);
        lease.settled([...outcome.accepted, ...outcome.duplicate, ...outcome.stale, ...rejected], performance.now());
        if (lease.is_done) this.endLeft(lease);
        else this.feeder.feed(session, lease);
      },
    });
  }

  /** What was reported before the owner took the device back is decided first: finished work is paid. */
  private async yielded(session: NodeSession, { lease_id, epoch, reason }: Body<'yield'>): Promise<void> {
    const lease = session.leases.get(lease_id);
    if (lease) {
      lease.draining = true;
      await lease.allDecided();
    }
    const owned = await this.leases.grantsOf(session.node.id, lease_id);
    await this.leaseCommands.end(
      owned.filter((grant) => grant.epoch === epoch).map((grant) => grant.id),
      reason,
    );
  }

  private async granted({ lease_id, node_id }: typeof LeaseGranted.payload): Promise<void> {
    const session = this.sessions.of(node_id);
    if (!session) return;
    const [grant] = await this.leases.grantsOf(node_id, lease_id);
    if (!grant || !this.sessions.isCurrent(session) || session.leases.has(lease_id)) return;
    const lease = new LiveLease(grant, performance.now());
    session.leases.set(lease_id, lease);
    this.feeder.announce(session, grant);
    this.feeder.feed(session, lease);
  }

  private ended({ lease_id, node_id, job_id, epoch, reason, requeued }: typeof LeaseEnded.payload): void {
    const session = this.sessions.of(node_id);
    if (session?.leases.delete(lease_id)) session.send('lease.end', { lease_id, epoch, reason });
    if (requeued > 0) this.feedJob(job_id);
  }

  private termOver({ lease_id, node_id, state, remaining_ms }: typeof LeaseTermOver.payload): void {
    const lease = this.sessions.of(node_id)?.leases.get(lease_id);
    if (!lease) return;
    if (state === 'DRAINING') lease.draining = true;
    lease.renewed(performance.now(), remaining_ms);
  }

  /** Its last task is done and its slot is somebody else's. */
  private endLeft({ grant }: LiveLease): void {
    this.leaseCommands
      .endLeft([grant.id])
      .catch((error: unknown) =>
        this.log.warn({ err: error }, 'a lease that lost its slot could not be ended; the sweep of leases tries again'),
      );
  }

  private feedJob(job_id: string): void {
    for (const { session, lease } of this.sessions.leasesOf(job_id)) this.feeder.feed(session, lease);
  }

  private sweep(): void {
    const now = performance.now();
    const dead_after_ms = SOCKET_LIMITS.heartbeat_ms * SOCKET_LIMITS.dead_after_heartbeats;
    const idle: string[] = [];
    for (const session of [...this.unnoted]) this.noteEnd(session);
    for (const session of this.sessions.all()) {
      if (now - session.last_heard_ms > dead_after_ms) session.socket.terminate();
      else if (session.channel.owed_acks > 0) session.send('ack', {});
      for (const lease of session.leases.values()) {
        if (lease.idle_ms(now) > IDLE_LEASE_MS) idle.push(lease.grant.id);
        else this.feeder.feed(session, lease);
      }
    }
    const later = (what: string) => (error: unknown) => this.log.warn({ err: error }, `${what}; the next sweep tries again`);
    this.leaseCommands.end(idle, leaseEnded('job_done')).catch(later('idle leases could not be ended'));
    if (now - this.compared_at_ms >= COMPARE_MS) {
      this.compared_at_ms = now;
      this.compareLeases().catch(later('leases could not be compared'));
    }
    if (now - this.touched_at_ms < TOUCH_MS) return;
    this.touched_at_ms = now;
    const seen = [...this.sessions.all()].map((session) => session.node.id);
    if (seen.length > 0) this.nodeCommands.seen(seen).catch(later('presence could not be written'));
  }

  /** Adopts leases that this gateway was not told of and lets go of those that ended unheard. */
  private async compareLeases(): Promise<void> {
    const known = [...this.sessions.all()].flatMap((session) => [...session.leases.values()].map((lease) => ({ session, lease })));
    const nodes = [...this.sessions.all()].filter((session) => session.reconciled).map((session) => session.node.id);
    if (nodes.length === 0) return;
    const open = await this.leases.openOf(nodes);
    const open_ids = new Set(open.map((lease) => lease.id));
    for (const { id, node_id, job_id, state, remaining_ms } of open) {
      if (this.sessions.of(node_id)?.leases.has(id)) this.termOver({ lease_id: id, node_id, state, remaining_ms });
      else await this.granted({ lease_id: id, node_id, job_id });
    }
    for (const { session, lease } of known) {
      const { id, node_id, job_id, slot_class, epoch } = lease.grant;
      if (open_ids.has(id) || !session.reconciled || !this.sessions.isCurrent(session)) continue;
      this.ended({ lease_id: id, node_id, job_id, slot_class, epoch, reason: leaseEnded('term_over'), requeued: 1 });
    }
  }
}
