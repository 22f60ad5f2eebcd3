import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

export interface ReceiptRow {
  budget_micro: Micro;
  charged_micro: Micro;
  returned: Micro;
}

export interface ReceiptLine {
  lease_id: string;
  node_id: string;
  round_id: string;
  price_micro: Micro;
  tasks: number;
  fuel: bigint;
  charge_micro: Micro;
}

@Injectable()
export class SettlementStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async job(job_id: string, person_id: string): Promise<(ReceiptRow & { fee: Micro }) | null> {
    const { rows } = await this.database.query<ReceiptRow & { fee: Micro }>(
      `SELECT j.budget_micro, j.charged_micro, h.returned, (SELECT COALESCE(sum(fee), 0)::bigint FROM capture c WHERE c.hold_id = h.id) AS fee
       FROM job j JOIN hold h ON h.job_id = j.id WHERE j.id = $1 AND j.person_id = $2`,
      [job_id, person_id],
    );
    return rows[0] ?? null;
  }

  async lines(job_id: string): Promise<ReceiptLine[]> {
    const { rows } = await this.database.query<ReceiptLine>(
      `SELECT id AS lease_id, node_id, round_id, price_micro, tasks_charged AS tasks, fuel_charged AS fuel, charged_micro AS charge_micro
       FROM lease WHERE job_id = $1 AND tasks_charged > 0 ORDER BY granted_at, id`,
      [job_id],
    );
    return rows;
  }
}
