import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { ALWAYS_ON_SHARE, type Limits, type Strain } from '#placement';
import type { Micro } from '#units';
import type { LivePieceState } from './files.store.js';
import { ONLINE_SHARE } from './online-share.js';

export interface SegmentHealth {
  file_id: string;
  ordinal: number;
  /** Pieces with different indexes that are kept. */
  available: number;
}

export interface NodeFigures {
  node_id: string;
  held: bigint | null;
  bytes: bigint | null;
  free_bytes: bigint | null;
  said_at: Date | null;
  pieces: number;
  kept_bytes: bigint;
  volumes: number;
  people: number;
  leaving: number;
  earned_micro: Micro;
  passed: bigint;
  failed: bigint;
  unanswered: bigint;
  audited_at: Date | null;
  corruption_score: number;
  online_score: number;
  vetted_at: Date | null;
}

/** Figures about volumes and about what devices keep of them. */
@Injectable()
export class HealthStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async pieces(volume_id: string): Promise<{ state: LivePieceState; count: number }[]> {
    const { rows } = await this.database.query<{ state: LivePieceState; count: number }>(
      `SELECT p.state, count(*)::int AS count FROM volume_piece p JOIN volume_file f ON f.id = p.file_id
       WHERE p.volume_id = $1 AND f.state = 'STORED' AND p.state <> 'GONE' GROUP BY p.state`,
      [volume_id],
    );
    return rows;
  }

  async audits(volume_id: string): Promise<{ audited_at: Date | null; oldest_audit_at: Date | null }> {
    const { rows } = await this.database.query<{ audited_at: Date | null; oldest_audit_at: Date | null }>(
      `SELECT max(audited_at) AS audited_at, min(COALESCE(audited_at, stored_at)) AS oldest_audit_at FROM volume_piece
       WHERE volume_id = $1 AND state IN ('STORED', 'SUSPECT', 'LEAVING')`,
      [volume_id],
    );
    return rows[0] ?? { audited_at: null, oldest_audit_at: null };
  }

  /** The stored segments of a volume: how many there are, and the one with the fewest pieces. */
  async segments(
    volume_id: string,
    k: number,
  ): Promise<{ least: SegmentHealth | null; least_always_on: number; stored: number; repairing: number; lost: number }> {
    const { rows } = await this.database.query<
      SegmentHealth & { least_always_on: number; stored: number; repairing: number; lost: number }
    >(
      `WITH kept AS (
         SELECT s.file_id, s.ordinal, s.repairing_at, count(DISTINCT p.index)::int AS available,
           count(DISTINCT p.index) FILTER (WHERE ${ONLINE_SHARE} >= $3)::int AS always_on,
           EXISTS (SELECT 1 FROM held_piece h WHERE h.file_id = s.file_id AND h.ordinal = s.ordinal) AS held
         FROM volume_segment s JOIN volume_file f ON f.id = s.file_id AND f.state = 'STORED'
         LEFT JOIN volume_piece p ON p.file_id = s.file_id AND p.ordinal = s.ordinal AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')
         LEFT JOIN node n ON n.id = p.node_id WHERE s.volume_id = $1 GROUP BY s.file_id, s.ordinal
       ) SELECT file_id, ordinal, available, (min(always_on) OVER ())::int AS least_always_on, count(*) OVER ()::int AS stored,
           (count(*) FILTER (WHERE repairing_at IS NOT NULL) OVER ())::int AS repairing,
           (count(*) FILTER (WHERE available < $2 AND NOT held) OVER ())::int AS lost FROM kept ORDER BY available, file_id, ordinal LIMIT 1`,
      [volume_id, k, ALWAYS_ON_SHARE],
    );
    const [row] = rows;
    if (!row) return { least: null, least_always_on: 0, stored: 0, repairing: 0, lost: 0 };
    const { file_id, ordinal, available, ...states } = row;
    return { least: { file_id, ordinal, available }, ...states };
  }

  /** By how much segments go beyond the shares of what they could be lost by together. */
  async strains(volume_id: string, { domain, unvetted }: Pick<Limits, 'domain' | 'unvetted'>): Promise<Strain[]> {
    const { rows } = await this.database.query<Strain>(
      `WITH kept AS (
         SELECT p.file_id, p.ordinal, n.agent_version, split_part(COALESCE(n.region, o.region), '-', 1) AS country, s.vetted_at IS NULL AS unvetted
         FROM volume_piece p JOIN volume_file f ON f.id = p.file_id AND f.state = 'STORED' JOIN node n ON n.id = p.node_id
         LEFT JOIN owner_rules o ON o.owner_id = n.owner_id LEFT JOIN node_storage s ON s.node_id = n.id
         WHERE p.volume_id = $1 AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')
       ), counted AS (
         SELECT 'agent_version' AS "limit", agent_version AS label, count(*)::int AS pieces, $2::int AS most FROM kept WHERE agent_version IS NOT NULL
         GROUP BY file_id, ordinal, agent_version
         UNION ALL SELECT 'country', country, count(*)::int, $2 FROM kept WHERE country IS NOT NULL GROUP BY file_id, ordinal, country
         UNION ALL SELECT 'unvetted', NULL, count(*)::int, $3 FROM kept WHERE unvetted GROUP BY file_id, ordinal
       ) SELECT "limit", label, max(pieces)::int AS pieces, most FROM counted WHERE pieces > most GROUP BY "limit", label, most ORDER BY "limit", label`,
      [volume_id, domain, unvetted],
    );
    return rows;
  }

  /** What a device of this owner keeps; null when there is none. */
  async node(node_id: string, owner_id: string): Promise<NodeFigures | null> {
    const { rows } = await this.database.query<NodeFigures>(
      `SELECT n.id AS node_id, s.held, s.bytes, s.free_bytes, s.said_at, k.pieces, k.kept_bytes, k.volumes, k.people, k.leaving,
         (SELECT COALESCE(sum(l.charged_micro), 0)::bigint FROM kept_lease l WHERE l.node_id = n.id AND l.market LIKE 'storage:%') AS earned_micro,
         COALESCE(s.passed, 0)::bigint AS passed, COALESCE(s.failed, 0)::bigint AS failed, COALESCE(s.unanswered, 0)::bigint AS unanswered, s.audited_at,
         COALESCE(s.corruption_score, 1) AS corruption_score, COALESCE(s.online_score, 1) AS online_score, s.vetted_at
       FROM node n LEFT JOIN node_storage s ON s.node_id = n.id CROSS JOIN LATERAL (
         SELECT count(*)::int AS pieces, COALESCE(sum(p.bytes), 0)::bigint AS kept_bytes, count(DISTINCT p.volume_id)::int AS volumes,
           count(DISTINCT v.person_id)::int AS people, count(*) FILTER (WHERE p.state = 'LEAVING')::int AS leaving
         FROM volume_piece p JOIN volume v ON v.id = p.volume_id WHERE p.node_id = n.id AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')) AS k
       WHERE n.id = $1 AND n.owner_id = $2`,
      [node_id, owner_id],
    );
    return rows[0] ?? null;
  }
}
