import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro, SlotClass, WorkloadClass } from '#units';

export interface OwnerLeaseRow {
  id: string;
  node_id: string;
  slot_class: SlotClass;
  state: 'ACTIVE' | 'DRAINING' | 'ENDED';
  end_code: string | null;
  end_sentence: string | null;
  workload_class: WorkloadClass;
  price_micro: Micro;
  tasks_charged: number;
  charged_micro: Micro;
  granted_at: Date;
  ended_at: Date | null;
  buyer_id: string;
}

export interface ReputationRow {
  buyer_id: string;
  jobs_done: number;
  jobs_cancelled: number;
  jobs_stopped: number;
  disputes: number;
  paid_micro: Micro;
  buyer_since: Date | null;
}

@Injectable()
export class OwnerLeasesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async list(owner_id: string, before: string | undefined, limit: number): Promise<OwnerLeaseRow[]> {
    const { rows } = await this.database.query<OwnerLeaseRow>(
      `SELECT l.id, l.node_id, l.slot_class, l.state, l.end_code, l.end_sentence, j.workload_class, l.price_micro, l.tasks_charged,
         l.charged_micro, l.granted_at, l.ended_at, j.person_id AS buyer_id
       FROM lease l JOIN job j ON j.id = l.job_id
       WHERE l.owner_id = $1 AND ($2::uuid IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3`,
      [owner_id, before ?? null, limit],
    );
    return rows;
  }

  /** What buyers did, from their jobs and from the journal of disputes. */
  async reputations(buyer_ids: readonly string[]): Promise<ReputationRow[]> {
    const { rows } = await this.database.query<ReputationRow>(
      `SELECT b.id AS buyer_id, count(j.id) FILTER (WHERE j.state = 'DONE')::int AS jobs_done,
         count(j.id) FILTER (WHERE j.state = 'CANCELLED')::int AS jobs_cancelled,
         count(j.id) FILTER (WHERE j.state = 'STOPPED')::int AS jobs_stopped, COALESCE(sum(j.charged_micro), 0)::bigint AS paid_micro,
         min(j.created_at) AS buyer_since,
         (SELECT count(DISTINCT d.id)::int FROM ledger_account a JOIN journal_entry e ON e.account_id = a.id
            JOIN journal d ON d.id = e.journal_id AND d.kind = 'dispute.opened'
          WHERE a.person_id = b.id AND a.code IN (2000, 2030)) AS disputes
       FROM unnest($1::uuid[]) AS b(id) LEFT JOIN job j ON j.person_id = b.id GROUP BY b.id`,
      [buyer_ids],
    );
    return rows;
  }
}
