import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro, SlotClass } from '#units';

/** A lease with all that a node must be told to work on it. */
export interface LeaseGrant {
  id: string;
  node_id: string;
  job_id: string;
  slot_class: SlotClass;
  epoch: number;
  state: 'ACTIVE' | 'DRAINING';
  price_micro: Micro;
  task_max_micro: Micro;
  remaining_ms: number;
  budget_micro: Micro;
  codec: 'bytes' | 'json';
  args: string[];
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  module: { hash: string; metered_hash: string; meter_id: string; kind: 'wasm' | 'javascript'; bytes: number };
}

@Injectable()
export class LeasesQuery {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The leases of a node that are not over, or one of them. */
  async grantsOf(node_id: string, lease_id?: string): Promise<LeaseGrant[]> {
    const { rows } = await this.database.query<LeaseGrant>(
      `SELECT l.id, l.node_id, l.job_id, l.slot_class, l.epoch, l.state, l.price_micro, l.task_max_micro,
         GREATEST(0, extract(epoch FROM l.expires_at - now()) * 1000)::int AS remaining_ms,
         j.budget_micro, j.codec, j.args, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit,
         json_build_object('hash', m.hash, 'metered_hash', m.metered_hash, 'meter_id', m.meter_id, 'kind', m.kind, 'bytes', m.bytes) AS module
       FROM lease l JOIN job j ON j.id = l.job_id JOIN module m ON m.hash = j.module_hash
       WHERE l.node_id = $1 AND l.state <> 'ENDED' AND ($2::uuid IS NULL OR l.id = $2)`,
      [node_id, lease_id ?? null],
    );
    return rows;
  }
}
