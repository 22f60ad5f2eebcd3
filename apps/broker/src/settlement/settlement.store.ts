import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro, NodeKind } from '#units';

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
  /** Of the node, for an estimate of the energy. */
  kind: NodeKind;
  speed_fuel_per_ms: number;
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
      `SELECT l.id AS lease_id, l.node_id, l.round_id, l.price_micro, l.tasks_charged AS tasks, l.fuel_charged AS fuel,
         l.charged_micro AS charge_micro, n.kind, n.speed_fuel_per_ms
       FROM lease l JOIN node n ON n.id = l.node_id WHERE l.job_id = $1 AND l.tasks_charged > 0 ORDER BY l.granted_at, l.id`,
      [job_id],
    );
    return rows;
  }
}
