import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Presence, QueryOf, ROUTES } from '#protocol';
import type { NodeKind } from '#units';

export interface AdminNodeRow {
  id: string;
  name: string;
  kind: NodeKind;
  owner_id: string;
  owner_name: string;
  owner_email: string;
  state: 'ENROLLED' | 'ONLINE' | 'PAUSED' | 'DISCONNECTED' | 'REVOKED';
  presence: Presence['state'] | null;
  reason_code: string;
  reason_sentence: string;
  region: string | null;
  agent_version: string | null;
  health_score: number;
  speed_fuel_per_ms: number;
  standing: 'unknown' | 'unchecked' | 'sound' | 'suspect' | 'banned';
  results: number;
  mismatches: number;
  leases: number;
  drained_at: Date | null;
  enrolled_at: Date;
  last_seen_at: Date | null;
  /** What it is sorted by, as text. */
  place: string;
}

type Query = QueryOf<typeof ROUTES.searchNodes>;
export interface Cursor {
  place: string;
  id: string;
}

/** What lists are sorted by, and what kind of value that is. */
const SORTS: Readonly<Record<Query['sort'], readonly [expression: string, type: string]>> = {
  name: ['lower(n.name)', 'text'],
  enrolled: ['n.enrolled_at', 'timestamptz'],
  seen: ["COALESCE(n.last_seen_at, '-infinity')", 'timestamptz'],
  health: ['n.health_score', 'int'],
  speed: ['n.speed_fuel_per_ms', 'float8'],
  results: ['COALESCE(s.results, 0)', 'bigint'],
  mismatches: ['COALESCE(s.mismatches, 0)', 'int'],
};

const STANDING = `CASE WHEN s.node_id IS NULL THEN 'unknown' WHEN s.banned IS NOT NULL THEN 'banned' WHEN s.mismatches > 0 THEN 'suspect'
  WHEN s.checked > 0 THEN 'sound' ELSE 'unchecked' END`;
const REGION = 'COALESCE(n.region, r.region)';
const FROM = `FROM node n LEFT JOIN node_standing s ON s.node_id = n.id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id`;
const WHERE = `($1::text IS NULL OR n.name ILIKE $1 OR n.id::text LIKE $2) AND ($3::node_kind IS NULL OR n.kind = $3)
  AND ($4::text IS NULL OR n.presence = $4) AND ($5::bool IS NULL OR (n.state IN ('ONLINE', 'PAUSED')) = $5)
  AND ($6::text IS NULL OR COALESCE(${REGION}, 'none') = $6) AND ($7::text IS NULL OR n.agent_version = $7) AND ($8::uuid IS NULL OR n.owner_id = $8)
  AND ($9::text IS NULL OR ${STANDING} = $9)
  AND ($10::bool IS NULL OR EXISTS (SELECT 1 FROM penalty p WHERE p.node_id = n.id AND p.state = 'ACTIVE') = $10)
  AND ($11::bool IS NULL OR (n.drained_at IS NOT NULL) = $11) AND ($12::int IS NULL OR n.health_score < $12) AND ($13 OR n.state <> 'REVOKED')`;
/** Nobody reads on so far that a better count would tell them more. */
const COUNTED = 100_000;

const flag = (value: 'true' | 'false' | undefined): boolean | null => (value === undefined ? null : value === 'true');
const like = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

@Injectable()
export class NodeSearchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  private static filters(query: Query): unknown[] {
    const q = query.q?.trim() || undefined;
    return [
      q === undefined ? null : `%${like(q)}%`,
      q === undefined ? null : `${like(q.toLowerCase())}%`,
      query.kind ?? null,
      query.presence ?? null,
      flag(query.connected),
      query.region ?? null,
      query.version ?? null,
      query.owner_id ?? null,
      query.standing ?? null,
      flag(query.penalised),
      flag(query.drained),
      query.health_below ?? null,
      query.gone === 'true',
    ];
  }

  /** The page after a place in the order. */
  async page(query: Query, after: Cursor | null): Promise<AdminNodeRow[]> {
    const [expression, type] = SORTS[query.sort];
    const [compare, direction] = query.order === 'up' ? ['>', 'ASC'] : ['<', 'DESC'];
    const { rows } = await this.database.query<AdminNodeRow>(
      `SELECT f.*, p.name AS owner_name, p.email AS owner_email,
         (SELECT count(*)::int FROM lease l WHERE l.node_id = f.id AND l.state <> 'ENDED') AS leases
       FROM (SELECT n.id, n.name, n.kind, n.owner_id, n.state, n.presence, COALESCE(n.drain_code, n.reason_code) AS reason_code,
               COALESCE(n.drain_sentence, n.reason_sentence) AS reason_sentence, ${REGION} AS region, n.agent_version, n.health_score,
               n.speed_fuel_per_ms, ${STANDING} AS standing, COALESCE(s.results, 0)::float8 AS results, COALESCE(s.mismatches, 0) AS mismatches,
               n.drained_at, n.enrolled_at, n.last_seen_at, (${expression})::text AS place, ${expression} AS sorted
             ${FROM} WHERE ${WHERE} AND ($14::text IS NULL OR (${expression}, n.id) ${compare} ($14::${type}, $15::uuid))
             ORDER BY ${expression} ${direction}, n.id ${direction} LIMIT $16) AS f
       JOIN person p ON p.id = f.owner_id ORDER BY f.sorted ${direction}, f.id ${direction}`,
      [...NodeSearchStore.filters(query), after?.place ?? null, after?.id ?? null, query.limit],
    );
    return rows;
  }

  async count(query: Query): Promise<{ count: number; at_least: boolean }> {
    const { rows } = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT 1 ${FROM} WHERE ${WHERE} LIMIT ${COUNTED + 1}) AS counted`,
      NodeSearchStore.filters(query),
    );
    const count = rows[0]?.count ?? 0;
    return { count: Math.min(count, COUNTED), at_least: count > COUNTED };
  }
}
