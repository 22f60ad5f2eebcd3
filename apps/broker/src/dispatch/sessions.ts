import { Injectable } from '@nestjs/common';
import type { LiveLease } from './live-lease.js';
import type { NodeSession } from './node-session.js';

/** The sockets of this gateway, by node and by what runs on them. */
@Injectable()
export class Sessions {
  private readonly byNode = new Map<string, NodeSession>();

  /** @returns the session that this one replaces, if any. */
  add(session: NodeSession): NodeSession | undefined {
    const older = this.byNode.get(session.node.id);
    this.byNode.set(session.node.id, session);
    return older;
  }

  /** @returns false when a newer session of the node has taken its place. */
  remove(session: NodeSession): boolean {
    return this.isCurrent(session) && this.byNode.delete(session.node.id);
  }

  isCurrent(session: NodeSession): boolean {
    return this.byNode.get(session.node.id) === session;
  }

  of(node_id: string): NodeSession | undefined {
    return this.byNode.get(node_id);
  }

  all(): IterableIterator<NodeSession> {
    return this.byNode.values();
  }

  /** Every live lease of a job on this gateway. */
  *leasesOf(job_id: string): Iterable<{ session: NodeSession; lease: LiveLease }> {
    for (const session of this.byNode.values())
      for (const lease of session.leases.values()) if (lease.grant.job_id === job_id) yield { session, lease };
  }
}
