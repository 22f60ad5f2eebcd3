import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Tied } from './union.js';

export interface Link {
  kind: 'card' | 'bank' | 'device' | 'network' | 'burst';
  value: string;
  owner_id: string;
}

/** The key under which clusters are joined one after the other. */
const JOINING = 2_023_070_907;

@Injectable()
export class ClustersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One at a time: two that join at once would each miss the other's. */
  async lock(tx: Transaction): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [JOINING]);
  }

  /** Notes links. @returns those that were not known. */
  async add(tx: Transaction, links: readonly Link[]): Promise<Pick<Link, 'kind' | 'value'>[]> {
    if (links.length === 0) return [];
    const { rows } = await tx.query<Pick<Link, 'kind' | 'value'>>(
      `INSERT INTO cluster_link (kind, value, owner_id) SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS l
       ON CONFLICT DO NOTHING RETURNING kind, value`,
      [links.map((l) => l.kind), links.map((l) => l.value), links.map((l) => l.owner_id)],
    );
    return rows;
  }

  /** Cards, bank accounts and devices of owners of nodes: of these, or of who was seen lately. @returns the links that were not known. */
  async addFingerprints(
    tx: Transaction,
    of: { owners: readonly string[] } | { lately_ms: number },
  ): Promise<Pick<Link, 'kind' | 'value'>[]> {
    const { rows } = await tx.query<Pick<Link, 'kind' | 'value'>>(
      `INSERT INTO cluster_link (kind, value, owner_id) SELECT f.kind, f.fingerprint, f.person_id FROM payment_fingerprint f
       WHERE f.kind IN ('card', 'bank', 'device') AND (f.person_id = ANY($1) OR f.seen_at > now() - make_interval(secs => $2::float8 / 1000))
       ON CONFLICT DO NOTHING RETURNING kind, value`,
      ['owners' in of ? of.owners : [], 'lately_ms' in of ? of.lately_ms : 0],
    );
    return rows;
  }

  /** When each of these owners' first device was enrolled, as the number of a stretch of time. */
  async firstEnrolments(tx: Transaction, owners: readonly string[], stretch_ms: number): Promise<Map<string, string>> {
    const { rows } = await tx.query<{ owner_id: string; stretch: string }>(
      `SELECT owner_id, floor(extract(epoch FROM min(enrolled_at)) * 1000 / $2)::text AS stretch FROM node WHERE owner_id = ANY($1) GROUP BY owner_id`,
      [owners, stretch_ms],
    );
    return new Map(rows.map(({ owner_id, stretch }) => [owner_id, stretch]));
  }

  /** Who shares these links, link by link. */
  async sharing(tx: Transaction, links: readonly Pick<Link, 'kind' | 'value'>[]): Promise<{ kind: Link['kind']; tied: Tied[] }[]> {
    const { rows } = await tx.query<Tied & Pick<Link, 'kind' | 'value'>>(
      `SELECT l.kind, l.value, l.owner_id, COALESCE(o.cluster_id, l.owner_id) AS cluster_id
       FROM (SELECT DISTINCT kind, value FROM unnest($1::text[], $2::text[]) AS n(kind, value)) AS n
       JOIN cluster_link l ON l.kind = n.kind AND l.value = n.value LEFT JOIN owner_cluster o ON o.owner_id = l.owner_id
       ORDER BY l.kind, l.value, l.owner_id`,
      [links.map((l) => l.kind), links.map((l) => l.value)],
    );
    const groups = new Map<string, { kind: Link['kind']; tied: Tied[] }>();
    for (const { kind, value, ...tied } of rows) {
      const key = `${kind} ${value}`;
      const group = groups.get(key) ?? { kind, tied: [] };
      groups.set(key, group);
      group.tied.push(tied);
    }
    return [...groups.values()];
  }

  /** Owners get a row with their first neighbour; whole clusters move. */
  async move(tx: Transaction, owners: readonly Tied[], moves: ReadonlyMap<string, string>): Promise<void> {
    await tx.query(
      `INSERT INTO owner_cluster (owner_id, cluster_id) SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS o ON CONFLICT DO NOTHING`,
      [owners.map((o) => o.owner_id), owners.map((o) => o.cluster_id)],
    );
    await tx.query(
      'UPDATE owner_cluster o SET cluster_id = m.new FROM unnest($1::uuid[], $2::uuid[]) AS m(old, new) WHERE o.cluster_id = m.old',
      [[...moves.keys()], [...moves.values()]],
    );
  }

  /** Clusters of several owners, with what ties them and how their nodes stand; the largest first. */
  async list(limit: number): Promise<
    {
      cluster_id: string;
      owners: number;
      nodes: number;
      banned: number;
      mismatches: number;
      ties: { kind: Link['kind']; value: string; owners: number }[];
    }[]
  > {
    const { rows } = await this.database.query<Awaited<ReturnType<ClustersStore['list']>>[number]>(
      `SELECT c.cluster_id, c.owners, COALESCE(s.nodes, 0) AS nodes, COALESCE(s.banned, 0) AS banned, COALESCE(s.mismatches, 0) AS mismatches,
         (SELECT COALESCE(json_agg(t), '[]') FROM (
            SELECT l.kind, l.value, count(*)::int AS owners FROM cluster_link l JOIN owner_cluster o ON o.owner_id = l.owner_id
            WHERE o.cluster_id = c.cluster_id GROUP BY l.kind, l.value HAVING count(*) > 1 ORDER BY count(*) DESC, l.kind, l.value LIMIT 20) AS t) AS ties
       FROM (SELECT cluster_id, count(*)::int AS owners FROM owner_cluster GROUP BY cluster_id HAVING count(*) > 1) AS c
       LEFT JOIN LATERAL (
         SELECT count(*)::int AS nodes, (count(s.banned))::int AS banned, sum(s.mismatches)::int AS mismatches
         FROM owner_cluster o JOIN node_standing s ON s.owner_id = o.owner_id WHERE o.cluster_id = c.cluster_id) AS s ON true
       ORDER BY c.owners DESC, c.cluster_id LIMIT $1`,
      [limit],
    );
    return rows;
  }
}
