import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { VolumeClass } from '#units';

/** A stored segment that something happened to, and what is left of it. Each index counts once. */
export interface SegmentAtRisk {
  file_id: string;
  ordinal: number;
  volume_id: string;
  class: VolumeClass;
  piece_bytes: number;
  data_bytes: number;
  roots: string[];
  /** The heap keeps k pieces itself. */
  held: boolean;
  /** Indexes that devices keep, those that leave among them; that are on their way; that leave and have no successor yet. */
  there: number[];
  coming: number[];
  leaving: number[];
  /** When it was to be looked at, as the database writes it: another value means that something happened to it since. */
  look_at: string | null;
}

/** A piece that can be read: of a connected device, or the heap's own. */
export interface SourcePiece {
  id: string;
  index: number;
  bytes: number;
  node_id: string;
  state: 'STORED' | 'SUSPECT' | 'LEAVING';
  connected: boolean;
}

const AT_RISK = `SELECT s.file_id, s.ordinal, s.volume_id, v.class, s.piece_bytes, s.data_bytes, s.roots, s.look_at::text AS look_at,
    EXISTS (SELECT 1 FROM held_piece h WHERE h.file_id = s.file_id AND h.ordinal = s.ordinal) AS held,
    COALESCE(array_agg(DISTINCT p.index) FILTER (WHERE p.state IN ('STORED', 'SUSPECT', 'LEAVING')), '{}') AS there,
    COALESCE(array_agg(DISTINCT p.index) FILTER (WHERE p.state IN ('PLANNED', 'SPOOLED')), '{}') AS coming,
    COALESCE(array_agg(DISTINCT p.index) FILTER (WHERE p.state = 'LEAVING' AND NOT EXISTS (SELECT 1 FROM volume_piece o WHERE o.file_id = p.file_id
      AND o.ordinal = p.ordinal AND o.index = p.index AND o.state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT'))), '{}') AS leaving
  FROM volume_segment s JOIN volume v ON v.id = s.volume_id AND v.state <> 'ENDED' JOIN volume_file f ON f.id = s.file_id AND f.state = 'STORED'
  LEFT JOIN volume_piece p ON p.file_id = s.file_id AND p.ordinal = s.ordinal`;

/** Under way for longer than this, it was given up: its process died. */
const GIVEN_UP = "interval '30 minutes'";

@Injectable()
export class RepairStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Stored segments that are to be looked at now, the longest waiting first. */
  async due(limit: number): Promise<SegmentAtRisk[]> {
    const { rows } = await this.database.query<SegmentAtRisk>(
      `${AT_RISK} WHERE (s.file_id, s.ordinal) IN (SELECT file_id, ordinal FROM volume_segment
         WHERE look_at <= now() AND (repairing_at IS NULL OR repairing_at < now() - ${GIVEN_UP}) ORDER BY look_at LIMIT $1)
       GROUP BY s.file_id, s.ordinal, v.class`,
      [limit],
    );
    return rows;
  }

  async segment(db: Queryable, file_id: string, ordinal: number): Promise<SegmentAtRisk | null> {
    const { rows } = await db.query<SegmentAtRisk>(
      `${AT_RISK} WHERE s.file_id = $1 AND s.ordinal = $2 GROUP BY s.file_id, s.ordinal, v.class`,
      [file_id, ordinal],
    );
    return rows[0] ?? null;
  }

  /** Nothing is to be done for these until something happens to them, or has since they were read. */
  async rest(segments: readonly Pick<SegmentAtRisk, 'file_id' | 'ordinal' | 'look_at'>[]): Promise<void> {
    if (segments.length === 0) return;
    await this.database.query(
      `UPDATE volume_segment s SET look_at = NULL FROM unnest($1::uuid[], $2::int[], $3::text[]) AS x(file_id, ordinal, look_at)
       WHERE s.file_id = x.file_id AND s.ordinal = x.ordinal AND s.look_at = x.look_at::timestamptz`,
      [segments.map((s) => s.file_id), segments.map((s) => s.ordinal), segments.map((s) => s.look_at)],
    );
  }

  /** Another device keeps for this reservation: segments that wait are looked at now. @returns whether any does */
  async wake(reservation_id: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE volume_segment s SET look_at = now() FROM volume v WHERE v.reservation_id = $1 AND s.volume_id = v.id AND s.look_at > now()`,
      [reservation_id],
    );
    return (rowCount ?? 0) > 0;
  }

  /** @returns when it was to be looked at; undefined when another works on it. */
  async begin(file_id: string, ordinal: number): Promise<string | null | undefined> {
    const { rows } = await this.database.query<{ look_at: string | null }>(
      `UPDATE volume_segment SET repairing_at = now() WHERE file_id = $1 AND ordinal = $2 AND (repairing_at IS NULL OR repairing_at < now() - ${GIVEN_UP})
       RETURNING look_at::text AS look_at`,
      [file_id, ordinal],
    );
    return rows[0]?.look_at;
  }

  /** It is looked at again after so long (null: when something happens to it), or at once if something has since `begin`. */
  async end(file_id: string, ordinal: number, began_with: string | null, look_in_ms: number | null): Promise<void> {
    await this.database.query(
      `UPDATE volume_segment SET repairing_at = NULL,
         look_at = CASE WHEN look_at IS DISTINCT FROM $3::timestamptz THEN look_at ELSE now() + make_interval(secs => $4::float8 / 1000) END
       WHERE file_id = $1 AND ordinal = $2`,
      [file_id, ordinal, began_with, look_in_ms],
    );
  }

  /** Makes a place for each of these indexes that has none. @returns the places without a device, by index */
  async places(
    tx: Transaction,
    segment: SegmentAtRisk,
    ids: readonly string[],
    indexes: readonly number[],
  ): Promise<{ id: string; index: number }[]> {
    await tx.query(
      `INSERT INTO volume_piece (id, file_id, ordinal, index, volume_id, bytes, state)
       SELECT x.id, $3, $4, x.index, $5, $6, 'UNPLACED' FROM unnest($1::uuid[], $2::int[]) AS x(id, index)
       ON CONFLICT (file_id, ordinal, index) WHERE state IN ('UNPLACED', 'PLANNED', 'SPOOLED', 'STORED', 'SUSPECT') DO NOTHING`,
      [ids, indexes, segment.file_id, segment.ordinal, segment.volume_id, segment.piece_bytes],
    );
    const { rows } = await tx.query<{ id: string; index: number }>(
      "SELECT id, index FROM volume_piece WHERE file_id = $1 AND ordinal = $2 AND index = ANY($3) AND state = 'UNPLACED' ORDER BY index",
      [segment.file_id, segment.ordinal, indexes],
    );
    return rows;
  }

  /** Pieces that could not be made: their place waits without a device. */
  async unplace(piece_ids: readonly string[]): Promise<void> {
    await this.database.query(
      "UPDATE volume_piece SET state = 'UNPLACED', node_id = NULL, lease_id = NULL, cluster = NULL WHERE id = ANY($1) AND state = 'PLANNED'",
      [piece_ids],
    );
  }

  /** Kept pieces of a segment, those of connected devices first; which of these is left to chance. */
  async sources(file_id: string, ordinal: number): Promise<SourcePiece[]> {
    const { rows } = await this.database.query<SourcePiece>(
      `SELECT p.id, p.index, p.bytes, p.node_id, p.state, n.state IN ('ONLINE', 'PAUSED') AS connected FROM volume_piece p JOIN node n ON n.id = p.node_id
       WHERE p.file_id = $1 AND p.ordinal = $2 AND p.state IN ('STORED', 'SUSPECT', 'LEAVING') AND n.state IN ('ONLINE', 'PAUSED')
       ORDER BY p.state = 'SUSPECT', random()`,
      [file_id, ordinal],
    );
    return rows;
  }

  /** What repair has moved today. */
  async today(): Promise<number> {
    const { rows } = await this.database.query<{ bytes: bigint }>(
      "SELECT bytes FROM repair_day WHERE day = (now() AT TIME ZONE 'UTC')::date",
    );
    return Number(rows[0]?.bytes ?? 0n);
  }

  /**
   * Takes bytes of the day before they are moved, so that repairs at the same time, in any process, stay within it together. Null as `most` takes them whatever
   * is left. @returns the day they are of; null when they do not fit
   */
  async claim(bytes: number, most: number | null): Promise<string | null> {
    const { rows } = await this.database.query<{ day: string }>(
      `INSERT INTO repair_day AS d (day, bytes) SELECT (now() AT TIME ZONE 'UTC')::date, $1::bigint WHERE $2::bigint IS NULL OR $1::bigint <= $2::bigint
       ON CONFLICT (day) DO UPDATE SET bytes = d.bytes + excluded.bytes WHERE $2::bigint IS NULL OR d.bytes + excluded.bytes <= $2::bigint
       RETURNING day::text AS day`,
      [bytes, most],
    );
    return rows[0]?.day ?? null;
  }

  /** What was claimed and not moved is there again. */
  async giveBack(day: string, bytes: number): Promise<void> {
    await this.database.query('UPDATE repair_day SET bytes = GREATEST(0, bytes - $2::bigint) WHERE day = $1::date', [day, bytes]);
  }

  /** It waits for the bytes of another day, as long as it has already. */
  async postpone(file_id: string, ordinal: number): Promise<void> {
    await this.database.query(
      'UPDATE volume_segment SET repairing_at = NULL, look_at = COALESCE(look_at, now()) WHERE file_id = $1 AND ordinal = $2',
      [file_id, ordinal],
    );
  }

  /** Repairs whose process died begin again: what was placed and never made counts as on its way no more. */
  async recover(): Promise<void> {
    await this.database.query(
      `WITH dead AS (UPDATE volume_segment SET repairing_at = NULL, look_at = now() WHERE repairing_at < now() - ${GIVEN_UP} RETURNING file_id, ordinal)
       UPDATE volume_piece p SET state = 'UNPLACED', node_id = NULL, lease_id = NULL, cluster = NULL FROM dead d
       WHERE p.file_id = d.file_id AND p.ordinal = d.ordinal AND p.state = 'PLANNED'`,
    );
  }

  /**
   * Open leases of volumes on devices that leave or are not trusted any more: the market finds others in their place. One that leaves is let go when its
   * pieces have proven what it is owed, or an hour after it was drained.
   */
  async departing(): Promise<{ lease_id: string; disqualified: boolean }[]> {
    const { rows } = await this.database.query<{ lease_id: string; disqualified: boolean }>(
      `SELECT l.id AS lease_id, COALESCE(s.standing = 'disqualified', false) AS disqualified
       FROM kept_lease l JOIN volume v ON v.reservation_id = l.reservation_id JOIN node n ON n.id = l.node_id LEFT JOIN node_storage s ON s.node_id = n.id
       WHERE l.state <> 'ENDED' AND l.market LIKE 'storage:%' AND (s.standing = 'disqualified' OR (n.drained_at IS NOT NULL AND (n.drained_at < now() - interval '1 hour'
         OR NOT EXISTS (SELECT 1 FROM volume_piece p WHERE p.lease_id = l.id AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')
           AND COALESCE(p.audited_at, '-infinity') < n.drained_at))))`,
    );
    return rows;
  }
}
