import { Injectable, Logger } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { SOCKET_LIMITS } from '#protocol';
import { LeasesCommands } from '../leases/leases.commands.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver } from '../leases/leases.events.js';
import { LeasesQuery } from '../leases/leases.query.js';
import { PresenceCommands } from '../nodes/presence.commands.js';
import { WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Gathered } from '../platform/gathered.js';
import { ChecksSeen, ChecksWanted, RevealWanted } from '../verification/verification.events.js';
import { Cancellations } from './cancellations.service.js';
import { Claims } from './claims.service.js';
import { WorkSuperseded } from './dispatch.events.js';
import { Feeder } from './feeder.service.js';
import { LiveLease, mustCommit } from './live-lease.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';
import { TwinsStore } from './twins.store.js';

/** A lease without work blocks its slot for nothing: its owner can sell it elsewhere. */
const IDLE_LEASE_MS = 10_000;
/** Events tell the gateway of leases; this often it asks, because an event can be lost with a connection to the database. */
const COMPARE_MS = 5_000;
/** Nodes that come back at the same time, by one statement. */
const RETURNED_MAX = 200;

/** After these ends of a lease its tasks are not to run anywhere. */
const CALLED_OFF = ['job_cancelled', 'job_stopped', 'developer_frozen'];

/** Keeps the leases of this gateway's sessions as the database has them, and supplied with tasks. */
@Injectable()
export class LeaseKeeper {
  private readonly log = new Logger(LeaseKeeper.name);
  private compared_at_ms = 0;
  private readonly returned = new Gathered<string, void>({
    most: RETURNED_MAX,
    key: (node_id) => node_id,
    serve: (node_ids) => this.callOff(node_ids),
  });

  constructor(
    private readonly sessions: Sessions,
    private readonly feeder: Feeder,
    private readonly claims: Claims,
    private readonly leases: LeasesQuery,
    private readonly commands: LeasesCommands,
    private readonly twins: TwinsStore,
    private readonly presence: PresenceCommands,
    private readonly cancellations: Cancellations,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(LeaseGranted, (event) => this.granted(event));
    bus.subscribe(LeaseEnded, (event) => this.ended(event));
    bus.subscribe(LeaseTermOver, (event) => this.termOver(event));
    bus.subscribe(WorkSuperseded, (event) => this.superseded(event));
    bus.subscribe(RevealWanted, ({ node_id, lease_id, lease_epoch, tasks }) =>
      this.sessions.of(node_id)?.send('reveal', { lease_id, epoch: lease_epoch, tasks }),
    );
    bus.subscribe(WorkQueued, ({ job_id }) => this.feedJob(job_id));
    bus.subscribe(ChecksWanted, ({ job_ids }) => {
      for (const job_id of job_ids) this.feedLeases(job_id);
    });
    bus.subscribe(ChecksSeen, ({ job_id }) => this.feedLeases(job_id));
  }

  private async granted({ lease_id, node_id }: Pick<typeof LeaseGranted.payload, 'lease_id' | 'node_id'>): Promise<void> {
    const session = this.sessions.of(node_id);
    if (!session) return;
    this.presence.changed(node_id);
    const [grant] = await this.leases.grantsOf(node_id, lease_id);
    if (!grant || !this.sessions.isCurrent(session) || session.leases.has(lease_id)) return;
    const lease = new LiveLease(grant, performance.now(), mustCommit(session, grant));
    session.leases.set(lease_id, lease);
    this.setHeartbeat(session);
    this.feeder.announce(session, lease);
    this.feeder.feed(session, lease);
  }

  private ended({ lease_id, node_id, job_id, epoch, reason, requeued }: Omit<typeof LeaseEnded.payload, 'owner_id' | 'slot_class'>): void {
    const session = this.sessions.of(node_id);
    if (session) this.presence.changed(node_id);
    const lease = session?.leases.get(lease_id);
    if (session && lease) {
      session.leases.delete(lease_id);
      // Nothing of it counts any more, and the device is to be free within a second.
      if (CALLED_OFF.includes(reason.code) && lease.outstanding.size > 0) this.cancellations.cancel(session, { lease_id, epoch });
      session.endLease({ lease_id, epoch, reason });
      this.setHeartbeat(session);
    }
    if (requeued > 0) this.feedJob(job_id);
  }

  private termOver({ lease_id, node_id, state, remaining_ms }: typeof LeaseTermOver.payload): void {
    const lease = this.sessions.of(node_id)?.leases.get(lease_id);
    if (!lease) return;
    if (state === 'DRAINING') lease.draining = true;
    lease.renewed(performance.now(), remaining_ms);
  }

  private superseded({ node_id, lease_id, lease_epoch, tasks }: typeof WorkSuperseded.payload): void {
    const session = this.sessions.of(node_id);
    const lease = session?.leases.get(lease_id);
    if (!session || !lease) return;
    this.cancellations.cancel(session, { lease_id, epoch: lease_epoch, tasks });
    lease.settled(tasks, performance.now());
    this.feeder.feed(session, lease);
  }

  /** A node is back, and with it what it was working on. */
  async back(session: NodeSession): Promise<void> {
    if (session.leases.size > 0) await this.returned.ask(session.node.id);
  }

  private async callOff(node_ids: readonly string[]): Promise<undefined[]> {
    const called_off = await this.twins.preferOriginals(node_ids);
    for (const { node_id, lease_id, lease_epoch, index, epoch } of called_off)
      this.bus.publish(WorkSuperseded, { node_id, lease_id, lease_epoch, tasks: [[index, epoch]] });
    return node_ids.map(() => undefined);
  }

  /** Its last task is done and its slot is somebody else's. */
  endLeft({ grant }: LiveLease): void {
    this.commands
      .endLeft([grant.id])
      .catch((error: unknown) =>
        this.log.warn({ err: error }, 'a lease that lost its slot could not be ended; the sweep of leases tries again'),
      );
  }

  /** A phone that has nothing to do is woken half as often. */
  setHeartbeat(session: NodeSession, tell = true): void {
    const idle_phone = session.node.kind === 'phone' && session.leases.size === 0;
    const heartbeat_ms = idle_phone ? SOCKET_LIMITS.idle_phone_heartbeat_ms : SOCKET_LIMITS.heartbeat_ms;
    if (heartbeat_ms === session.heartbeat_ms) return;
    session.heartbeat_ms = heartbeat_ms;
    if (tell) session.send('config', { heartbeat_ms });
  }

  private feedJob(job_id: string): void {
    this.claims.workQueued(job_id);
    this.feedLeases(job_id);
  }

  private feedLeases(job_id: string): void {
    for (const { session, lease } of this.sessions.leasesOf(job_id)) this.feeder.feed(session, lease);
  }

  /** Feeds every lease, ends the idle ones, and now and then compares all with the database. */
  sweep(now_ms: number): void {
    const idle: string[] = [];
    const over_share: string[] = [];
    for (const session of this.sessions.connected())
      for (const lease of session.leases.values()) {
        if (lease.is_over_share) over_share.push(lease.grant.id);
        else if (lease.idle_ms(now_ms) > IDLE_LEASE_MS) idle.push(lease.grant.id);
        else this.feeder.feed(session, lease);
      }
    const later = (what: string) => (error: unknown) => this.log.warn({ err: error }, `${what}; the next sweep tries again`);
    this.commands.end(idle, leaseEnded('job_done')).catch(later('idle leases could not be ended'));
    this.commands.end(over_share, leaseEnded('cluster_share')).catch(later('leases over their share could not be ended'));
    if (now_ms - this.compared_at_ms < COMPARE_MS) return;
    this.compared_at_ms = now_ms;
    this.compare().catch(later('leases could not be compared'));
  }

  /** Adopts leases that this gateway was not told of and lets go of those that ended unheard. */
  private async compare(): Promise<void> {
    const reconciled = [...this.sessions.all()].filter((session) => session.reconciled);
    if (reconciled.length === 0) return;
    const known = reconciled.flatMap((session) => [...session.leases.values()].map((lease) => ({ session, lease })));
    const open = await this.leases.openOf(reconciled.map((session) => session.node.id));
    const open_ids = new Set(open.map((lease) => lease.id));
    for (const { id, node_id, state, remaining_ms } of open) {
      if (this.sessions.of(node_id)?.leases.has(id)) this.termOver({ lease_id: id, node_id, state, remaining_ms });
      else await this.granted({ lease_id: id, node_id });
    }
    for (const { session, lease } of known) {
      const { id, node_id, job_id, epoch } = lease.grant;
      if (open_ids.has(id) || !this.sessions.isCurrent(session)) continue;
      this.ended({ lease_id: id, node_id, job_id, epoch, reason: leaseEnded('term_over'), requeued: 1 });
    }
  }
}
