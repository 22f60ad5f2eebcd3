import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { VolumeClass } from '#units';

export interface FileRow {
  id: string;
  volume_id: string;
  state: 'UPLOADING' | 'STORED' | 'DELETED';
  reason_code: string;
  reason_sentence: string;
  segments: number | null;
  created_at: Date;
  stored_at: Date | null;
  deleted_at: Date | null;
  bytes: bigint;
  class: VolumeClass;
  gigabytes: number;
  person_id: string;
  volume_state: 'WAITING' | 'READY' | 'GRACE' | 'ENDED';
}

export interface SegmentRow {
  file_id: string;
  ordinal: number;
  volume_id: string;
  data_bytes: number;
  piece_bytes: number;
  roots: string[];
}

export type LivePieceState = 'UNPLACED' | 'PLANNED' | 'SPOOLED' | 'STORED' | 'SUSPECT' | 'LEAVING' | 'MISSING' | 'CORRUPT';

export interface PieceRow {
  id: string;
  file_id: string;
  ordinal: number;
  index: number;
  volume_id: string;
  bytes: number;
  state: LivePieceState;
  node_id: string | null;
  /** Its device is connected. */
  connected: boolean;
  root: string;
}

/** What a piece takes at least, as far as a volume's size goes. */
export const COUNTED_BYTES_MIN = 4_096;

const FILE = `SELECT f.*, v.class, v.gigabytes, v.person_id, v.state AS volume_state,
    (SELECT COALESCE(sum(s.data_bytes), 0)::bigint FROM volume_segment s WHERE s.file_id = f.id) AS bytes
  FROM volume_file f JOIN volume v ON v.id = f.volume_id`;

/** Of several pieces of one index the one that counts: what is kept before what is on its way before what is lost. */
const RANK =
  "array_position(ARRAY['STORED', 'SUSPECT', 'LEAVING', 'SPOOLED', 'PLANNED', 'UNPLACED', 'MISSING', 'CORRUPT']::piece_state[], p.state)";

@Injectable()
export class FilesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(file: { id: string; volume_id: string; idempotency_key: string; code: string; sentence: string }): Promise<string> {
    await this.database.query(
      `INSERT INTO volume_file (id, volume_id, idempotency_key, reason_code, reason_sentence) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (volume_id, idempotency_key) DO NOTHING`,
      [file.id, file.volume_id, file.idempotency_key, file.code, file.sentence],
    );
    const { rows } = await this.database.query<{ id: string }>('SELECT id FROM volume_file WHERE volume_id = $1 AND idempotency_key = $2', [
      file.volume_id,
      file.idempotency_key,
    ]);
    return rows[0]?.id ?? file.id;
  }

  async find(id: string, db: Queryable = this.database): Promise<FileRow | null> {
    return (await db.query<FileRow>(`${FILE} WHERE f.id = $1`, [id])).rows[0] ?? null;
  }

  /** Nobody commits or deletes it meanwhile. */
  async lock(tx: Transaction, id: string): Promise<void> {
    await tx.query('SELECT 1 FROM volume_file WHERE id = $1 FOR NO KEY UPDATE', [id]);
  }

  async list(volume_id: string, before: string | undefined, limit: number): Promise<FileRow[]> {
    const { rows } = await this.database.query<FileRow>(
      `${FILE} WHERE f.volume_id = $1 AND ($2::uuid IS NULL OR f.id < $2) ORDER BY f.id DESC LIMIT $3`,
      [volume_id, before ?? null, limit],
    );
    return rows;
  }

  async segment(file_id: string, ordinal: number, db: Queryable = this.database): Promise<SegmentRow | null> {
    const { rows } = await db.query<SegmentRow>('SELECT * FROM volume_segment WHERE file_id = $1 AND ordinal = $2', [file_id, ordinal]);
    return rows[0] ?? null;
  }

  async segments(file_id: string, from: number, limit: number): Promise<SegmentRow[]> {
    const { rows } = await this.database.query<SegmentRow>(
      'SELECT * FROM volume_segment WHERE file_id = $1 AND ordinal >= $2 ORDER BY ordinal LIMIT $3',
      [file_id, from, limit],
    );
    return rows;
  }

  /** How many segments a file has, and its highest ordinal. */
  async extent(file_id: string): Promise<{ count: number; highest: number }> {
    const { rows } = await this.database.query<{ count: number; highest: number }>(
      'SELECT count(*)::int AS count, COALESCE(max(ordinal), -1)::int AS highest FROM volume_segment WHERE file_id = $1',
      [file_id],
    );
    return rows[0] ?? { count: 0, highest: -1 };
  }

  /** Of each of a volume's devices, how many bytes its segments take; the smallest count as a page of a disk, so that their number has a bound too. */
  async bytesEach(tx: Transaction, volume_id: string): Promise<number> {
    const { rows } = await tx.query<{ bytes: number }>(
      `SELECT COALESCE(sum(GREATEST(s.piece_bytes, ${COUNTED_BYTES_MIN})), 0)::float8 AS bytes FROM volume_segment s JOIN volume_file f ON f.id = s.file_id
       WHERE s.volume_id = $1 AND f.state <> 'DELETED'`,
      [volume_id],
    );
    return rows[0]?.bytes ?? 0;
  }

  /** @returns false when it is there. */
  async insertSegment(tx: Transaction, s: SegmentRow, piece_ids: readonly string[]): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO volume_segment (file_id, ordinal, volume_id, data_bytes, piece_bytes, roots) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (file_id, ordinal) DO NOTHING`,
      [s.file_id, s.ordinal, s.volume_id, s.data_bytes, s.piece_bytes, s.roots],
    );
    if (rowCount !== 1) return false;
    await tx.query(
      `INSERT INTO volume_piece (id, file_id, ordinal, index, volume_id, bytes, state)
       SELECT x.id, $2, $3, x.n - 1, $4, $5, 'UNPLACED' FROM unnest($1::uuid[]) WITH ORDINALITY AS x(id, n)`,
      [piece_ids, s.file_id, s.ordinal, s.volume_id, s.piece_bytes],
    );
    return true;
  }

  /** How many indices of a segment have a device. */
  async placed(file_id: string, ordinal: number): Promise<number> {
    const { rows } = await this.database.query<{ count: number }>(
      `SELECT count(DISTINCT index)::int AS count FROM volume_piece
       WHERE file_id = $1 AND ordinal = $2 AND state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING')`,
      [file_id, ordinal],
    );
    return rows[0]?.count ?? 0;
  }

  /** For each index of these segments the piece that counts. */
  async pieces(file_id: string, from: number, to: number): Promise<PieceRow[]> {
    const { rows } = await this.database.query<PieceRow>(
      `SELECT DISTINCT ON (p.ordinal, p.index) p.id, p.file_id, p.ordinal, p.index, p.volume_id, p.bytes, p.state, p.node_id,
         COALESCE(n.state IN ('ONLINE', 'PAUSED'), false) AS connected, s.roots[p.index + 1] AS root
       FROM volume_piece p JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal LEFT JOIN node n ON n.id = p.node_id
       WHERE p.file_id = $1 AND p.ordinal BETWEEN $2 AND $3 AND p.state <> 'GONE' ORDER BY p.ordinal, p.index, ${RANK}, p.id`,
      [file_id, from, to],
    );
    return rows;
  }

  /** The piece that counts of one index, of a connected device before others. */
  async piece(file_id: string, ordinal: number, index: number): Promise<PieceRow | null> {
    const { rows } = await this.database.query<PieceRow>(
      `SELECT p.id, p.file_id, p.ordinal, p.index, p.volume_id, p.bytes, p.state, p.node_id,
         COALESCE(n.state IN ('ONLINE', 'PAUSED'), false) AS connected, s.roots[p.index + 1] AS root
       FROM volume_piece p JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal LEFT JOIN node n ON n.id = p.node_id
       WHERE p.file_id = $1 AND p.ordinal = $2 AND p.index = $3 AND p.state <> 'GONE'
       ORDER BY COALESCE(n.state IN ('ONLINE', 'PAUSED'), false) AND p.state IN ('STORED', 'SUSPECT', 'LEAVING') DESC, ${RANK}, p.id LIMIT 1`,
      [file_id, ordinal, index],
    );
    return rows[0] ?? null;
  }

  async say(id: string, reason: { code: string; sentence: string }): Promise<void> {
    await this.database.query(
      `UPDATE volume_file SET reason_code = $2, reason_sentence = $3
       WHERE id = $1 AND state = 'UPLOADING' AND (reason_code, reason_sentence) IS DISTINCT FROM ($2, $3)`,
      [id, reason.code, reason.sentence],
    );
  }

  /** @returns false when it is not being uploaded any more. */
  async store(id: string, segments: number, reason: { code: string; sentence: string }): Promise<boolean> {
    const { rows } = await this.database.query(
      `WITH stored AS (
         UPDATE volume_file SET state = 'STORED', segments = $2, reason_code = $3, reason_sentence = $4, stored_at = now()
         WHERE id = $1 AND state = 'UPLOADING' RETURNING id
       ), looked AS (UPDATE volume_segment s SET look_at = now() FROM stored WHERE s.file_id = stored.id)
       SELECT id FROM stored`,
      [id, segments, reason.code, reason.sentence],
    );
    return rows.length === 1;
  }

  /** Makes tombstones of files, once each. @returns those that this call did. */
  async bury(tx: Transaction, ids: readonly string[], reason: { code: string; sentence: string }): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE volume_file SET state = 'DELETED', reason_code = $2, reason_sentence = $3, deleted_at = now()
       WHERE id = ANY($1) AND state <> 'DELETED' RETURNING id`,
      [ids, reason.code, reason.sentence],
    );
    return rows.map((row) => row.id);
  }

  async ofVolume(volume_id: string, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      "SELECT id FROM volume_file WHERE volume_id = $1 AND state <> 'DELETED' ORDER BY id LIMIT $2",
      [volume_id, limit],
    );
    return rows.map((row) => row.id);
  }

  /** Uploads that nobody went on with for so long. */
  async abandoned(days: number): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT f.id FROM volume_file f WHERE f.state = 'UPLOADING' AND f.created_at < now() - make_interval(days => $1)
         AND NOT EXISTS (SELECT 1 FROM volume_piece p WHERE p.file_id = f.id AND p.spooled_at > now() - make_interval(days => $1)) LIMIT 100`,
      [days],
    );
    return rows.map((row) => row.id);
  }

  /** Forgets tombstones older than so many days, whose pieces every device has had the time to forget by itself. */
  async forget(days: number): Promise<number> {
    const { rows } = await this.database.query<{ id: string }>(
      "SELECT id FROM volume_file WHERE state = 'DELETED' AND deleted_at < now() - make_interval(days => $1) ORDER BY deleted_at LIMIT 100",
      [days],
    );
    const ids = rows.map((row) => row.id);
    if (ids.length === 0) return 0;
    await this.database.query(
      `WITH pieces AS (DELETE FROM volume_piece WHERE file_id = ANY($1)), segments AS (DELETE FROM volume_segment WHERE file_id = ANY($1))
       DELETE FROM volume_file WHERE id = ANY($1)`,
      [ids],
    );
    return ids.length;
  }
}
