import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction, violatedConstraint } from '#database';
import type { KeyAlgorithm, Presence, ViewTerms } from '#protocol';
import type { Micro, NodeKind, SlotClass } from '#units';
import { deviceKnown } from './nodes.errors.js';

export interface NodeRow {
  id: string;
  owner_id: string;
  name: string;
  kind: NodeKind;
  public_key: string;
  key_algorithm: KeyAlgorithm;
  state: 'ENROLLED' | 'ONLINE' | 'PAUSED' | 'DISCONNECTED' | 'REVOKED';
  reason_code: string;
  reason_sentence: string;
  agent_version: string | null;
  session_epoch: number;
  speed_fuel_per_ms: number;
  enrolled_at: Date;
  last_seen_at: Date | null;
  presence: Presence['state'] | null;
  presence_at: Date | null;
}

export interface SlotOffer {
  slot_class: SlotClass;
  count: number;
  /** What the agent asks for; null leaves it to the owner's rules. */
  reserve_price_micro: Micro | null;
}

/** A node with an open session, and for how long it has said nothing. */
export interface Heard {
  node_id: string;
  session_epoch: number;
  silent_ms: number;
}

export interface NodeWork {
  node_id: string;
  lease_id: string;
  slot_class: SlotClass;
  view: ViewTerms;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
}

@Injectable()
export class NodesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insertCode(code_hash: string, person_id: string, ttl_seconds: number, partner_link_id: string | null): Promise<Date> {
    const { rows } = await this.database.query<{ expires_at: Date }>(
      `INSERT INTO enrolment_code (code_hash, person_id, expires_at, partner_link_id) VALUES ($1, $2, now() + make_interval(secs => $3), $4)
       RETURNING expires_at`,
      [code_hash, person_id, ttl_seconds, partner_link_id],
    );
    if (!rows[0]) throw new Error('insert returned no row');
    return rows[0].expires_at;
  }

  /** Uses a code up. @returns its owner and the partner's link, or null when it is unknown, used or expired. */
  async takeCode(
    tx: Transaction,
    code_hash: string,
    node_id: string,
  ): Promise<{ person_id: string; partner_link_id: string | null } | null> {
    const { rows } = await tx.query<{ person_id: string; partner_link_id: string | null }>(
      `UPDATE enrolment_code SET used_at = now(), node_id = $2
       WHERE code_hash = $1 AND used_at IS NULL AND expires_at > now() RETURNING person_id, partner_link_id`,
      [code_hash, node_id],
    );
    return rows[0] ?? null;
  }

  async ownerOfCode(tx: Transaction, code_hash: string): Promise<string | null> {
    const { rows } = await tx.query<{ person_id: string }>(
      'SELECT person_id FROM enrolment_code WHERE code_hash = $1 AND used_at IS NULL AND expires_at > now()',
      [code_hash],
    );
    return rows[0]?.person_id ?? null;
  }

  async ownerOfKey(tx: Transaction, public_key: string): Promise<string | null> {
    const { rows } = await tx.query<{ owner_id: string }>('SELECT owner_id FROM node WHERE public_key = $1', [public_key]);
    return rows[0]?.owner_id ?? null;
  }

  async insertNode(
    tx: Transaction,
    node: Pick<NodeRow, 'id' | 'owner_id' | 'name' | 'kind' | 'public_key' | 'key_algorithm'>,
  ): Promise<void> {
    try {
      await tx.query('INSERT INTO node (id, owner_id, name, kind, public_key, key_algorithm) VALUES ($1, $2, $3, $4, $5, $6)', [
        node.id,
        node.owner_id,
        node.name,
        node.kind,
        node.public_key,
        node.key_algorithm,
      ]);
    } catch (error) {
      if (violatedConstraint(error) === 'node_public_key_key') throw deviceKnown();
      throw error;
    }
  }

  async find(node_id: string): Promise<NodeRow | null> {
    const { rows } = await this.database.query<NodeRow>('SELECT * FROM node WHERE id = $1', [node_id]);
    return rows[0] ?? null;
  }

  async listOf(owner_id: string): Promise<NodeRow[]> {
    const { rows } = await this.database.query<NodeRow>("SELECT * FROM node WHERE owner_id = $1 AND state <> 'REVOKED' ORDER BY id", [
      owner_id,
    ]);
    return rows;
  }

  async slotsOf(node_ids: readonly string[]): Promise<{ node_id: string; slot_class: SlotClass; count: number; leased: number }[]> {
    const { rows } = await this.database.query<{ node_id: string; slot_class: SlotClass; count: number; leased: number }>(
      `SELECT o.node_id, o.slot_class, o.slots AS count,
         (SELECT count(*)::int FROM lease l WHERE l.node_id = o.node_id AND l.slot_class = o.slot_class AND l.state <> 'ENDED') AS leased
       FROM offer o WHERE o.node_id = ANY($1) ORDER BY o.slot_class`,
      [node_ids],
    );
    return rows;
  }

  /** What these nodes have leases for, with what says how far it may go. */
  async workOf(node_ids: readonly string[]): Promise<NodeWork[]> {
    const { rows } = await this.database.query<NodeWork>(
      `SELECT l.node_id, l.id AS lease_id, l.slot_class, j.view, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit
       FROM lease l JOIN job j ON j.id = l.job_id WHERE l.node_id = ANY($1) AND l.state <> 'ENDED' ORDER BY l.id`,
      [node_ids],
    );
    return rows;
  }

  /** Opens a session: its epoch fences every older one, on every gateway. @returns null when the node is revoked. */
  async openSession(
    node_id: string,
    agent_version: string,
    keeps_offers: boolean,
    gateway_id: string,
  ): Promise<{ session_epoch: number; moved: boolean } | null> {
    const { rows } = await this.database.query<{ session_epoch: number; moved: boolean }>(
      `WITH before AS (SELECT id, gateway_id FROM node WHERE id = $1 FOR NO KEY UPDATE), stale AS (UPDATE offer SET available = false WHERE node_id = $1 AND NOT $3),
       kept AS (
         UPDATE kept_offer k SET session_epoch = n.session_epoch + 1 FROM node n
         WHERE n.id = $1 AND k.node_id = n.id AND k.session_epoch = n.session_epoch AND $3
       )
       UPDATE node SET session_epoch = session_epoch + 1, agent_version = $2, state = 'ONLINE', last_seen_at = now(), heard_at = now(), gateway_id = $4,
         reason_code = 'measuring', reason_sentence = 'Connected; has not offered its slots yet.'
       FROM before WHERE node.id = $1 AND before.id = node.id AND state <> 'REVOKED'
       RETURNING session_epoch, before.gateway_id IS DISTINCT FROM $4 AND before.gateway_id IS NOT NULL AS moved`,
      [node_id, agent_version, keeps_offers, gateway_id],
    );
    return rows[0] ?? null;
  }

  /** Marks a session's end. @returns the markets it leaves, or null when a newer session has begun. */
  async closeSession(node_id: string, session_epoch: number, reason: { code: string; sentence: string }): Promise<SlotClass[] | null> {
    const { rows } = await this.database.query<{ slot_classes: SlotClass[] }>(
      `UPDATE node SET state = 'DISCONNECTED', last_seen_at = now(), reason_code = $3, reason_sentence = $4
       WHERE id = $1 AND session_epoch = $2 AND state IN ('ONLINE', 'PAUSED')
       RETURNING ARRAY(SELECT slot_class::text FROM offer WHERE node_id = $1 AND available) AS slot_classes`,
      [node_id, session_epoch, reason.code, reason.sentence],
    );
    return rows[0]?.slot_classes ?? null;
  }

  /**
   * Nodes of open sessions, with the time since each was last heard: only up to then is it known to have been there, which is what kept
   * slots are charged for. A session begins to count where it began.
   */
  async touch(nodes: readonly Heard[]): Promise<void> {
    await this.database.query(
      `UPDATE node n SET last_seen_at = now(), heard_at = GREATEST(n.heard_at, h.at),
         present_us = n.present_us + GREATEST(0, (extract(epoch FROM h.at - COALESCE(n.heard_at, h.at)) * 1000000)::bigint)
       FROM (SELECT id, epoch, now() - make_interval(secs => silent_ms / 1000) AS at
             FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS x(id, epoch, silent_ms)) AS h
       WHERE n.id = h.id AND n.session_epoch = h.epoch`,
      [nodes.map((n) => n.node_id), nodes.map((n) => n.session_epoch), nodes.map((n) => Math.max(0, n.silent_ms))],
    );
  }

  /** Replaces a node's offers by what its present session says. @returns the markets in which it has or had some; null for a fenced session. */
  async replaceOffers(
    tx: Transaction,
    node: {
      node_id: string;
      session_epoch: number;
      available: boolean;
      reason: { code: string; sentence: string };
      speed_fuel_per_ms: number;
    },
    slots: readonly SlotOffer[],
    electricityOf: (kind: NodeKind, region: string | null) => Micro,
  ): Promise<SlotClass[] | null> {
    const { rows } = await tx.query<{ owner_id: string; kind: NodeKind; region: string | null }>(
      `UPDATE node SET state = $3::node_state, reason_code = $4, reason_sentence = $5, speed_fuel_per_ms = $6, last_seen_at = now()
       WHERE id = $1 AND session_epoch = $2 AND state IN ('ONLINE', 'PAUSED') RETURNING owner_id, kind, region`,
      [
        node.node_id,
        node.session_epoch,
        node.available ? 'ONLINE' : 'PAUSED',
        node.reason.code,
        node.reason.sentence,
        node.speed_fuel_per_ms,
      ],
    );
    const [owned] = rows;
    if (!owned) return null;
    const offered = slots.map((s) => s.slot_class);
    const { rows: withdrawn } = await tx.query<{ slot_class: SlotClass }>(
      `UPDATE offer SET slots = 0, available = false, updated_at = now()
       WHERE node_id = $1 AND slot_class <> ALL($2::slot_class[]) AND slots > 0 RETURNING slot_class`,
      [node.node_id, offered],
    );
    await tx.query(
      `INSERT INTO offer (node_id, slot_class, slots, asked_price_micro, electricity_micro, reserve_price_micro, available)
       SELECT $1, s.slot_class, s.slots, s.asked, $5, COALESCE(h.price, s.asked, $5), $6
       FROM unnest($2::slot_class[], $3::int[], $4::bigint[]) AS s(slot_class, slots, asked) LEFT JOIN price_by_hour($7, $1, now()) AS h ON true
       ON CONFLICT (node_id, slot_class) DO UPDATE
         SET slots = excluded.slots, asked_price_micro = excluded.asked_price_micro, electricity_micro = excluded.electricity_micro,
           reserve_price_micro = excluded.reserve_price_micro, available = excluded.available, updated_at = now()`,
      [
        node.node_id,
        offered,
        slots.map((s) => s.count),
        slots.map((s) => s.reserve_price_micro),
        electricityOf(owned.kind, owned.region),
        node.available,
        owned.owner_id,
      ],
    );
    return [...new Set([...offered, ...withdrawn.map((row) => row.slot_class)])];
  }

  async revoke(node_id: string, owner_id: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE node SET state = 'REVOKED', session_epoch = session_epoch + 1, reason_code = 'revoked',
         reason_sentence = 'Its owner took it out of the heap.'
       WHERE id = $1 AND owner_id = $2 AND state <> 'REVOKED'`,
      [node_id, owner_id],
    );
    return rowCount === 1;
  }

  async countOnline(): Promise<number> {
    const { rows } = await this.database.query<{ count: number }>("SELECT count(*)::int AS count FROM node WHERE state = 'ONLINE'");
    return rows[0]?.count ?? 0;
  }

  async isCurrentSession(node_id: string, session_epoch: number): Promise<boolean> {
    const { rowCount } = await this.database.query(
      "SELECT 1 FROM node WHERE id = $1 AND session_epoch = $2 AND state IN ('ONLINE', 'PAUSED')",
      [node_id, session_epoch],
    );
    return rowCount === 1;
  }
}
