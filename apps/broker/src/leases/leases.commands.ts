import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { LeaseEnded } from './leases.events.js';
import { LeasesStore } from './leases.store.js';

/** What other stations may do to a lease. */
@Injectable()
export class LeasesCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: LeasesStore,
    private readonly bus: EventBus,
  ) {}

  /** Ends leases that are not over yet; their unfinished tasks are first in line again. */
  async end(lease_ids: readonly string[], reason: { code: string; sentence: string }): Promise<void> {
    if (lease_ids.length === 0) return;
    const ended = await this.transactions.run((tx) => this.store.end(tx, lease_ids, reason));
    for (const lease of ended) this.bus.publish(LeaseEnded, { ...lease, reason });
  }

  async endAllOf(by: { node_id: string } | { job_id: string }, reason: { code: string; sentence: string }): Promise<void> {
    const open = await this.store.openOf('node_id' in by ? { node_ids: [by.node_id] } : by);
    await this.end(
      open.map((lease) => lease.id),
      reason,
    );
  }
}
