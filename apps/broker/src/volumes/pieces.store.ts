import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { ALWAYS_ON_SHARE } from '#placement';
import { ONLINE_SHARE } from './online-share.js';

/** What a device is told of a piece. */
export interface Transfer {
  transfer_id: string;
  piece_id: string;
  node_id: string;
  bytes: number;
  root: string;
  deadline_ms: number;
}

/** A piece that something happened to. */
export interface Touched {
  id: string;
  file_id: string;
  ordinal: number;
  index: number;
  volume_id: string;
  node_id: string;
  bytes: number;
}

const TOUCHED = 'p.id, p.file_id, p.ordinal, p.index, p.volume_id, p.node_id, p.bytes';
const CONNECTED = "n.state IN ('ONLINE', 'PAUSED')";
/** Pieces that are kept, as far as is known. */
const KEPT = "('STORED', 'SUSPECT', 'LEAVING')";
/** These, and those that are on their way: whoever leases them space. */
const HERE = "('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING')";

/** Pieces on their way to devices, kept, lost and deleted; and the transfers between. Each change is one guarded statement. */
@Injectable()
export class PiecesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Gives pieces that have no device one; those that wait in the spool go on to it. */
  async assign(tx: Transaction, rows: readonly { id: string; node_id: string; lease_id: string; cluster: string }[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.query(
      `UPDATE volume_piece p SET node_id = x.node_id, lease_id = x.lease_id, cluster = x.cluster,
         state = CASE WHEN p.state = 'UNPLACED' THEN 'PLANNED' ELSE p.state END, failures = 0
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS x(id, node_id, lease_id, cluster)
       WHERE p.id = x.id AND p.state IN ('UNPLACED', 'PLANNED', 'SPOOLED')`,
      [rows.map((r) => r.id), rows.map((r) => r.node_id), rows.map((r) => r.lease_id), rows.map((r) => r.cluster)],
    );
  }

  /** Pieces of a segment that have no device. */
  async unplaced(db: Queryable, file_id: string, ordinal: number): Promise<{ id: string; index: number }[]> {
    const { rows } = await db.query<{ id: string; index: number }>(
      "SELECT id, index FROM volume_piece WHERE file_id = $1 AND ordinal = $2 AND state = 'UNPLACED' ORDER BY index",
      [file_id, ordinal],
    );
    return rows;
  }

  /** Its bytes are in the spool. @returns whether it goes on to a device. */
  async spooled(id: string, db: Queryable = this.database): Promise<boolean> {
    const { rowCount } = await db.query(
      "UPDATE volume_piece SET state = 'SPOOLED', spooled_at = now() WHERE id = $1 AND state = 'PLANNED'",
      [id],
    );
    return rowCount === 1;
  }

  /**
   * Begins deliveries: of pieces in the spool whose device is connected and that nobody delivers now.
   * @param of these pieces, those of a node, or all
   */
  async beginPuts(of: { ids?: readonly string[]; node_id?: string }, deadline_ms: number, limit: number): Promise<Transfer[]> {
    const { rows } = await this.database.query<Transfer>(
      `WITH begun AS (
         INSERT INTO piece_transfer (id, piece_id, node_id, kind, told_at, deadline_at)
         SELECT gen_random_uuid(), p.id, p.node_id, 'PUT', now(), now() + make_interval(secs => $3 / 1000.0) FROM volume_piece p JOIN node n ON n.id = p.node_id
         WHERE p.state = 'SPOOLED' AND ${CONNECTED} AND ($1::uuid[] IS NULL OR p.id = ANY($1)) AND ($2::uuid IS NULL OR p.node_id = $2)
           AND NOT EXISTS (SELECT 1 FROM piece_transfer t WHERE t.piece_id = p.id AND t.state = 'OPEN' AND t.kind = 'PUT')
         ORDER BY p.id LIMIT $4 ON CONFLICT (piece_id) WHERE state = 'OPEN' AND kind = 'PUT' DO NOTHING RETURNING id, piece_id, node_id
       ) SELECT b.id AS transfer_id, b.piece_id, b.node_id, p.bytes, s.roots[p.index + 1] AS root, $3::int AS deadline_ms
       FROM begun b JOIN volume_piece p ON p.id = b.piece_id JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal`,
      [of.ids ?? null, of.node_id ?? null, deadline_ms, limit],
    );
    return rows;
  }

  /** Asks a device for a piece. */
  async beginGet(id: string, piece_id: string, node_id: string, deadline_ms: number): Promise<void> {
    await this.database.query(
      `INSERT INTO piece_transfer (id, piece_id, node_id, kind, told_at, deadline_at)
       VALUES ($1, $2, $3, 'GET', now(), now() + make_interval(secs => $4 / 1000.0))`,
      [id, piece_id, node_id, deadline_ms],
    );
  }

  /** Open transfers that their device was not told of lately: a word may have been lost. */
  async untold(after_ms: number, limit: number): Promise<(Transfer & { kind: 'PUT' | 'GET' })[]> {
    const { rows } = await this.database.query<Transfer & { kind: 'PUT' | 'GET' }>(
      `WITH told AS (
         UPDATE piece_transfer t SET told_at = now() FROM (
           SELECT t.id FROM piece_transfer t JOIN node n ON n.id = t.node_id
           WHERE t.state = 'OPEN' AND t.deadline_at > now() AND t.told_at < now() - make_interval(secs => $1 / 1000.0) AND ${CONNECTED}
           ORDER BY t.deadline_at LIMIT $2 FOR NO KEY UPDATE OF t SKIP LOCKED) AS x
         WHERE t.id = x.id RETURNING t.id, t.piece_id, t.node_id, t.kind, t.deadline_at
       ) SELECT t.id AS transfer_id, t.piece_id, t.node_id, t.kind, p.bytes, s.roots[p.index + 1] AS root,
         GREATEST(1, (extract(epoch FROM t.deadline_at - now()) * 1000)::int) AS deadline_ms
       FROM told t JOIN volume_piece p ON p.id = t.piece_id JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal`,
      [after_ms, limit],
    );
    return rows;
  }

  /** The open transfer of a node, for its HTTP request. */
  async open(transfer_id: string, node_id: string, kind: 'PUT' | 'GET'): Promise<{ piece_id: string; bytes: number; root: string } | null> {
    const { rows } = await this.database.query<{ piece_id: string; bytes: number; root: string }>(
      `SELECT t.piece_id, p.bytes, s.roots[p.index + 1] AS root FROM piece_transfer t JOIN volume_piece p ON p.id = t.piece_id
       JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal
       WHERE t.id = $1 AND t.node_id = $2 AND t.kind = $3 AND t.state = 'OPEN' AND t.deadline_at > now()`,
      [transfer_id, node_id, kind],
    );
    return rows[0] ?? null;
  }

  async endTransfer(
    id: string,
    node_id: string,
    state: 'DONE' | 'FAILED',
    code: string | null,
    db: Queryable = this.database,
  ): Promise<{ piece_id: string; kind: 'PUT' | 'GET' } | null> {
    const { rows } = await db.query<{ piece_id: string; kind: 'PUT' | 'GET' }>(
      `UPDATE piece_transfer SET state = $3, code = $4, ended_at = now() WHERE id = $1 AND node_id = $2 AND state = 'OPEN' RETURNING piece_id, kind`,
      [id, node_id, state, code],
    );
    return rows[0] ?? null;
  }

  /** How a transfer ended; null while it is open. */
  async outcome(id: string): Promise<'DONE' | 'FAILED' | null> {
    const { rows } = await this.database.query<{ state: 'OPEN' | 'DONE' | 'FAILED' }>('SELECT state FROM piece_transfer WHERE id = $1', [
      id,
    ]);
    const state = rows[0]?.state ?? 'FAILED';
    return state === 'OPEN' ? null : state;
  }

  /** Ends transfers whose time is over. */
  async expire(): Promise<{ id: string; piece_id: string; kind: 'PUT' | 'GET' }[]> {
    const { rows } = await this.database.query<{ id: string; piece_id: string; kind: 'PUT' | 'GET' }>(
      `UPDATE piece_transfer SET state = 'FAILED', code = 'deadline', ended_at = now() WHERE state = 'OPEN' AND deadline_at <= now() RETURNING id, piece_id, kind`,
    );
    return rows;
  }

  async forgetTransfers(minutes: number): Promise<void> {
    await this.database.query("DELETE FROM piece_transfer WHERE state <> 'OPEN' AND ended_at < now() - make_interval(mins => $1)", [
      minutes,
    ]);
  }

  /** Its device says that it has it; it proves that for the first time at once. @returns null when it was not on its way there */
  async stored(tx: Transaction, piece_id: string, node_id: string): Promise<Touched | null> {
    const { rows } = await tx.query<Touched>(
      `UPDATE volume_piece p SET state = 'STORED', stored_at = now(), paid_to = now(), audit_due_at = now(), failures = 0, silent = 0
       WHERE p.id = $1 AND p.node_id = $2 AND p.state = 'SPOOLED' RETURNING ${TOUCHED}`,
      [piece_id, node_id],
    );
    return rows[0] ?? null;
  }

  /** What a piece that is stored takes the place of is not needed any more: one that leaves, and lost ones that came back. */
  async supersede(tx: Transaction, piece: Touched): Promise<void> {
    await tx.query(
      `UPDATE volume_piece SET state = 'GONE', lost_at = COALESCE(lost_at, now())
       WHERE file_id = $1 AND ordinal = $2 AND index = $3 AND id <> $4 AND state IN ('LEAVING', 'MISSING', 'CORRUPT')`,
      [piece.file_id, piece.ordinal, piece.index, piece.id],
    );
  }

  /** A device did not take pieces: they look for another. @returns those that are in the spool */
  async failed(piece_ids: readonly string[]): Promise<Touched[]> {
    const { rows } = await this.database.query<Touched>(
      `UPDATE volume_piece p SET failures = p.failures + 1 WHERE p.id = ANY($1) AND p.state = 'SPOOLED' RETURNING ${TOUCHED}`,
      [piece_ids],
    );
    return rows;
  }

  /** Pieces in the spool whose device has been away for longer than a transfer takes. */
  async stranded(away_ms: number, limit: number): Promise<Touched[]> {
    const { rows } = await this.database.query<Touched>(
      `SELECT ${TOUCHED} FROM volume_piece p JOIN node n ON n.id = p.node_id
       WHERE p.state = 'SPOOLED' AND (n.state = 'REVOKED' OR NOT ${CONNECTED} AND n.last_seen_at < now() - make_interval(secs => $1 / 1000.0)) ORDER BY p.id LIMIT $2`,
      [away_ms, limit],
    );
    return rows;
  }

  /** Pieces that a client never brought, of files that are stored without them: their place is free, and repair may make them. */
  async unclaim(minutes: number): Promise<void> {
    await this.database.query(
      `UPDATE volume_piece p SET state = 'UNPLACED', node_id = NULL, lease_id = NULL, cluster = NULL FROM volume_file f
       WHERE f.id = p.file_id AND p.state = 'PLANNED' AND f.state = 'STORED' AND f.stored_at < now() - make_interval(mins => $1)
         AND NOT EXISTS (SELECT 1 FROM volume_segment s WHERE s.file_id = p.file_id AND s.ordinal = p.ordinal AND s.repairing_at IS NOT NULL)`,
      [minutes],
    );
  }

  /** These pieces are lost at this device. @returns those that were kept until now; their segments are looked at. */
  async lost(
    tx: Transaction,
    piece_ids: readonly string[],
    node_id: string,
    state: 'MISSING' | 'CORRUPT',
    code: string,
  ): Promise<Touched[]> {
    const { rows } = await tx.query<Touched>(
      `UPDATE volume_piece p SET state = $3::piece_state, code = $4, lost_at = now() WHERE p.id = ANY($1) AND p.node_id = $2 AND p.state IN ${KEPT} RETURNING ${TOUCHED}`,
      [piece_ids, node_id, state, code],
    );
    await this.look(tx, rows);
    return rows;
  }

  /** Segments of these pieces are looked at, where their file is stored: perhaps something must be made anew. */
  async look(db: Queryable, pieces: readonly Pick<Touched, 'file_id' | 'ordinal'>[]): Promise<void> {
    if (pieces.length === 0) return;
    await db.query(
      `UPDATE volume_segment s SET look_at = now()
       FROM (SELECT DISTINCT file_id, ordinal FROM unnest($1::uuid[], $2::int[]) AS y(file_id, ordinal)) AS x
       WHERE s.file_id = x.file_id AND s.ordinal = x.ordinal AND EXISTS (SELECT 1 FROM volume_file f WHERE f.id = s.file_id AND f.state = 'STORED')`,
      [pieces.map((p) => p.file_id), pieces.map((p) => p.ordinal)],
    );
  }

  /** Pieces whose device has been away for so many seconds, or is out: they count as missing. */
  async away(tx: Transaction, after: { seconds: number; small: number; small_always_on: number }, limit: number): Promise<Touched[]> {
    const { rows } = await tx.query<Touched>(
      `UPDATE volume_piece p SET state = 'MISSING', code = CASE WHEN x.out THEN 'revoked' ELSE 'away' END, lost_at = now() FROM (
         SELECT p.id, n.state = 'REVOKED' OR COALESCE(s.standing = 'disqualified', false) AS out FROM volume_piece p JOIN node n ON n.id = p.node_id
         JOIN volume v ON v.id = p.volume_id LEFT JOIN node_storage s ON s.node_id = n.id
         WHERE p.state IN ${KEPT} AND (n.state = 'REVOKED' OR s.standing = 'disqualified'
           OR NOT ${CONNECTED} AND COALESCE(n.last_seen_at, n.enrolled_at) < now() - make_interval(secs =>
             CASE WHEN v.class <> 'small' THEN $1::float8 WHEN ${ONLINE_SHARE} >= $5 THEN $4::float8 ELSE $3::float8 END))
         ORDER BY p.id LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED) AS x WHERE p.id = x.id RETURNING ${TOUCHED}`,
      [after.seconds, limit, after.small, after.small_always_on, ALWAYS_ON_SHARE],
    );
    await this.look(tx, rows);
    return rows;
  }

  /** Missing pieces whose device is back in time: one of an index that has no successor is taken back and must prove itself now; the others go. */
  async returned(tx: Transaction, seconds: number, limit: number): Promise<Touched[]> {
    const { rows } = await tx.query<Touched & { needed: boolean }>(
      `SELECT ${TOUCHED}, NOT EXISTS (SELECT 1 FROM volume_piece o WHERE o.file_id = p.file_id AND o.ordinal = p.ordinal AND o.index = p.index
           AND o.state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING')) AS needed
       FROM volume_piece p JOIN node n ON n.id = p.node_id JOIN node_storage s ON s.node_id = n.id
       WHERE p.state = 'MISSING' AND p.code = 'away' AND ${CONNECTED} AND s.standing <> 'disqualified' AND p.lost_at > now() - make_interval(secs => $1)
       ORDER BY p.id LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED`,
      [seconds, limit],
    );
    const places = new Set<string>();
    const back = rows.filter(({ needed, file_id, ordinal, index }) => {
      const place = `${file_id} ${ordinal} ${index}`;
      return needed && !places.has(place) && places.add(place);
    });
    const ids = new Set(back.map(({ id }) => id));
    await tx.query(
      `DELETE FROM volume_piece o USING unnest($1::uuid[], $2::int[], $3::int[]) AS x(file_id, ordinal, index)
       WHERE o.file_id = x.file_id AND o.ordinal = x.ordinal AND o.index = x.index AND o.state = 'UNPLACED'`,
      [back.map((p) => p.file_id), back.map((p) => p.ordinal), back.map((p) => p.index)],
    );
    await tx.query(
      "UPDATE volume_piece SET state = 'SUSPECT', code = NULL, lost_at = NULL, audit_due_at = now(), paid_to = now() WHERE id = ANY($1)",
      [[...ids]],
    );
    await tx.query("UPDATE volume_piece SET state = 'GONE' WHERE id = ANY($1)", [
      rows.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
    ]);
    return back;
  }

  /** Lost pieces for which it is too late to return. */
  async giveUp(seconds: number): Promise<void> {
    await this.database.query(
      "UPDATE volume_piece SET state = 'GONE' WHERE state IN ('MISSING', 'CORRUPT') AND lost_at < now() - make_interval(secs => $1)",
      [seconds],
    );
  }

  /** Pieces whose lease is over go on with another of the same device for the same volume, where there is one. */
  async relink(): Promise<void> {
    await this.database.query(
      `UPDATE volume_piece p SET lease_id = x.lease_id FROM (
         SELECT p.id, (SELECT l.id FROM kept_lease l WHERE l.reservation_id = v.reservation_id AND l.node_id = p.node_id AND l.state <> 'ENDED'
           ORDER BY l.quantity DESC LIMIT 1) AS lease_id
         FROM (SELECT id, node_id, volume_id FROM volume_piece WHERE lease_id IS NULL AND state IN ${HERE}
           UNION ALL SELECT p.id, p.node_id, p.volume_id FROM kept_lease l JOIN volume_piece p ON p.lease_id = l.id
           WHERE l.state = 'ENDED' AND l.market LIKE 'storage:%' AND l.ended_at > now() - interval '7 days' AND p.state IN ${HERE}) AS p
         JOIN volume v ON v.id = p.volume_id
       ) AS x WHERE p.id = x.id AND p.lease_id IS DISTINCT FROM x.lease_id`,
    );
  }

  /** Kept pieces that must move before they go, and prove until now what they are owed: their device leaves or shrinks, or nobody pays it for them any more while it is there. */
  async leaving(tx: Transaction, limit: number): Promise<Touched[]> {
    const { rows } = await tx.query<Touched>(
      `UPDATE volume_piece p SET state = 'LEAVING', audit_due_at = now() FROM (
         SELECT p.id FROM volume_piece p JOIN node n ON n.id = p.node_id JOIN volume v ON v.id = p.volume_id JOIN volume_file f ON f.id = p.file_id
         WHERE p.state IN ('STORED', 'SUSPECT') AND f.state = 'STORED' AND v.state <> 'ENDED' AND ${CONNECTED} AND p.id IN (
           SELECT id FROM volume_piece WHERE lease_id IS NULL AND state IN ${HERE}
           UNION ALL SELECT k.id FROM node d JOIN volume_piece k ON k.node_id = d.id WHERE d.drained_at IS NOT NULL AND k.state IN ${KEPT})
         ORDER BY p.id LIMIT $1 FOR NO KEY UPDATE OF p SKIP LOCKED) AS x WHERE p.id = x.id RETURNING ${TOUCHED}`,
      [limit],
    );
    await this.look(tx, rows);
    return rows;
  }

  /** Pieces that were to leave and may stay: their device is not drained any more, and is paid for them. */
  async staying(): Promise<void> {
    await this.database.query(
      `UPDATE volume_piece p SET state = 'STORED' FROM node n WHERE n.id = p.node_id AND p.state = 'LEAVING' AND n.drained_at IS NULL AND p.lease_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM volume_piece o WHERE o.file_id = p.file_id AND o.ordinal = p.ordinal AND o.index = p.index AND o.id <> p.id
           AND o.state IN ('UNPLACED', 'PLANNED', 'SPOOLED', 'STORED', 'SUSPECT'))`,
    );
  }

  /** All pieces of files that are deleted go; what was on its way ends. @returns what lies in the spool for them. */
  async bury(tx: Transaction, file_ids: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>('SELECT id FROM volume_piece WHERE file_id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [
      file_ids,
    ]);
    const ids = rows.map((row) => row.id);
    await tx.query(
      "UPDATE piece_transfer SET state = 'FAILED', code = 'deleted', ended_at = now() WHERE piece_id = ANY($1) AND state = 'OPEN'",
      [ids],
    );
    await tx.query("DELETE FROM volume_piece WHERE file_id = ANY($1) AND state IN ('UNPLACED', 'PLANNED')", [file_ids]);
    await tx.query("UPDATE volume_piece SET state = 'GONE' WHERE file_id = ANY($1) AND state <> 'GONE'", [file_ids]);
    await tx.query('UPDATE volume_segment SET look_at = NULL, repairing_at = NULL WHERE file_id = ANY($1)', [file_ids]);
    return ids;
  }

  /** Pieces that connected devices are to delete and were not told of lately. */
  async undeleted(after_ms: number, limit: number): Promise<{ id: string; node_id: string }[]> {
    const { rows } = await this.database.query<{ id: string; node_id: string }>(
      `UPDATE volume_piece p SET del_told_at = now() FROM (
         SELECT p.id FROM volume_piece p JOIN node n ON n.id = p.node_id
         WHERE p.state = 'GONE' AND p.deleted_at IS NULL AND ${CONNECTED} AND (p.del_told_at IS NULL OR p.del_told_at < now() - make_interval(secs => $1 / 1000.0))
         ORDER BY p.node_id, p.id LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED) AS x WHERE p.id = x.id RETURNING p.id, p.node_id`,
      [after_ms, limit],
    );
    return rows;
  }

  /** Its device has these no more, as told. */
  async deleted(tx: Transaction, piece_ids: readonly string[], node_id: string): Promise<void> {
    await tx.query(
      "UPDATE volume_piece SET deleted_at = now() WHERE id = ANY($1) AND node_id = $2 AND state = 'GONE' AND deleted_at IS NULL",
      [piece_ids, node_id],
    );
  }

  async personOf(volume_ids: readonly string[]): Promise<{ volume_id: string; person_id: string }[]> {
    const { rows } = await this.database.query<{ volume_id: string; person_id: string }>(
      'SELECT id AS volume_id, person_id FROM volume WHERE id = ANY($1)',
      [[...new Set(volume_ids)]],
    );
    return rows;
  }

  /** What a device says that it keeps. */
  async say(node_id: string, said: { held: number; bytes: number; free_bytes: number }): Promise<void> {
    await this.database.query(
      `INSERT INTO node_storage (node_id, held, bytes, free_bytes, said_at) VALUES ($1, $2, $3, $4, now())
       ON CONFLICT (node_id) DO UPDATE SET held = excluded.held, bytes = excluded.bytes, free_bytes = excluded.free_bytes, said_at = now()`,
      [node_id, said.held, said.bytes, said.free_bytes],
    );
  }
}
