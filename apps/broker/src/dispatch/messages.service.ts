import { Injectable } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { type Body, CLOSE, type Message } from '#protocol';
import { LeasesCommands } from '../leases/leases.commands.js';
import { LeasesQuery } from '../leases/leases.query.js';
import { NodesCommands } from '../nodes/nodes.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Cancellations } from './cancellations.service.js';
import { NodeSaid, WorkCommitted, WorkReported } from './dispatch.events.js';
import { Feeder } from './feeder.service.js';
import { LeaseKeeper } from './lease-keeper.service.js';
import type { NodeSession } from './node-session.js';
import { OwnerWords } from './owner-words.service.js';
import { Reconciler, STATED_MAX } from './reconciler.service.js';
import { Sessions } from './sessions.js';

const RENEWED_MAX = 256;

type PieceMessage = Extract<Message, { t: (typeof NodeSaid)['payload']['type'] }>;

/** What each message of a node does. */
@Injectable()
export class Messages {
  constructor(
    private readonly sessions: Sessions,
    private readonly feeder: Feeder,
    private readonly keeper: LeaseKeeper,
    private readonly reconciler: Reconciler,
    private readonly cancellations: Cancellations,
    private readonly words: OwnerWords,
    private readonly nodes: NodesCommands,
    private readonly leases: LeasesQuery,
    private readonly leaseCommands: LeasesCommands,
    private readonly bus: EventBus,
  ) {}

  /** @returns for what is decided later, when it is; messages after it need not wait for that. */
  async take(session: NodeSession, message: Message): Promise<{ decided: Promise<void> } | undefined> {
    switch (message.t) {
      case 'state':
        await this.stated(session, message.b);
        return;
      case 'offer':
        await this.nodes.offer(session.node, session.session_epoch, message.b);
        return;
      case 'commits':
        return { decided: this.commit(session, message.b) };
      case 'results':
        return { decided: this.report(session, message.b) };
      case 'yield':
        await this.yielded(session, message.b);
        return;
      case 'hb':
        this.heartbeat(session, message.b);
        return;
      case 'owner':
        await this.words.reported(session, message.b);
        return;
      case 'given':
        await this.words.gaveBack(session, message.b);
        return;
      case 'pieces':
        session.keeps_pieces = true;
        return this.saidOfPieces(session, message);
      case 'piece.stored':
      case 'piece.failed':
      case 'piece.gone':
      case 'audit.answer':
        if (session.keeps_pieces) return this.saidOfPieces(session, message);
        session.end(CLOSE.malformed, 'malformed_frame', 'A device that keeps pieces says so first.');
        return;
      case 'cancelled':
        this.cancellations.confirmed(session, message.b);
        return;
      case 'bye':
        await this.bye(session);
        return;
      case 'hello':
        session.end(CLOSE.malformed, 'malformed_frame', 'hello comes once.');
        return;
      default:
        // ack, skip, throttle, error: their envelope said all that matters.
        return;
    }
  }

  /** Those who hear it may take their time: what the node says next does not wait, but counts as not dealt with. */
  private saidOfPieces(session: NodeSession, { t: type, b: body }: PieceMessage): { decided: Promise<void> } {
    const said = { node_id: session.node.id, type, body } as (typeof NodeSaid)['payload'];
    return { decided: this.bus.publishAndWait(NodeSaid, said) };
  }

  private async stated(session: NodeSession, part: Body<'state'>): Promise<void> {
    if (session.reconciled) return session.end(CLOSE.malformed, 'malformed_frame', 'state comes once in a session.');
    if (!Reconciler.gather(session.stated, part))
      return session.end(CLOSE.malformed, 'too_much_stated', `A device states at most ${STATED_MAX} leases and tasks.`);
    if (part.more) return;
    await this.reconciler.reconcile(session, session.stated);
    session.reconciled = true;
    await this.keeper.back(session);
    session.stated.clear();
  }

  /** What was reported before is decided first, as with `yield`. A session that a newer one fences gives nothing of that one's back. */
  private async bye(session: NodeSession): Promise<void> {
    session.forget();
    await Promise.all([...session.leases.values()].map((lease) => lease.allDecided()));
    const closed = await this.nodes.closeSession(session.node.id, session.session_epoch, {
      code: 'signed_off',
      sentence: 'Its agent signed off; it comes back when the agent is started again.',
    });
    if (closed) await this.leaseCommands.endAllOf({ node_id: session.node.id }, leaseEnded('node_bye'));
    session.socket?.close(1000, 'bye');
  }

  private heartbeat(session: NodeSession, { running: _, ...felt }: Body<'hb'>): void {
    session.felt = felt;
    const now = performance.now();
    const renewed = [...session.leases.values()].map((lease) => ({ lease_id: lease.grant.id, remaining_ms: lease.remaining_ms(now) }));
    session.send('hb.ok', { renewed: renewed.slice(0, RENEWED_MAX), cancel: [...session.ending.keys()].slice(0, RENEWED_MAX) });
  }

  /** Resolves when it is noted. What nobody waits for the node may forget at once. */
  private commit(session: NodeSession, { lease_id, epoch, commits }: Body<'commits'>): Promise<void> {
    const lease = session.leases.get(lease_id);
    lease?.reportOpened();
    return new Promise((resolve) =>
      this.bus.publish(WorkCommitted, {
        node_id: session.node.id,
        lease_id,
        lease_epoch: epoch,
        commits,
        reply: (stale) => {
          resolve();
          if (stale.length > 0 && this.sessions.isCurrent(session))
            session.send('results.ack', { lease_id, accepted: [], duplicate: [], stale, rejected: [] });
          if (!lease) return;
          lease.reportDecided();
          const gone = new Map(stale);
          const now = performance.now();
          lease.settled(stale, now);
          lease.sealed(
            commits.flatMap(({ index, epoch: e }) => (gone.get(index) === e ? [] : [[index, e] as const])),
            now,
          );
          if (lease.is_done) this.keeper.endLeft(lease);
          else this.feeder.feed(session, lease);
        },
      }),
    );
  }

  /** Resolves when it is decided. */
  private report(session: NodeSession, { lease_id, epoch, results }: Body<'results'>): Promise<void> {
    const lease = session.leases.get(lease_id);
    lease?.reportOpened();
    return new Promise((resolve) =>
      this.bus.publish(WorkReported, {
        node_id: session.node.id,
        lease_id,
        lease_epoch: epoch,
        results,
        reply: (outcome) => {
          resolve();
          // A session that is parked hears it when it goes on; one that is gone states what it holds and is told then.
          if (this.sessions.isCurrent(session)) session.send('results.ack', { lease_id, ...outcome });
          if (!lease) return;
          lease.reportDecided();
          const rejected = outcome.rejected.map(({ index, epoch: e }) => [index, e] as const);
          lease.settled([...outcome.accepted, ...outcome.duplicate, ...outcome.stale, ...rejected], performance.now());
          if (lease.is_done) this.keeper.endLeft(lease);
          else this.feeder.feed(session, lease);
        },
      }),
    );
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
}
