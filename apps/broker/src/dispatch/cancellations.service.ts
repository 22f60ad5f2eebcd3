import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import type { Body, WireBody } from '#protocol';
import { LeasesCommands } from '../leases/leases.commands.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

/** A node stops what is cancelled, and says so, within this time. */
const CONFIRM_MS = 1_000;
/** A timer that comes later than this says that this process was busy, not that the node was. */
const LATE_MS = 250;

interface Awaited {
  session: NodeSession;
  lease_id: string;
  timer: NodeJS.Timeout;
}

const keyOf = ({ lease_id, epoch, tasks }: Body<'cancelled'>): string => `${lease_id}/${epoch}/${JSON.stringify(tasks ?? null)}`;

/**
 * Tells nodes to stop tasks, and waits for them to confirm it. Whoever asked does not wait: what is cancelled is over already, and paid for by nobody. A
 * connected node that keeps silent loses the lease, if it has it still, and the lease says so for good.
 */
@Injectable()
export class Cancellations implements OnModuleDestroy {
  private readonly log = new Logger(Cancellations.name);
  private readonly awaited = new Map<string, Awaited>();

  constructor(
    private readonly sessions: Sessions,
    private readonly leases: LeasesCommands,
  ) {}

  onModuleDestroy(): void {
    for (const { timer } of this.awaited.values()) clearTimeout(timer);
    this.awaited.clear();
  }

  /** Without tasks, all of the lease's. */
  cancel(session: NodeSession, body: WireBody<'cancel'>): void {
    session.send('cancel', body);
    this.wait(keyOf(body), session, body.lease_id);
  }

  confirmed(session: NodeSession, body: Body<'cancelled'>): void {
    const key = keyOf(body);
    const found = this.awaited.get(key);
    if (found?.session !== session) return;
    clearTimeout(found.timer);
    this.awaited.delete(key);
  }

  private wait(key: string, session: NodeSession, lease_id: string): void {
    clearTimeout(this.awaited.get(key)?.timer);
    const due_ms = performance.now() + CONFIRM_MS;
    const timer = setTimeout(() => {
      this.awaited.delete(key);
      // A node that is away hears of it when it is back, by the end of its lease.
      if (!session.connected || !this.sessions.isCurrent(session)) return;
      // What it says may lie here unread.
      if (performance.now() - due_ms > LATE_MS || session.paused || session.backlog_frames > 0) return this.wait(key, session, lease_id);
      this.unconfirmed(session, lease_id);
    }, CONFIRM_MS);
    this.awaited.set(key, { session, lease_id, timer });
  }

  private unconfirmed(session: NodeSession, lease_id: string): void {
    this.log.warn({ node_id: session.node.id, lease_id }, 'a node did not confirm in time that it had stopped cancelled work');
    const reason = leaseEnded('cancel_unconfirmed');
    this.leases
      .end([lease_id], reason)
      .then(() => this.leases.noteUnconfirmed(lease_id))
      .catch((error: unknown) => this.log.warn({ err: error, lease_id }, 'that a cancel was not confirmed could not be noted'));
  }
}
