import { Injectable } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { type Body, CLOSE, type WireBody } from '#protocol';
import { LeasesCommands } from '../leases/leases.commands.js';
import { LeasesQuery } from '../leases/leases.query.js';
import { GatewaysCommands } from '../nodes/gateways.commands.js';
import { VerificationCommands } from '../verification/verification.commands.js';
import { DispatchStore } from './dispatch.store.js';
import { Feeder } from './feeder.service.js';
import { LiveLease, mustCommit } from './live-lease.js';
import type { NodeSession, Stated } from './node-session.js';
import { TwinsStore } from './twins.store.js';

/** Leases and tasks that a node may say it holds: thousands for each slot of a large machine, and no more memory than that. */
export const STATED_MAX = 65_536;

/** Brings a node and the database back to one view after a connection began. */
@Injectable()
export class Reconciler {
  constructor(
    private readonly leases: LeasesQuery,
    private readonly commands: LeasesCommands,
    private readonly store: DispatchStore,
    private readonly twins: TwinsStore,
    private readonly checks: VerificationCommands,
    private readonly feeder: Feeder,
    private readonly gateways: GatewaysCommands,
  ) {}

  /** Adds one `state` message to what the node has stated so far; a lease may come in parts. @returns false when that is too much. */
  static gather(stated: Stated, { leases }: Body<'state'>): boolean {
    for (const { lease_id, epoch, tasks } of leases) {
      const lease = stated.get(lease_id) ?? { epoch, tasks: new Map<number, number>() };
      for (const task of tasks) lease.tasks.set(task.index, task.epoch);
      stated.set(lease_id, lease);
    }
    let count = stated.size;
    for (const { tasks } of stated.values()) count += tasks.size;
    return count <= STATED_MAX;
  }

  /**
   * Leases that both know go on; what the node holds beyond them is void; what the node does not know any more is
   * given to others; tasks that were leased but never arrived are sent again with the same epoch.
   */
  async reconcile(session: NodeSession, stated: Stated): Promise<void> {
    const grants = await this.leases.grantsOf(session.node.id);
    const kept = grants.filter((grant) => stated.get(grant.id)?.epoch === grant.epoch);
    const unknown = grants.filter((grant) => !kept.includes(grant));
    // What this session does not know may be what a newer one, at another gateway, has got since.
    if (unknown.length > 0 && (await this.gateways.outdated([fence(session)])).some(({ newer }) => newer))
      return session.end(CLOSE.replaced, 'replaced', 'A newer connection of this device took over.', 'owner');
    await this.commands.end(
      unknown.map((grant) => grant.id),
      leaseEnded('agent_restarted'),
    );
    const actions: WireBody<'reconcile'>['leases'] = [...stated].map(([lease_id, { epoch }]) =>
      kept.some((grant) => grant.id === lease_id)
        ? { lease_id, epoch, action: 'keep', reason: 'lease_current' }
        : { lease_id, epoch, action: 'discard', reason: 'lease_over' },
    );
    for (let i = 0; i < Math.max(1, actions.length); i += 256) session.send('reconcile', { leases: actions.slice(i, i + 256) });
    for (const grant of kept) {
      const lease = new LiveLease(grant, performance.now(), mustCommit(session, grant));
      session.leases.set(grant.id, lease);
      const held = stated.get(grant.id)?.tasks;
      const missing = [];
      const out = [await this.store.outstanding(grant.id), await this.twins.outstanding(grant.id), await this.checks.outstanding(grant.id)];
      const committed = lease.commits ? await this.checks.committedOf(grant.id) : new Map<number, number>();
      for (const task of out.flat()) {
        if (held?.get(task.index) !== task.epoch) missing.push(task);
        else if (committed.get(task.index) === task.epoch) lease.committed.set(task.index, task.epoch);
        else lease.sent(task.index, task.epoch);
      }
      this.feeder.deliver(session, lease, missing);
      this.feeder.feed(session, lease);
    }
  }
}

const fence = ({ node, session_epoch }: NodeSession) => ({ node_id: node.id, session_epoch });
