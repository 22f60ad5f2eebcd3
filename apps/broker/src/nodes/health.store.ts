import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { firstIdSince } from '../platform/ids.js';
import type { HealthFacts } from './health.js';

/** With which an agent gives a lease back that it could not work on. */
const BROKEN = ['sandbox_failed', 'metered_hash_mismatch', 'meter_id_mismatch'];
const DAYS = 7;

@Injectable()
export class HealthStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** What the last days say of an owner's nodes, or of all. Leases are found by their owner and the time in their ids (UUIDv7). */
  async facts(owner_id: string | null): Promise<Map<string, HealthFacts>> {
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
         FROM lease WHERE ($1::uuid IS NULL OR owner_id = $1) AND id >= $2::uuid GROUP BY node_id) AS l ON l.node_id = n.id
       WHERE ($1::uuid IS NULL OR n.owner_id = $1) AND n.state <> 'REVOKED'`,
      [owner_id, firstIdSince(DAYS * 86_400_000), BROKEN],
    );
    return new Map(rows.map(({ node_id, ...facts }) => [node_id, facts]));
  }

  /** Keeps the scores that have changed. */
  async keep(scores: ReadonlyMap<string, number>): Promise<number> {
    const { rowCount } = await this.database.query(
      `UPDATE node n SET health_score = s.score FROM unnest($1::uuid[], $2::int[]) AS s(id, score) WHERE n.id = s.id AND n.health_score <> s.score`,
      [[...scores.keys()], [...scores.values()]],
    );
    return rowCount ?? 0;
  }
}
