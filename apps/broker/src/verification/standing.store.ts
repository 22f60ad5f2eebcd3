import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { LEVEL_RULES, probationLeft, type Standing } from '#verification';

export type Ban = 'device' | 'identity' | 'admin';

/** How a node stands, and how far its results are final. */
export interface NodeStanding extends Standing {
  node_id: string;
  owner_id: string;
  /** Accepted results of orders that are checked. */
  results: bigint;
  /** Checks of its results that are ordered and not decided. */
  pending: number;
  mismatches: number;
  wrong_at: number[];
  closed: bigint;
  closing: bigint | null;
  banned: Ban | null;
}

const COLUMNS = 'node_id, owner_id, results, pending, confirmed, checked, mismatches, wrong_at, closed, closing, banned';

@Injectable()
export class StandingStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Counts accepted results; rows are locked in the order of their ids. @returns how each of the nodes stands.
   */
  async count(
    tx: Transaction,
    nodes: readonly { node_id: string; owner_id: string; results: number }[],
  ): Promise<Map<string, NodeStanding>> {
    const { rows } = await tx.query<NodeStanding>(
      `INSERT INTO node_standing AS s (node_id, owner_id, results)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS n(node_id, owner_id, results) ORDER BY n.node_id
       ON CONFLICT (node_id) DO UPDATE SET results = s.results + excluded.results, last_result_at = now()
       RETURNING ${COLUMNS}`,
      [nodes.map((n) => n.node_id), nodes.map((n) => n.owner_id), nodes.map((n) => n.results)],
    );
    return new Map(rows.map((row) => [row.node_id, row]));
  }

  /** In the order of their ids, as everywhere. */
  async lock(tx: Transaction, node_ids: readonly string[]): Promise<Map<string, NodeStanding>> {
    const { rows } = await tx.query<NodeStanding>(
      `SELECT ${COLUMNS} FROM node_standing WHERE node_id = ANY($1) ORDER BY node_id FOR NO KEY UPDATE`,
      [node_ids],
    );
    return new Map(rows.map((row) => [row.node_id, row]));
  }

  /** Writes what checks have shown of nodes that are locked. */
  async save(tx: Transaction, nodes: readonly NodeStanding[]): Promise<void> {
    if (nodes.length === 0) return;
    await tx.query(
      `UPDATE node_standing s SET pending = n.pending, confirmed = n.confirmed, checked = n.checked,
         mismatches = n.mismatches, wrong_at = n.wrong_at::int[], closed = n.closed, closing = n.closing, banned = n.banned
       FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bigint[], $8::bigint[], $9::text[])
         AS n(node_id, pending, confirmed, checked, mismatches, wrong_at, closed, closing, banned) WHERE s.node_id = n.node_id`,
      [
        nodes.map((n) => n.node_id),
        nodes.map((n) => n.pending),
        nodes.map((n) => n.confirmed),
        nodes.map((n) => n.checked),
        nodes.map((n) => n.mismatches),
        nodes.map((n) => `{${n.wrong_at.join(',')}}`),
        nodes.map((n) => n.closed),
        nodes.map((n) => n.closing),
        nodes.map((n) => n.banned),
      ],
    );
    await tx.query(
      `UPDATE node SET trust = t.trust FROM unnest($1::uuid[], $2::int[]) AS t(id, trust) WHERE node.id = t.id AND node.trust <> t.trust`,
      [nodes.map((n) => n.node_id), nodes.map(trustOf)],
    );
  }

  /** Nodes that have reported nothing for a while and have results that are not final. */
  async quiet(quiet_ms: number, window_results: number, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ node_id: string }>(
      `SELECT node_id FROM node_standing WHERE results > closed AND closing IS NULL AND last_result_at < now() - make_interval(secs => $1::float8 / 1000)
         AND EXISTS (SELECT 1 FROM attempt a WHERE a.node_id = node_standing.node_id AND a.nth > GREATEST(closed, results - $2))
       ORDER BY last_result_at LIMIT $3`,
      [quiet_ms, window_results, limit],
    );
    return rows.map((row) => row.node_id);
  }

  /** Nodes whose closing checks are all decided. */
  async closable(limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ node_id: string }>(
      `SELECT node_id FROM node_standing s WHERE closing IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM result_check c WHERE c.node_id = s.node_id AND c.state IN ('WANTED', 'OUT') AND c.kind NOT IN ('appeal', 'objection'))
       LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.node_id);
  }

  async of(node_ids: readonly string[], db: Queryable = this.database): Promise<Map<string, NodeStanding>> {
    const { rows } = await db.query<NodeStanding>(`SELECT ${COLUMNS} FROM node_standing WHERE node_id = ANY($1)`, [node_ids]);
    return new Map(rows.map((row) => [row.node_id, row]));
  }
}

/** As many as results were confirmed in a row, up to 100; 0 for strangers and who is on probation or banned. */
const trustOf = (standing: NodeStanding): number =>
  standing.banned !== null || probationLeft(LEVEL_RULES.L1, standing) > 0 ? 0 : Math.min(100, standing.confirmed);
