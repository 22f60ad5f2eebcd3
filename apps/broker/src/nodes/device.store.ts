import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { ViewTerms } from '#protocol';
import type { NodeKind, SlotClass, WorkloadClass } from '#units';

interface DeviceWork {
  lease_id: string;
  slot_class: SlotClass;
  workload_class: WorkloadClass;
  view: ViewTerms;
}

/** What a device reads and says of itself. */
@Injectable()
export class DeviceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async workOf(node_id: string): Promise<DeviceWork[]> {
    const { rows } = await this.database.query<DeviceWork>(
      `SELECT l.id AS lease_id, l.slot_class, j.workload_class, j.view FROM lease l JOIN job j ON j.id = l.job_id
       WHERE l.node_id = $1 AND l.state <> 'ENDED' ORDER BY l.id`,
      [node_id],
    );
    return rows;
  }

  /** @returns whose device it is; null when it is not in the heap any more. */
  async describe(node_id: string, name: string, kind: NodeKind): Promise<string | null> {
    const { rows } = await this.database.query<{ owner_id: string }>(
      "UPDATE node SET name = $2, kind = $3 WHERE id = $1 AND state <> 'REVOKED' RETURNING owner_id",
      [node_id, name, kind],
    );
    return rows[0]?.owner_id ?? null;
  }
}
