import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '#database';
import type { Candidate, Device } from '#placement';
import { ONLINE_SHARE } from './online-share.js';

export interface CandidateRow extends Candidate {
  node_id: string;
  lease_id: string;
}

export interface DeviceRow extends Device {
  node_id: string;
  ordinal: number;
  index: number;
}

/** What placement knows of a device `n` of owner rules `o`, cluster `c` and storage `s`. */
const DEVICE = `COALESCE(c.cluster_id, n.owner_id)::text AS cluster, s.prefix, NULL::text AS provider,
  split_part(COALESCE(n.region, o.region), '-', 1) AS country, NULL::text AS os, n.agent_version,
  ${ONLINE_SHARE} AS online_share, s.vetted_at IS NOT NULL AS vetted`;
const JOINS = `LEFT JOIN owner_rules o ON o.owner_id = n.owner_id LEFT JOIN owner_cluster c ON c.owner_id = n.owner_id
  LEFT JOIN node_storage s ON s.node_id = n.id`;

/** Devices as placement sees them. */
@Injectable()
export class DevicesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Connected devices in good standing with open leases of a volume, and for how many pieces of this size each has room. */
  async candidates(db: Queryable, volume_id: string, bytes: number, not_nodes: readonly string[]): Promise<CandidateRow[]> {
    const { rows } = await db.query<CandidateRow>(
      `SELECT n.id AS node_id, l.id AS lease_id, ${DEVICE}, s.corruption_score AS audit_score,
         floor(GREATEST(0, LEAST(l.quantity * 1000000000.0 - u.bytes, s.free_bytes - w.bytes)) / $2)::int AS room
       FROM volume v JOIN kept_lease l ON l.reservation_id = v.reservation_id AND l.state = 'ACTIVE' AND l.leaving_code IS NULL
       JOIN node n ON n.id = l.node_id AND n.state = 'ONLINE' AND n.drained_at IS NULL ${JOINS}
       CROSS JOIN LATERAL (SELECT COALESCE(sum(p.bytes), 0) AS bytes FROM volume_piece p
         WHERE p.lease_id = l.id AND p.state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING')) AS u
       CROSS JOIN LATERAL (SELECT COALESCE(sum(p.bytes), 0) AS bytes FROM volume_piece p
         WHERE p.node_id = n.id AND p.state IN ('PLANNED', 'SPOOLED')) AS w
       WHERE v.id = $1 AND s.said_at IS NOT NULL AND s.standing = 'good' AND n.id <> ALL($3::uuid[])
       ORDER BY l.id`,
      [volume_id, bytes, not_nodes],
    );
    return rows;
  }

  /** The devices of a segment's pieces that are kept or on their way. */
  async ofSegment(db: Queryable, file_id: string, ordinal: number): Promise<DeviceRow[]> {
    const { rows } = await db.query<DeviceRow>(
      `SELECT n.id AS node_id, p.ordinal, p.index, ${DEVICE} FROM volume_piece p JOIN node n ON n.id = p.node_id ${JOINS}
       WHERE p.file_id = $1 AND p.ordinal = $2 AND p.state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT')`,
      [file_id, ordinal],
    );
    return rows;
  }

  /** The devices of a file's stored pieces, one for each index. */
  async storedOf(file_id: string): Promise<DeviceRow[]> {
    const { rows } = await this.database.query<DeviceRow>(
      `SELECT n.id AS node_id, p.ordinal, p.index, ${DEVICE} FROM volume_piece p JOIN node n ON n.id = p.node_id ${JOINS}
       WHERE p.file_id = $1 AND p.state IN ('STORED', 'SUSPECT')`,
      [file_id],
    );
    return rows;
  }

  /** The devices of a volume's open leases that keep pieces. */
  async ofVolume(volume_id: string): Promise<(Device & { node_id: string })[]> {
    const { rows } = await this.database.query<Device & { node_id: string }>(
      `SELECT DISTINCT ON (n.id) n.id AS node_id, ${DEVICE} FROM volume v
       JOIN kept_lease l ON l.reservation_id = v.reservation_id AND l.state <> 'ENDED' JOIN node n ON n.id = l.node_id ${JOINS}
       WHERE v.id = $1 AND s.said_at IS NOT NULL AND s.standing <> 'disqualified' ORDER BY n.id`,
      [volume_id],
    );
    return rows;
  }
}
