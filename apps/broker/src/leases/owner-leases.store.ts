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
  unconfirmed: boolean;
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
  jobs_cancelled_started: number;
  disputes: number;
  disputes_lost: number;
  objections: number;
  objections_refused: number;
  refused_by_owners: number;
  paid_micro: Micro;
  buyer_since: Date | null;
}

@Injectable()
export class OwnerLeasesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async list(owner_id: string, before: string | undefined, limit: number): Promise<OwnerLeaseRow[]> {
    const { rows } = await this.database.query<OwnerLeaseRow>(
      `SELECT l.id, l.node_id, l.slot_class, l.state, l.end_code, l.end_sentence, l.unconfirmed, j.workload_class, l.price_micro, l.tasks_charged,
         l.charged_micro, l.granted_at, l.ended_at, j.person_id AS buyer_id
       FROM lease l JOIN job j ON j.id = l.job_id
       WHERE l.owner_id = $1 AND ($2::uuid IS NULL OR l.id < $2) ORDER BY l.id DESC LIMIT $3`,
      [owner_id, before ?? null, limit],
    );
    return rows;
  }

  /** What buyers did: their jobs, the payments they took back, the work they objected to, and the owners who refuse them. */
  async reputations(buyer_ids: readonly string[]): Promise<ReputationRow[]> {
    const { rows } = await this.database.query<ReputationRow>(
      `SELECT b.id AS buyer_id, count(j.id) FILTER (WHERE j.state = 'DONE')::int AS jobs_done,
         count(j.id) FILTER (WHERE j.state = 'CANCELLED')::int AS jobs_cancelled,
         count(j.id) FILTER (WHERE j.state = 'STOPPED')::int AS jobs_stopped, COALESCE(sum(j.charged_micro), 0)::bigint AS paid_micro,
         min(j.created_at) AS buyer_since,
         count(j.id) FILTER (WHERE j.state = 'CANCELLED' AND EXISTS (SELECT 1 FROM lease l WHERE l.job_id = j.id))::int AS jobs_cancelled_started,
         (SELECT count(*)::int FROM payment_dispute d WHERE d.person_id = b.id) AS disputes,
         (SELECT count(*)::int FROM payment_dispute d WHERE d.person_id = b.id AND d.state = 'LOST') AS disputes_lost,
         (SELECT count(*)::int FROM objection o WHERE o.person_id = b.id) AS objections,
         (SELECT count(*)::int FROM objection o WHERE o.person_id = b.id AND o.outcome = 'owner') AS objections_refused,
         (SELECT count(*)::int FROM owner_rules r WHERE b.id = ANY (r.deny_buyers)) AS refused_by_owners
       FROM unnest($1::uuid[]) AS b(id) LEFT JOIN job j ON j.person_id = b.id GROUP BY b.id`,
      [buyer_ids],
    );
    return rows;
  }
}
