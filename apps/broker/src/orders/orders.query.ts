import { Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import { type JobView, jobView } from './job-view.js';
import { LimitsStore } from './limits.store.js';
import { jobUnknown } from './orders.errors.js';
import { OrdersStore } from './orders.store.js';

export type { JobView } from './job-view.js';

@Injectable()
export class OrdersQuery {
  constructor(
    private readonly store: OrdersStore,
    private readonly limits: LimitsStore,
  ) {}

  /** Owners and nodes that no job of this developer uses. */
  async blockedBy(person_id: string): Promise<{ not_owners: string[]; not_nodes: string[] }> {
    const { not_owners, not_nodes } = await this.limits.of(person_id);
    return { not_owners, not_nodes };
  }

  /** What a developer lets one order cost at most; null without a cap. */
  async jobCapOf(person_id: string): Promise<Micro | null> {
    return (await this.limits.of(person_id)).job_cap_micro;
  }

  async isOf(person_id: string, job_id: string): Promise<boolean> {
    return (await this.store.find(job_id, person_id)) !== null;
  }

  /** @throws HeapError `not_found`, also for another developer's job. */
  async ofPerson(person_id: string, job_id: string): Promise<JobView> {
    const row = await this.store.find(job_id, person_id);
    if (!row) throw jobUnknown();
    return jobView(row);
  }
}
