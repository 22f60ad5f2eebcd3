import { Injectable } from '@nestjs/common';
import { SOCKET_LIMITS } from '#protocol';
import type { LiveLease } from './live-lease.js';
import type { NodeSession } from './node-session.js';

/** What all sessions together may hold for nodes that do not take it: then the fullest are given up, parked ones first. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** The sessions of this gateway, connected and parked, by node and by what runs on them. */
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

  /** The session that a node asks to take up again, if its memory is still here. */
  resumable(node_id: string, resume: { sid: string; h: number } | undefined): NodeSession | undefined {
    const session = resume && this.byNode.get(node_id);
    return session && session.sid === resume.sid && session.resumable && session.channel.canResume(resume.h) ? session : undefined;
  }

  all(): IterableIterator<NodeSession> {
    return this.byNode.values();
  }

  *connected(): Iterable<NodeSession> {
    for (const session of this.byNode.values()) if (session.connected) yield session;
  }

  /** Every live lease of a job on this gateway. */
  *leasesOf(job_id: string): Iterable<{ session: NodeSession; lease: LiveLease }> {
    for (const session of this.byNode.values())
      for (const lease of session.leases.values()) if (lease.grant.job_id === job_id) yield { session, lease };
  }

  /** Forgets parked sessions that are too old, that hold too much, or that there is no room for. */
  prune(now_ms: number): void {
    let kept_bytes = 0;
    for (const session of this.byNode.values()) {
      if (session.parked_at_ms !== null && (!session.resumable || now_ms - session.parked_at_ms > SOCKET_LIMITS.resume_ms)) {
        session.forget();
        this.remove(session);
      } else kept_bytes += session.channel.unacknowledged.bytes;
    }
    if (kept_bytes <= KEPT_BYTES_MAX) return;
    const rank = (session: NodeSession) => session.channel.unacknowledged.bytes * (session.connected ? 1 : 1_000);
    for (const session of [...this.byNode.values()].sort((a, b) => rank(b) - rank(a))) {
      if (kept_bytes <= KEPT_BYTES_MAX) return;
      kept_bytes -= session.channel.unacknowledged.bytes;
      session.forget();
      if (session.connected) session.socket?.terminate();
      else this.remove(session);
    }
  }
}
