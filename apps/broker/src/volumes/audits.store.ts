import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { ONLINE_SHARE } from './online-share.js';

export interface Challenge {
  piece_id: string;
  leaf: number;
}

/** A piece of a connected device that is due to prove itself. */
export interface DuePiece {
  piece_id: string;
  node_id: string;
  bytes: number;
}

export interface AuditRow {
  id: string;
  node_id: string;
  challenges: Challenge[];
}

/** A piece under audit, with what its answer is checked by. */
export interface AuditedPiece {
  id: string;
  bytes: number;
  root: string;
}

/** A piece that proved itself, for the time of its next audit. */
export interface Passed {
  id: string;
  volume_id: string;
  pieces: number;
  online_share: number;
  now_ms: number;
}

const CONNECTED = "n.state IN ('ONLINE', 'PAUSED')";
@Injectable()
export class AuditsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Pieces that are due, the longest overdue of each device: of devices that are there and not asked already. Who is away most of the day is asked for what
   * will be due while it is away, and before a lease ends its pieces prove what it is paid for.
   */
  async due(each: number, nodes: number, day_ms: number, before_end_ms: number): Promise<DuePiece[]> {
    const { rows } = await this.database.query<DuePiece>(
      `SELECT d.id AS piece_id, n.id AS node_id, d.bytes FROM (
         SELECT s.node_id FROM node_storage s JOIN node n ON n.id = s.node_id
         WHERE ${CONNECTED} AND s.said_at IS NOT NULL AND s.standing IN ('good', 'suspended')
           AND NOT EXISTS (SELECT 1 FROM piece_audit a WHERE a.node_id = s.node_id AND a.ended_at IS NULL)
           AND EXISTS (SELECT 1 FROM volume_piece p WHERE p.node_id = s.node_id AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')
             AND p.audit_due_at <= now() + make_interval(secs => $3 / 1000.0))
         ORDER BY s.audited_at NULLS FIRST LIMIT $2
       ) AS x JOIN node n ON n.id = x.node_id CROSS JOIN LATERAL (
         SELECT p.id, p.bytes FROM volume_piece p LEFT JOIN kept_lease l ON l.id = p.lease_id
         WHERE p.node_id = n.id AND p.state IN ('STORED', 'SUSPECT', 'LEAVING')
           AND (p.audit_due_at <= now() + make_interval(secs => $3 / 1000.0 * (1 - ${ONLINE_SHARE}))
             OR (l.expires_at < now() + make_interval(secs => $4 / 1000.0) AND p.paid_to < now() - make_interval(secs => $4 / 1000.0)))
         ORDER BY p.audit_due_at LIMIT $1) AS d`,
      [each, nodes, day_ms, before_end_ms],
    );
    return rows;
  }

  /** Contained devices that are there and whose time to be asked again has come, with what they were silent about. */
  async rechecks(nodes: number): Promise<AuditRow[]> {
    const { rows } = await this.database.query<AuditRow>(
      `SELECT a.id, s.node_id, a.challenges FROM node_storage s JOIN node n ON n.id = s.node_id
       JOIN LATERAL (SELECT id, challenges FROM piece_audit WHERE node_id = s.node_id AND outcome = 'silent' ORDER BY id DESC LIMIT 1) AS a ON true
       WHERE s.standing = 'contained' AND s.recheck_at <= now() AND ${CONNECTED}
         AND NOT EXISTS (SELECT 1 FROM piece_audit o WHERE o.node_id = s.node_id AND o.ended_at IS NULL) LIMIT $1`,
      [nodes],
    );
    return rows;
  }

  /** Of these pieces, those that their device still keeps. */
  async kept(piece_ids: readonly string[], node_id: string): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      "SELECT id FROM volume_piece WHERE id = ANY($1) AND node_id = $2 AND state IN ('STORED', 'SUSPECT', 'LEAVING')",
      [piece_ids, node_id],
    );
    return rows.map((row) => row.id);
  }

  /** @returns false when the device is asked already. */
  async begin(audit: AuditRow, answer_ms: number): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `INSERT INTO piece_audit (id, node_id, challenges, deadline_at) VALUES ($1, $2, $3, now() + make_interval(secs => $4 / 1000.0))
       ON CONFLICT (node_id) WHERE ended_at IS NULL DO NOTHING`,
      [audit.id, audit.node_id, JSON.stringify(audit.challenges), answer_ms],
    );
    return rowCount === 1;
  }

  /** Ends an audit that is open, once. @returns what was asked */
  async end(tx: Transaction, id: string, node_id: string, outcome: 'answered' | 'silent' | 'away'): Promise<Challenge[] | null> {
    const { rows } = await tx.query<{ challenges: Challenge[] }>(
      'UPDATE piece_audit SET outcome = $3, ended_at = now() WHERE id = $1 AND node_id = $2 AND ended_at IS NULL RETURNING challenges',
      [id, node_id, outcome],
    );
    return rows[0]?.challenges ?? null;
  }

  /** Audits whose time is over, and whether their device is connected: who is not there is not silent. */
  async late(): Promise<{ id: string; node_id: string; connected: boolean }[]> {
    const { rows } = await this.database.query<{ id: string; node_id: string; connected: boolean }>(
      `SELECT a.id, a.node_id, COALESCE(${CONNECTED}, false) AS connected FROM piece_audit a LEFT JOIN node n ON n.id = a.node_id
       WHERE a.ended_at IS NULL AND (a.deadline_at <= now() OR NOT ${CONNECTED})`,
    );
    return rows;
  }

  /** Locks the pieces of an answer that are still kept there. */
  async lock(tx: Transaction, piece_ids: readonly string[], node_id: string): Promise<AuditedPiece[]> {
    const { rows } = await tx.query<AuditedPiece>(
      `SELECT p.id, p.bytes, s.roots[p.index + 1] AS root FROM volume_piece p JOIN volume_segment s ON s.file_id = p.file_id AND s.ordinal = p.ordinal
       WHERE p.id = ANY($1) AND p.node_id = $2 AND p.state IN ('STORED', 'SUSPECT', 'LEAVING') ORDER BY p.id FOR NO KEY UPDATE OF p`,
      [piece_ids, node_id],
    );
    return rows;
  }

  /**
   * These proved that they are there.
   * @returns what their leases are to be paid: bytes times the hours since they were paid last, at most so long, and no longer than the lease.
   */
  async pay(tx: Transaction, piece_ids: readonly string[], most_seconds: number): Promise<{ lease_id: string; byte_hours: bigint }[]> {
    const { rows } = await tx.query<{ lease_id: string; byte_hours: bigint }>(
      `WITH paid AS (
         UPDATE volume_piece p SET paid_to = now(), audited_at = now(), silent = 0, state = CASE WHEN p.state = 'SUSPECT' THEN 'STORED' ELSE p.state END
         FROM volume_piece o LEFT JOIN kept_lease l ON l.id = o.lease_id AND l.state <> 'ENDED'
         WHERE p.id = ANY($1) AND o.id = p.id
         RETURNING l.id AS lease_id, floor(p.bytes::numeric * GREATEST(0, extract(epoch FROM now()
           - GREATEST(o.paid_to, l.granted_at, now() - make_interval(secs => $2)))) / 3600)::bigint AS byte_hours
       ) SELECT lease_id, sum(byte_hours)::bigint AS byte_hours FROM paid WHERE lease_id IS NOT NULL GROUP BY lease_id ORDER BY lease_id`,
      [piece_ids, most_seconds],
    );
    return rows;
  }

  /** By what the next audits of these are drawn. */
  async passed(tx: Transaction, piece_ids: readonly string[]): Promise<Passed[]> {
    const { rows } = await tx.query<Passed>(
      `SELECT p.id, p.volume_id, (extract(epoch FROM now()) * 1000)::float8 AS now_ms, ${ONLINE_SHARE} AS online_share,
         (SELECT count(*)::int FROM volume_piece k WHERE k.node_id = p.node_id AND k.state IN ('STORED', 'SUSPECT', 'LEAVING')) AS pieces
       FROM volume_piece p JOIN node n ON n.id = p.node_id WHERE p.id = ANY($1)`,
      [piece_ids],
    );
    return rows;
  }

  async schedule(tx: Transaction, pieces: readonly { id: string; due_ms: number }[]): Promise<void> {
    await tx.query(
      'UPDATE volume_piece p SET audit_due_at = to_timestamp(x.due_ms / 1000) FROM unnest($1::uuid[], $2::float8[]) AS x(id, due_ms) WHERE p.id = x.id',
      [pieces.map((p) => p.id), pieces.map((p) => p.due_ms)],
    );
  }

  /** Nothing was said of these: they are not paid for the time, and are suspected. @returns those about which silence has lasted too long */
  async silent(tx: Transaction, piece_ids: readonly string[], node_id: string, most: number): Promise<string[]> {
    const { rows } = await tx.query<{ id: string; silent: number }>(
      `UPDATE volume_piece SET silent = silent + 1, state = CASE WHEN state = 'STORED' THEN 'SUSPECT' ELSE state END
       WHERE id = ANY($1) AND node_id = $2 AND state IN ('STORED', 'SUSPECT', 'LEAVING') RETURNING id, silent`,
      [piece_ids, node_id],
    );
    return rows.filter(({ silent }) => silent > most).map(({ id }) => id);
  }

  async forget(days: number): Promise<void> {
    await this.database.query('DELETE FROM piece_audit WHERE ended_at < now() - make_interval(days => $1)', [days]);
  }
}
