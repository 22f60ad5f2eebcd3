import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { SlotClass } from '#units';

export interface Opening {
  node_id: string;
  agent_version: string;
  /** It commits to results before it reveals them. */
  commits: boolean;
  gateway_id: string;
  /** It takes its session up again: its offers stand. */
  resumes: boolean;
}

export interface Opened {
  session_epoch: number;
  /** Its last session was at another gateway. */
  moved: boolean;
}

export interface Closing {
  node_id: string;
  session_epoch: number;
  reason: { code: string; sentence: string };
}

/** A node with an open session, and for how long it has said nothing. */
export interface Heard {
  node_id: string;
  session_epoch: number;
  silent_ms: number;
}

/** Sessions of nodes, as all gateways see them. Each node at most once in a call. */
@Injectable()
export class SessionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Opens sessions: the epoch of each fences every older one, on every gateway. @returns by node; revoked nodes are missing. */
  async open(openings: readonly Opening[]): Promise<Map<string, Opened>> {
    const { rows } = await this.database.query<Opened & { id: string }>(
      `WITH before AS (
         SELECT n.id, n.gateway_id AS last_gateway_id, n.session_epoch AS last_epoch, x.agent_version, x.gateway_id, x.resumes, x.commits
         FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bool[], $5::bool[])
           AS x(id, agent_version, gateway_id, resumes, commits) JOIN node n ON n.id = x.id
         WHERE n.state <> 'REVOKED' ORDER BY n.id FOR NO KEY UPDATE OF n
       ), stale AS (
         UPDATE offer o SET available = false FROM before b WHERE o.node_id = b.id AND NOT b.resumes AND o.available
       ), kept AS (
         UPDATE kept_offer k SET session_epoch = b.last_epoch + 1 FROM before b
         WHERE k.node_id = b.id AND k.session_epoch = b.last_epoch AND b.resumes
       )
       UPDATE node n SET session_epoch = b.last_epoch + 1, agent_version = b.agent_version, commits = b.commits, state = 'ONLINE', last_seen_at = now(),
         heard_at = now(), gateway_id = b.gateway_id, reason_code = 'measuring', reason_sentence = 'Connected; has not offered its slots yet.'
       FROM before b WHERE n.id = b.id
       RETURNING n.id, n.session_epoch, b.last_gateway_id IS DISTINCT FROM b.gateway_id AND b.last_gateway_id IS NOT NULL AS moved`,
      [
        openings.map((o) => o.node_id),
        openings.map((o) => o.agent_version),
        openings.map((o) => o.gateway_id),
        openings.map((o) => o.resumes),
        openings.map((o) => o.commits),
      ],
    );
    return new Map(rows.map(({ id, ...opened }) => [id, opened]));
  }

  /** Marks the ends of sessions. @returns by node, the markets it leaves; where a newer session has begun it is missing. */
  async close(closings: readonly Closing[]): Promise<Map<string, SlotClass[]>> {
    const { rows } = await this.database.query<{ id: string; slot_classes: SlotClass[] }>(
      `WITH ended AS (
         SELECT n.id, x.code, x.sentence
         FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS x(id, epoch, code, sentence) JOIN node n ON n.id = x.id
         WHERE n.session_epoch = x.epoch AND n.state IN ('ONLINE', 'PAUSED') ORDER BY n.id FOR NO KEY UPDATE OF n
       )
       UPDATE node n SET state = 'DISCONNECTED', last_seen_at = now(), reason_code = e.code, reason_sentence = e.sentence
       FROM ended e WHERE n.id = e.id
       RETURNING n.id, ARRAY(SELECT slot_class::text FROM offer WHERE node_id = n.id AND available) AS slot_classes`,
      [
        closings.map((c) => c.node_id),
        closings.map((c) => c.session_epoch),
        closings.map((c) => c.reason.code),
        closings.map((c) => c.reason.sentence),
      ],
    );
    return new Map(rows.map(({ id, slot_classes }) => [id, slot_classes]));
  }

  /**
   * Nodes of open sessions, with the time since each was last heard: only up to then is it known to have been there, which is what kept
   * slots are charged for. A session begins to count where it began.
   */
  async touch(nodes: readonly Heard[]): Promise<void> {
    await this.database.query(
      `UPDATE node n SET last_seen_at = now(), heard_at = GREATEST(n.heard_at, h.at),
         present_us = n.present_us + GREATEST(0, (extract(epoch FROM h.at - COALESCE(n.heard_at, h.at)) * 1000000)::bigint)
       FROM (SELECT n.id, x.epoch, now() - make_interval(secs => x.silent_ms / 1000) AS at
             FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS x(id, epoch, silent_ms) JOIN node n ON n.id = x.id
             ORDER BY n.id FOR NO KEY UPDATE OF n) AS h
       WHERE n.id = h.id AND n.session_epoch = h.epoch`,
      [nodes.map((n) => n.node_id), nodes.map((n) => n.session_epoch), nodes.map((n) => Math.max(0, n.silent_ms))],
    );
  }

  async isCurrent(node_id: string, session_epoch: number): Promise<boolean> {
    const { rowCount } = await this.database.query(
      "SELECT 1 FROM node WHERE id = $1 AND session_epoch = $2 AND state IN ('ONLINE', 'PAUSED')",
      [node_id, session_epoch],
    );
    return rowCount === 1;
  }
}
