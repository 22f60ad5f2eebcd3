import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { HealthFacts } from './health.js';

/** With which an agent gives a lease back that it could not work on. */
const BROKEN = ['sandbox_failed', 'metered_hash_mismatch', 'meter_id_mismatch'];
const DAYS = 7;

@Injectable()
export class HealthStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** What the last days say of an owner's nodes. Leases are found by their owner and the time in their ids (UUIDv7). */
  async facts(owner_id: string): Promise<Map<string, HealthFacts>> {
    const since = Math.max(0, Date.now() - DAYS * 86_400_000)
      .toString(16)
      .padStart(12, '0');
    const { rows } = await this.database.query<HealthFacts & { node_id: string }>(
      `SELECT n.id AS node_id, n.state IN ('ONLINE', 'PAUSED') AS connected, n.speed_fuel_per_ms > 0 AS measured,
         COALESCE(l.tasks, 0) AS tasks, COALESCE(l.lost, 0) AS lost, COALESCE(l.restarted, 0) AS restarted, COALESCE(l.broken, 0) AS broken,
         COALESCE(l.deaf, 0) AS deaf,
         (SELECT count(*)::int FROM presence_change p
          WHERE p.node_id = n.id AND p.state = 'disconnected' AND p.changed_at > now() - interval '1 day') AS disconnects
       FROM node n LEFT JOIN (
         SELECT node_id, sum(tasks_charged)::int AS tasks, (count(*) FILTER (WHERE end_code = 'node_lost' AND NOT excused))::int AS lost,
           (count(*) FILTER (WHERE end_code = 'agent_restarted' AND NOT excused))::int AS restarted, (count(*) FILTER (WHERE end_code = ANY($3) AND NOT excused))::int AS broken,
           (count(*) FILTER (WHERE unconfirmed))::int AS deaf
         FROM lease WHERE owner_id = $1 AND id >= $2::uuid GROUP BY node_id) AS l ON l.node_id = n.id
       WHERE n.owner_id = $1 AND n.state <> 'REVOKED'`,
      [owner_id, `${since.slice(0, 8)}-${since.slice(8)}-0000-0000-000000000000`, BROKEN],
    );
    return new Map(rows.map(({ node_id, ...facts }) => [node_id, facts]));
  }
}
