import { Inject, Injectable } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { OrdersCommands } from '../orders/orders.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { taskCostMax } from '../platform/task-price.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver, TaskSetAside } from './leases.events.js';
import { LeasesStore, type NewLease } from './leases.store.js';
import { RenewalsStore } from './renewals.store.js';

type Reason = { code: string; sentence: string };

/** After these ends the device stays on the market as it was: whoever won the slot gets it. */
const DEVICE_STAYS = ['job_done', 'job_cancelled', 'job_stopped', 'day_cap', 'developer_frozen'];

/** What other stations may do to a lease. */
@Injectable()
export class LeasesCommands {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: LeasesStore,
    private readonly renewals: RenewalsStore,
    private readonly orders: OrdersCommands,
    private readonly bus: EventBus,
  ) {}

  /** Ends leases that are not over yet; their unfinished tasks are first in line again. */
  end(lease_ids: readonly string[], reason: Reason): Promise<void> {
    return this.over(lease_ids, reason);
  }

  /** Ends leases, or those of these, that lost their slot and have nothing more to do, or no more time; their slots go to who won them. */
  async endLeft(lease_ids?: readonly string[]): Promise<void> {
    await this.over(await this.renewals.left(lease_ids), null);
  }

  /** These nodes get no more tasks in the leases they have. @returns what to do after the commit. */
  async drain(tx: Transaction, node_ids: readonly string[]): Promise<() => void> {
    const drained = await this.renewals.drain(tx, node_ids, leaseEnded('node_drained'));
    return () => {
      for (const lease of drained) this.bus.publish(LeaseTermOver, lease);
    };
  }

  /** Its node was told to stop tasks of it and did not say that it had. */
  noteUnconfirmed(lease_id: string): Promise<void> {
    return this.store.noteUnconfirmed(lease_id);
  }

  async endAllOf(by: { node_id: string } | { job_id: string }, reason: Reason): Promise<void> {
    const open = await this.store.openOf('node_id' in by ? { node_ids: [by.node_id] } : by);
    await this.end(
      open.map((lease) => lease.id),
      reason,
    );
  }

  /** Without a reason, for the one that each has been leaving for. */
  private async over(lease_ids: readonly string[], reason: Reason | null): Promise<void> {
    if (lease_ids.length === 0) return;
    const { ended, set_aside, over_jobs, followers } = await this.transactions.run(async (tx) => {
      const { ended: over, set_aside: aside } = await this.store.end(tx, lease_ids, reason);
      const jobs = [...new Set(aside.map((task) => task.job_id))].sort();
      const so_far = { ended: over, set_aside: jobs, over_jobs: jobs.length > 0 ? await this.orders.finish(tx, jobs) : [] };
      if (over.length === 0 || (reason && !DEVICE_STAYS.includes(reason.code))) return { ...so_far, followers: [] };
      const next = await this.renewals.followers(
        tx,
        over.map((lease) => lease.lease_id),
      );
      const leases: NewLease[] = next.map(({ fuel_limit, ...lease }) => ({
        ...lease,
        id: newId(),
        task_max_micro: taskCostMax(fuel_limit, lease.price_micro),
      }));
      const granted = new Set((await this.store.insert(tx, leases, this.config.lease_term_ms)).granted);
      return { ...so_far, followers: leases.filter((lease) => granted.has(lease.id)) };
    });
    for (const lease of ended) this.bus.publish(LeaseEnded, lease);
    for (const job_id of set_aside) this.bus.publish(TaskSetAside, { job_id });
    this.orders.announceEnded(over_jobs);
    for (const { id, node_id, owner_id, job_id } of followers) this.bus.publish(LeaseGranted, { lease_id: id, node_id, owner_id, job_id });
  }
}
