import { Injectable } from '@nestjs/common';
import { type JobView, jobView } from './job-view.js';
import { jobUnknown } from './orders.errors.js';
import { OrdersStore } from './orders.store.js';

export type { JobView } from './job-view.js';

@Injectable()
export class OrdersQuery {
  constructor(private readonly store: OrdersStore) {}

  /** @throws HeapError `not_found`, also for another developer's job. */
  async ofPerson(person_id: string, job_id: string): Promise<JobView> {
    const row = await this.store.find(job_id, person_id);
    if (!row) throw jobUnknown();
    return jobView(row);
  }
}
