import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

export interface HeldForJob {
  job_id: string;
  name: string;
  amount: Micro;
}

const JOBS_MAX = 500;

@Injectable()
export class FundsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** What is still held for each job, the newest first. */
  async held(person_id: string): Promise<HeldForJob[]> {
    const { rows } = await this.database.query<HeldForJob>(
      `SELECT j.id AS job_id, j.name, h.amount - h.captured AS amount FROM hold h JOIN job j ON j.id = h.job_id
       WHERE h.person_id = $1 AND h.state = 'HELD' AND h.amount > h.captured ORDER BY j.id DESC LIMIT $2`,
      [person_id, JOBS_MAX],
    );
    return rows;
  }

  /** Why nothing new may be held, if so. */
  async blockedBy(person_id: string): Promise<string | null> {
    const { rows } = await this.database.query<{ cause: string }>(
      'SELECT cause FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL ORDER BY created_at LIMIT 1',
      [person_id],
    );
    return rows[0]?.cause ?? null;
  }
}
