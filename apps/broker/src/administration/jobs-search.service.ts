import { Injectable } from '@nestjs/common';
import type { QueryOf, ResponseOf, ROUTES } from '#protocol';
import { jobNotThere } from './administration.errors.js';
import { type AdminJobRow, JobsSearchStore } from './jobs-search.store.js';

type JobList = ResponseOf<typeof ROUTES.searchJobs>;

/** Jobs as admins see them: without inputs and outputs, which are their developers'. */
@Injectable()
export class JobsSearchService {
  constructor(private readonly store: JobsSearchStore) {}

  async search(query: QueryOf<typeof ROUTES.searchJobs>): Promise<JobList> {
    const [rows, total] = await Promise.all([this.store.page(query), this.store.count(query)]);
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    return { jobs: rows.map(listed), total, next: last?.id ?? null };
  }

  /** @throws HeapError `not_found`. */
  async inspect(job_id: string): Promise<ResponseOf<typeof ROUTES.inspectJob>> {
    const row = await this.store.find(job_id);
    if (!row) throw jobNotThere();
    const [hold, leases, tasks, objections] = await Promise.all([
      this.store.hold(job_id),
      this.store.leases(job_id),
      this.store.tasks(job_id),
      this.store.objections(job_id),
    ]);
    return {
      ...listed(row),
      module_hash: row.module_hash,
      verification: row.verification,
      hold: hold && {
        state: hold.state,
        amount_micro: String(hold.amount),
        captured_micro: String(hold.captured),
        returned_micro: String(hold.returned),
      },
      leases: leases.map(({ id, code, sentence, tasks_charged, ...lease }) => ({
        lease_id: id,
        node_id: lease.node_id,
        state: lease.state,
        reason: code === null ? null : { code, sentence: sentence ?? '' },
        price_micro: String(lease.price_micro),
        tasks: tasks_charged,
        charged_micro: String(lease.charged_micro),
        granted_at: lease.granted_at.toISOString(),
        ended_at: lease.ended_at?.toISOString() ?? null,
      })),
      tasks,
      objections: objections.map(({ id, amount, created_at, state }) => ({
        objection_id: id,
        state,
        amount_micro: String(amount),
        created_at: created_at.toISOString(),
      })),
    };
  }
}

const listed = (row: AdminJobRow): JobList['jobs'][number] => ({
  job_id: row.id,
  name: row.name,
  person: { person_id: row.person_id, name: row.person_name, email: row.email },
  state: row.state,
  reason: { code: row.reason_code, sentence: row.reason_sentence },
  slot_class: row.slot_class,
  total: row.total,
  queued: row.queued,
  leased: row.leased,
  done: row.done,
  failed: row.failed,
  cancelled: row.cancelled,
  max_price_micro: String(row.max_price_micro),
  budget_micro: String(row.budget_micro),
  charged_micro: String(row.charged_micro),
  created_at: row.created_at.toISOString(),
  finished_at: row.finished_at?.toISOString() ?? null,
});
