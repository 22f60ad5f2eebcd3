import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { QueryOf, ROUTES } from '#protocol';
import type { Micro, SlotClass } from '#units';

export interface AdminJobRow {
  id: string;
  name: string;
  person_id: string;
  person_name: string;
  email: string;
  state: 'QUEUED' | 'RUNNING' | 'DONE' | 'CANCELLED' | 'STOPPED';
  reason_code: string;
  reason_sentence: string;
  slot_class: SlotClass;
  total: number;
  queued: number;
  leased: number;
  done: number;
  failed: number;
  cancelled: number;
  max_price_micro: Micro;
  budget_micro: Micro;
  charged_micro: Micro;
  created_at: Date;
  finished_at: Date | null;
  module_hash: string;
  verification: string | null;
}

export interface JobHold {
  amount: Micro;
  captured: Micro;
  returned: Micro;
  state: string;
}

export interface JobLease {
  id: string;
  node_id: string;
  state: string;
  code: string | null;
  sentence: string | null;
  price_micro: Micro;
  tasks_charged: number;
  charged_micro: Micro;
  granted_at: Date;
  ended_at: Date | null;
}

type Query = QueryOf<typeof ROUTES.searchJobs>;

const COUNTED = 100_000;
const COLUMNS = `j.id, j.name, j.person_id, p.name AS person_name, p.email, j.state, j.reason_code, j.reason_sentence, j.slot_class, j.total, j.queued,
  j.leased, j.done, j.failed, j.cancelled, j.max_price_micro, j.budget_micro, j.charged_micro, j.created_at, j.finished_at, j.module_hash,
  j.order_terms->>'verification' AS verification FROM job j JOIN person p ON p.id = j.person_id`;
const WHERE = `($1::text IS NULL OR j.name ILIKE $1 OR j.id::text LIKE $2 OR j.module_hash = $3) AND ($4::job_state IS NULL OR j.state = $4)
  AND ($5::bool IS NULL OR (j.state IN ('QUEUED', 'RUNNING') AND j.queued > 0) = $5) AND ($6::text IS NULL OR j.reason_code = $6)
  AND ($7::uuid IS NULL OR j.person_id = $7)`;
const like = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function filters({ q, state, waiting, reason, person_id }: Query): unknown[] {
  const words = q?.trim() || undefined;
  return [
    words === undefined ? null : `%${like(words)}%`,
    words === undefined ? null : `${like(words.toLowerCase())}%`,
    words ?? null,
    state ?? null,
    waiting === undefined ? null : waiting === 'true',
    reason ?? null,
    person_id ?? null,
  ];
}

/** Jobs of all developers. */
@Injectable()
export class JobsSearchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async page(query: Query): Promise<AdminJobRow[]> {
    const { rows } = await this.database.query<AdminJobRow>(
      `SELECT ${COLUMNS} WHERE ${WHERE} AND ($8::uuid IS NULL OR j.id < $8) ORDER BY j.id DESC LIMIT $9`,
      [...filters(query), query.cursor ?? null, query.limit],
    );
    return rows;
  }

  async count(query: Query): Promise<{ count: number; at_least: boolean }> {
    const { rows } = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM job j WHERE ${WHERE} LIMIT ${COUNTED + 1}) AS counted`,
      filters(query),
    );
    const count = rows[0]?.count ?? 0;
    return { count: Math.min(count, COUNTED), at_least: count > COUNTED };
  }

  async find(job_id: string): Promise<AdminJobRow | null> {
    return (await this.database.query<AdminJobRow>(`SELECT ${COLUMNS} WHERE j.id = $1`, [job_id])).rows[0] ?? null;
  }

  async hold(job_id: string): Promise<JobHold | null> {
    const { rows } = await this.database.query<JobHold>('SELECT amount, captured, returned, state FROM hold WHERE job_id = $1', [job_id]);
    return rows[0] ?? null;
  }

  async leases(job_id: string): Promise<JobLease[]> {
    const { rows } = await this.database.query<JobLease>(
      `SELECT id, node_id, state, COALESCE(end_code, leaving_code) AS code, COALESCE(end_sentence, leaving_sentence) AS sentence, price_micro,
         tasks_charged, charged_micro, granted_at, ended_at FROM lease WHERE job_id = $1 ORDER BY id DESC LIMIT 50`,
      [job_id],
    );
    return rows;
  }

  async tasks(job_id: string): Promise<{ index: number; state: string; epoch: number; failures: number; lease_id: string | null }[]> {
    const { rows } = await this.database.query<{ index: number; state: string; epoch: number; failures: number; lease_id: string | null }>(
      `SELECT index, state, epoch, failures, lease_id FROM task WHERE job_id = $1 AND state IN ('QUEUED', 'LEASED', 'FAILED') ORDER BY index LIMIT 100`,
      [job_id],
    );
    return rows;
  }

  async objections(job_id: string): Promise<{ id: string; state: string; amount: Micro; created_at: Date }[]> {
    const { rows } = await this.database.query<{ id: string; state: string; amount: Micro; created_at: Date }>(
      'SELECT id, state, amount, created_at FROM objection WHERE job_id = $1 ORDER BY id DESC LIMIT 20',
      [job_id],
    );
    return rows;
  }
}
