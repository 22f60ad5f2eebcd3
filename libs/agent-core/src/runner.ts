import type { Body, Message } from '#protocol';
import type { RunOutcome } from '#sandbox';
import type { SlotClass, ViewClass } from '#units';
import { BlobCache } from './blob-cache.js';
import type { Bounds } from './bounds.js';
import type { Delivery } from './delivery.js';
import type { HeldTask } from './held-task.js';
import { LeaseRun, type LeaseSurroundings, type Reason } from './lease-run.js';
import type { Outbox } from './outbox.js';
import type { Capacity, Ports } from './ports.js';
import type { Rules } from './rules.js';
import { SlotPool } from './slot-pool.js';
import type { Transfers } from './transfers.js';

export interface Control {
  /** Sends as soon as the heap reads; drops it when the session ends, whose successor begins with `state`. */
  yield(body: Body<'yield'>): void;
  cancelled(body: Body<'cancelled'>): void;
  /** A task has run to its end. */
  ran(module_hash: string, outcome: RunOutcome): void;
}

export interface Work {
  lease_id: string;
  job_id: string;
  slot_class: SlotClass;
  price_micro: string;
  view_class: ViewClass;
  /** What its tasks may see and use, in sentences. */
  may: readonly string[];
  running: boolean;
  tasks_done: number;
  tasks_waiting: number;
  fuel_used: bigint;
  /** How long the task that runs has run; null between tasks. */
  task_ms: number | null;
}

const ENDED_REMEMBERED = 256;

/** All leases of this device: takes what the heap grants, runs it on slots, gives it back when asked. */
export class Runner {
  private readonly leases = new Map<string, LeaseRun>();
  /** Ended here lately, so that messages that crossed the end on the way are not answered. */
  private readonly ended = new Map<string, number>();
  private readonly surroundings: LeaseSurroundings;
  /** Also those that still stop. */
  private readonly busy = new Set<LeaseRun>();
  private readonly quietWaiters: (() => void)[] = [];
  readonly pool: SlotPool;
  tasks_done = 0;
  fuel_used = 0n;

  constructor(
    private readonly capacity: readonly Capacity[],
    private readonly ports: Ports,
    readonly bounds: Bounds,
    private readonly outbox: Outbox,
    private readonly delivery: Delivery,
    transfers: Transfers,
    private readonly rules: Rules,
    private readonly control: Control,
  ) {
    this.pool = new SlotPool(capacity, ports, bounds);
    this.surroundings = {
      ports,
      bounds,
      pool: this.pool,
      modules: new BlobCache(transfers, bounds.modules_kept_bytes),
      files: new BlobCache(transfers, bounds.files_kept_bytes),
      transfers,
      hasRoom: () => !outbox.full,
      finished: (lease, task, outcome, last) => this.finished(lease, task, outcome, last),
      yielded: (lease, reason, misfired) => this.yielded(lease, reason, misfired),
      gone: (lease) => this.gone(lease),
    };
  }

  get running(): number {
    let running = 0;
    for (const lease of this.busy) if (lease.running) running += 1;
    return running;
  }

  /** Whether anything of the heap runs here, or still stops. */
  get in_use(): boolean {
    return this.busy.size > 0;
  }

  /** What the device computes now. */
  work(): Work[] {
    return [...this.leases.values()].map((lease) => ({
      lease_id: lease.lease_id,
      job_id: lease.terms.job_id,
      slot_class: lease.terms.slot_class,
      price_micro: lease.terms.price_micro,
      view_class: lease.view_class,
      may: lease.may,
      running: lease.running,
      tasks_done: lease.tasks_done,
      tasks_waiting: lease.held().length,
      fuel_used: lease.fuel_used,
      task_ms: lease.task_ms,
    }));
  }

  get held(): Iterable<LeaseRun> {
    return this.leases.values();
  }

  take(message: Message): void {
    switch (message.t) {
      case 'lease':
        return this.lease(message.b);
      case 'lease.end':
        return this.leaseEnd(message.b);
      case 'tasks':
        return this.tasks(message.b);
      case 'reveal':
        this.delivery.reveal(message.b);
        return this.delivery.flush();
      case 'cancel':
        void this.cancel(message.b);
        return;
      case 'reconcile':
        return this.reconcile(message.b);
      case 'hb.ok':
        for (const { lease_id, remaining_ms } of message.b.renewed) this.leases.get(lease_id)?.renew(remaining_ms);
        for (const lease_id of message.b.cancel) this.drop(this.leases.get(lease_id));
    }
  }

  /** There is room in the outbox again. */
  nudge(): void {
    for (const lease of this.leases.values()) lease.nudge();
  }

  /** Gives everything back at once. */
  yieldAll(reason: Reason): void {
    for (const lease of [...this.leases.values()]) lease.yield(reason);
  }

  /** Gives everything back, each lease after the task it is running. */
  finishAll(reason: Reason): void {
    for (const lease of [...this.leases.values()]) lease.finish(reason);
  }

  /** Resolves when no slot is in use. */
  quiet(): Promise<void> {
    if (this.busy.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.quietWaiters.push(resolve));
  }

  private lease({ terms, signature }: Body<'lease'>): void {
    const { lease_id, epoch } = terms;
    const known = this.leases.get(lease_id);
    if (known && known.epoch >= epoch) return;
    if ((this.ended.get(lease_id) ?? 0) >= epoch) return this.notHeld(lease_id, epoch);
    this.drop(known);
    const { standing } = this.rules;
    const lease = new LeaseRun(terms, signature, this.surroundings);
    if (!standing.available) return lease.yield({ code: standing.code, sentence: standing.sentence });
    const rivals = [...this.leases.values()].filter((other) => other.terms.slot_class === terms.slot_class).length;
    const count = this.capacity.find((offered) => offered.slot_class === terms.slot_class)?.count ?? 0;
    if (rivals >= count)
      return lease.yield({ code: 'no_free_slot', sentence: `All ${count} ${terms.slot_class} slots of this device are leased.` });
    this.leases.set(lease_id, lease);
    this.busy.add(lease);
    this.outbox.open(lease_id, epoch);
    const { job_id, slot_class, price_micro } = terms;
    const fields = { lease_id, job_id, slot_class, price_micro, view_class: lease.view_class };
    this.ports.log.info(fields, `Work came in. ${lease.may.join(' ')}`);
    lease.start();
  }

  /** The lease a message means, unless the message is older than the lease. */
  private current({ lease_id, epoch }: { lease_id: string; epoch: number }): LeaseRun | undefined {
    const lease = this.leases.get(lease_id);
    return lease && lease.epoch === epoch ? lease : undefined;
  }

  private leaseEnd({ lease_id, epoch, reason }: Body<'lease.end'>): void {
    const lease = this.leases.get(lease_id);
    if (!lease || lease.epoch > epoch) return;
    this.ports.log.info({ lease_id, code: reason.code, tasks_done: lease.tasks_done }, `A lease ended: ${reason.sentence}`);
    this.drop(lease);
    this.delivery.flush();
  }

  private tasks({ lease_id, epoch, tasks }: Body<'tasks'>): void {
    const lease = this.current({ lease_id, epoch });
    if (lease) {
      lease.give(tasks.filter((task) => !this.outbox.again(lease_id, task.index, task.epoch)));
      return this.delivery.flush();
    }
    if (!this.leases.has(lease_id) && !this.ended.has(lease_id)) this.notHeld(lease_id, epoch);
  }

  /** The heap believes that this device has the lease: it must learn that it does not. */
  private notHeld(lease_id: string, epoch: number): void {
    this.remember(lease_id, epoch);
    const reason = { code: 'lease_not_held', sentence: 'This device does not hold the lease, or no longer.' };
    this.control.yield({ lease_id, epoch, notice_ms: 0, reason });
  }

  /** Confirmed once nothing of it runs, also where nothing of it was here. */
  private async cancel(body: Body<'cancel'>): Promise<void> {
    // What is finished and held back is told: the heap answers that it needs it no more.
    this.delivery.reveal(body);
    this.delivery.flush();
    await this.current(body)?.cancel(body.tasks);
    this.control.cancelled(body);
  }

  private reconcile({ leases }: Body<'reconcile'>): void {
    for (const { lease_id, epoch, action, reason } of leases) {
      const lease = this.current({ lease_id, epoch });
      if (action === 'discard') this.outbox.discard(lease_id);
      else this.outbox.openHeld(lease_id);
      if (action !== 'keep') this.drop(lease);
      else if (lease) this.outbox.open(lease_id, epoch);
      else if (!this.leases.has(lease_id)) {
        // Only its results are left here: of a run before a restart, or of a lease given up while offline.
        this.delivery.reveal({ lease_id, epoch });
        this.delivery.flush();
        this.notHeld(lease_id, epoch);
      }
      this.ports.log.debug({ lease_id, action, reason }, 'The heap and this device agree on a lease again.');
    }
    this.delivery.flush();
  }

  private drop(lease: LeaseRun | undefined): void {
    if (!lease) return;
    this.forget(lease);
    lease.end();
  }

  private forget(lease: LeaseRun): void {
    // What it has finished is told as it is: the heap asks for nothing more of a lease that is over.
    this.delivery.reveal(lease);
    if (this.leases.get(lease.lease_id) === lease) this.leases.delete(lease.lease_id);
    this.remember(lease.lease_id, lease.epoch);
  }

  private remember(lease_id: string, epoch: number): void {
    this.ended.delete(lease_id);
    this.ended.set(lease_id, epoch);
    for (const oldest of this.ended.keys()) {
      if (this.ended.size <= ENDED_REMEMBERED) break;
      this.ended.delete(oldest);
    }
  }

  private finished(lease: LeaseRun, task: HeldTask, outcome: RunOutcome, last: boolean): void {
    this.tasks_done += 1;
    this.fuel_used += outcome.fuel_used;
    this.rules.worked();
    this.control.ran(lease.terms.module.hash, outcome);
    const { lease_id, epoch: lease_epoch, terms } = lease;
    const job_id = terms.commit ? terms.job_id : null;
    this.delivery.add({ lease_id, lease_epoch, index: task.index, epoch: task.epoch, committed_for: job_id }, outcome, last);
  }

  private yielded(lease: LeaseRun, reason: Reason, misfired: boolean): void {
    this.forget(lease);
    if (misfired && lease.tasks_done === 0) this.rules.misfired(reason.sentence);
    // What is finished goes first: it is paid.
    this.delivery.flush();
    this.control.yield({ lease_id: lease.lease_id, epoch: lease.epoch, notice_ms: 0, reason });
  }

  private gone(lease: LeaseRun): void {
    this.forget(lease);
    this.busy.delete(lease);
    this.outbox.close(lease.lease_id, lease.epoch);
    if (this.busy.size === 0) for (const resolve of this.quietWaiters.splice(0)) resolve();
  }
}
