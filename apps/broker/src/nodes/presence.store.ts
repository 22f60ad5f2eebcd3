import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Presence } from '#protocol';

export interface PresenceRow {
  /** Of the change that led here; 0 for a node that has not changed since changes are kept. */
  seq: bigint;
  node_id: string;
  owner_id: string;
  state: Presence['state'];
  reason_code: string;
  reason_sentence: string;
  changed_at: Date;
}

/** Away for longer than a session can be taken up again. */
const LOST_AFTER = "interval '15 minutes'";
const KEPT = "interval '1 day'";

/** What a node is, as its owner is to see it. */
const PRESENT = `CASE
  WHEN n.state = 'REVOKED' THEN 'lost'
  WHEN n.state = 'DISCONNECTED' THEN CASE WHEN n.last_seen_at < now() - ${LOST_AFTER} THEN 'lost' ELSE 'disconnected' END
  WHEN g.draining OR n.drained_at IS NOT NULL THEN 'draining'
  WHEN n.state = 'PAUSED' THEN 'paused'
  WHEN EXISTS (SELECT 1 FROM lease l WHERE l.node_id = n.id AND l.state <> 'ENDED') THEN 'busy'
  WHEN EXISTS (SELECT 1 FROM offer o WHERE o.node_id = n.id AND o.available AND o.slots > 0) THEN 'idle'
  ELSE 'online' END`;
/** Why a device that gets no more work gets none is what its owner must know first. */
const REASON = `CASE WHEN n.drained_at IS NULL THEN n.reason_code ELSE n.drain_code END AS reason_code,
           CASE WHEN n.drained_at IS NULL THEN n.reason_sentence ELSE n.drain_sentence END AS reason_sentence`;
const FROM_NODES = 'FROM node n LEFT JOIN gateway g ON g.id = n.gateway_id';

/** A device that rests for another reason than before is news as well. */
const isNews = (state: string) =>
  `(n.presence IS DISTINCT FROM ${state} OR (${state} = 'paused' AND n.presence_reason IS DISTINCT FROM n.reason_code))`;

const COLUMNS = 'seq, node_id, owner_id, state, reason_code, reason_sentence, changed_at';

/** What owners see of their nodes, as it was last written, and the changes that led there. */
@Injectable()
export class PresenceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Writes what these nodes are now, where that is news. One transaction at a time numbers changes, so that whoever has read up to a number
   * has missed none below it.
   * @returns whose presence is news.
   */
  async write(tx: Transaction, node_ids: readonly string[]): Promise<[node_id: string, owner_id: string][]> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('presence', 0))");
    const { rows } = await tx.query<{ node_id: string; owner_id: string }>(
      `WITH seen AS (
         SELECT n.id, ${PRESENT} AS state ${FROM_NODES} WHERE n.id = ANY($1) AND n.state <> 'ENROLLED' ORDER BY n.id FOR NO KEY UPDATE OF n
       ), news AS (
         UPDATE node n SET presence = seen.state, presence_reason = n.reason_code, presence_at = now()
         FROM seen WHERE n.id = seen.id AND ${isNews('seen.state')}
         RETURNING n.id, n.owner_id, seen.state, ${REASON}
       )
       INSERT INTO presence_change (node_id, owner_id, state, reason_code, reason_sentence)
       SELECT id, owner_id, state, reason_code, reason_sentence FROM news ORDER BY id RETURNING node_id, owner_id`,
      [node_ids],
    );
    return rows.map(({ node_id, owner_id }) => [node_id, owner_id]);
  }

  /**
   * Nodes that are not what was last said of them: away long enough to be lost by now, or those of whose change nobody lived to tell, as with a
   * gateway that was killed.
   */
  async untold(): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT n.id FROM (SELECT n.*, ${PRESENT} AS seen ${FROM_NODES} WHERE n.state <> 'ENROLLED' AND (n.state <> 'REVOKED' OR n.presence <> 'lost')) AS n
       WHERE ${isNews('n.seen')} LIMIT 1000`,
    );
    return rows.map((row) => row.id);
  }

  /** Everything there is, and the number of the last change in it. */
  async all(): Promise<{ seq: bigint; rows: PresenceRow[] }> {
    const { rows } = await this.database.query<PresenceRow & { last: bigint }>(
      `SELECT (SELECT COALESCE(max(seq), 0) FROM presence_change) AS last, 0::bigint AS seq, id AS node_id, owner_id, presence AS state, reason_code,
         reason_sentence, presence_at AS changed_at
       FROM node WHERE presence IS NOT NULL AND state <> 'REVOKED' ORDER BY id`,
    );
    return { seq: rows[0]?.last ?? 0n, rows: rows.map(({ last: _, ...row }) => row) };
  }

  async after(seq: bigint, limit: number): Promise<PresenceRow[]> {
    const { rows } = await this.database.query<PresenceRow>(`SELECT ${COLUMNS} FROM presence_change WHERE seq > $1 ORDER BY seq LIMIT $2`, [
      seq,
      limit,
    ]);
    return rows;
  }

  /** The number of the oldest change that is kept. */
  async oldest(): Promise<bigint> {
    const { rows } = await this.database.query<{ seq: bigint | null }>('SELECT min(seq) AS seq FROM presence_change');
    return rows[0]?.seq ?? 0n;
  }

  async forget(): Promise<void> {
    await this.database.query(`DELETE FROM presence_change WHERE changed_at < now() - ${KEPT}`);
  }
}
