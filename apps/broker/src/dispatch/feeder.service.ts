import { Injectable, Logger } from '@nestjs/common';
import { type LeaseTerms, leaseSigningText, SOCKET_LIMITS, type WireBody } from '#protocol';
import { OrdersCommands } from '../orders/orders.commands.js';
import { HeapKey } from '../platform/heap-key.js';
import { runLimitsOf } from '../platform/run-limits.js';
import { CheckClaims } from '../verification/check-claims.commands.js';
import { ClusterShares } from '../verification/cluster-shares.query.js';
import { VerificationCommands } from '../verification/verification.commands.js';
import { Claims } from './claims.service.js';
import { type ClaimedTask, DispatchStore } from './dispatch.store.js';
import { LateTasks } from './late-tasks.service.js';
import type { LiveLease } from './live-lease.js';
import type { NodeSession } from './node-session.js';
import { TwinsStore } from './twins.store.js';

/** What the envelope and the JSON around a task take beside its input. */
const TASK_OVERHEAD_BYTES = 128;

/** A database that is away is not asked at every frame: the sweep comes back to it. */
const CLAIM_AGAIN_MS = 500;

/** Second executions are begun few at a time: what they compute is wasted if the first comes back. */
const TWINS_AT_A_TIME = 2;

/** Of what a lease has room for, so much may be checks where there are some. */
const CHECKS_SHARE = 0.5;

type WireTask = WireBody<'tasks'>['tasks'][number];

/** Keeps leases supplied: claims tasks and puts them on the wire. */
@Injectable()
export class Feeder {
  private readonly log = new Logger(Feeder.name);

  constructor(
    private readonly store: DispatchStore,
    private readonly claims: Claims,
    private readonly twins: TwinsStore,
    private readonly late: LateTasks,
    private readonly check_claims: CheckClaims,
    private readonly checks: VerificationCommands,
    private readonly shares: ClusterShares,
    private readonly orders: OrdersCommands,
    private readonly key: HeapKey,
  ) {}

  /** Tells a node of its lease, signed: the node checks before it computes. */
  announce(session: NodeSession, { grant, commits }: LiveLease): void {
    const terms: LeaseTerms = {
      lease_id: grant.id,
      epoch: grant.epoch,
      node_id: grant.node_id,
      job_id: grant.job_id,
      slot_class: grant.slot_class,
      price_micro: String(grant.price_micro),
      term_ms: Math.max(1, grant.remaining_ms),
      module: { ...grant.module, codec: grant.codec },
      limits: runLimitsOf(grant),
      view: { ...grant.view, args: grant.args },
      ...(commits && { commit: true as const }),
    };
    session.send('lease', { terms, signature: this.key.sign(leaseSigningText(terms)) });
  }

  /** Gives a lease what it has room for. Calls while one is under way are folded into one more turn. */
  feed(session: NodeSession, lease: LiveLease): void {
    if (lease.feeding) {
      lease.feed_again = true;
      return;
    }
    if (!session.ready || (lease.wanted === 0 && !lease.unsure)) return;
    if (lease.unsure && performance.now() - lease.claim_failed_ms < CLAIM_AGAIN_MS) return;
    lease.feeding = true;
    this.claimAndSend(session, lease)
      .catch((error: unknown) => {
        lease.unsure = true;
        lease.claim_failed_ms = performance.now();
        lease.feed_again = false;
        this.log.warn({ err: error, lease_id: lease.grant.id }, 'tasks could not be claimed; the sweep tries again');
      })
      .finally(() => {
        lease.feeding = false;
        if (!lease.feed_again) return;
        lease.feed_again = false;
        this.feed(session, lease);
      });
  }

  private async claimAndSend(session: NodeSession, lease: LiveLease): Promise<void> {
    if (lease.unsure) await this.deliverMissing(session, lease);
    const { id, job_id, task_max_micro, budget_micro } = lease.grant;
    if (lease.wanted === 0) return;
    let room = await this.shares.room(job_id, id, performance.now());
    lease.over_share = room === 0;
    if (lease.over_share) return;
    room -= await this.sendChecks(session, lease, room);
    if (lease.wanted === 0 || room === 0) return;
    const { tasks, queued } = await this.claims.claim(id, job_id, Math.min(room, lease.wanted));
    this.shares.took(job_id, id, tasks.length);
    // A lease or connection that ended meanwhile is reconciled: these tasks are requeued or sent again.
    if (tasks.length > 0) return this.deliver(session, lease, tasks);
    if (lease.outstanding.size > 0) return;
    if (queued === 0 && (await this.late.of(job_id, performance.now()))) {
      const late = await this.twins.claim(id, job_id, Math.min(room, TWINS_AT_A_TIME));
      this.shares.took(job_id, id, late.length);
      if (late.length > 0) return this.deliver(session, lease, late);
    }
    lease.idle_since_ms ??= performance.now();
    if (queued) await this.orders.stopIfBudgetExhausted(job_id, task_max_micro, budget_micro);
  }

  /** Checks of others' results go among the tasks, looking like any of them. @returns how many. */
  private async sendChecks(session: NodeSession, lease: LiveLease, room: number): Promise<number> {
    const { id, job_id } = lease.grant;
    const limit = Math.min(room, Math.ceil(lease.wanted * CHECKS_SHARE));
    const checks = await this.check_claims.claim({ lease_id: id, job_id, commits: lease.commits }, limit);
    if (checks.length === 0) return 0;
    this.shares.took(job_id, id, checks.length);
    this.deliver(session, lease, checks);
    return checks.length;
  }

  /** Sends what is out on a lease by the database and not by what this gateway has sent, with its present epoch. */
  private async deliverMissing(session: NodeSession, lease: LiveLease): Promise<void> {
    const { id } = lease.grant;
    const out = [...(await this.store.outstanding(id)), ...(await this.twins.outstanding(id)), ...(await this.checks.outstanding(id))];
    lease.unsure = false;
    this.deliver(
      session,
      lease,
      out.filter((task) => !lease.has(task.index, task.epoch)),
    );
  }

  /** Sends tasks in as many messages as the frame limit asks for. */
  deliver(session: NodeSession, lease: LiveLease, tasks: readonly ClaimedTask[]): void {
    let part: WireTask[] = [];
    let bytes = 0;
    const flush = () => {
      if (part.length > 0) session.send('tasks', { lease_id: lease.grant.id, epoch: lease.grant.epoch, tasks: part });
      part = [];
      bytes = 0;
    };
    for (const task of tasks) {
      const wire = wireTask(task);
      const size = TASK_OVERHEAD_BYTES + ('inline' in wire.input ? wire.input.inline.length : 0);
      if (bytes + size > SOCKET_LIMITS.packed_bytes - 1024 || part.length === 512) flush();
      part.push(wire);
      bytes += size;
      lease.sent(task.index, task.epoch);
    }
    flush();
  }
}

function wireTask({ index, epoch, input, input_hash, input_bytes }: ClaimedTask): WireTask {
  if (input_hash !== null) return { index, epoch, input: { hash: input_hash, bytes: input_bytes } };
  return { index, epoch, input: { inline: input?.toString('base64') ?? '' } };
}
