import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro, SlotClass } from '#units';

export interface LimitsRow {
  job_cap_micro: Micro | null;
  day_cap_micro: Micro | null;
  not_owners: string[];
  not_nodes: string[];
}

const NONE: LimitsRow = { job_cap_micro: null, day_cap_micro: null, not_owners: [], not_nodes: [] };

@Injectable()
export class LimitsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async of(person_id: string): Promise<LimitsRow> {
    const { rows } = await this.database.query<LimitsRow>(
      'SELECT job_cap_micro, day_cap_micro, not_owners, not_nodes FROM buyer_limits WHERE person_id = $1',
      [person_id],
    );
    return rows[0] ?? NONE;
  }

  /** The markets in which a developer has jobs. */
  async classesOf(person_id: string): Promise<SlotClass[]> {
    const { rows } = await this.database.query<{ slot_class: SlotClass }>(
      "SELECT DISTINCT slot_class FROM job WHERE person_id = $1 AND state IN ('QUEUED', 'RUNNING')",
      [person_id],
    );
    return rows.map((row) => row.slot_class);
  }

  /** By the database's clock, whose days are those of UTC. */
  async today(person_id: string): Promise<{ spent_micro: Micro; ends_at: Date }> {
    const { rows } = await this.database.query<{ spent_micro: Micro; ends_at: Date }>(
      "SELECT spent_today($1) AS spent_micro, date_trunc('day', now(), 'UTC') + interval '24 hours' AS ends_at",
      [person_id],
    );
    if (!rows[0]) throw new Error('a select without a table returned no row');
    return rows[0];
  }

  async replace(person_id: string, limits: LimitsRow): Promise<void> {
    await this.database.query(
      `INSERT INTO buyer_limits (person_id, job_cap_micro, day_cap_micro, not_owners, not_nodes) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (person_id) DO UPDATE SET job_cap_micro = excluded.job_cap_micro, day_cap_micro = excluded.day_cap_micro,
         not_owners = excluded.not_owners, not_nodes = excluded.not_nodes, updated_at = now()`,
      [person_id, limits.job_cap_micro, limits.day_cap_micro, limits.not_owners, limits.not_nodes],
    );
  }
}
