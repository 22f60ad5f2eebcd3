import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction, violatedConstraint } from '#database';
import type { KeyAlgorithm, Presence, ViewTerms } from '#protocol';
import type { NodeKind, SlotClass, WorkloadClass } from '#units';
import { BANNED_PREFIX } from './bans.store.js';
import type { Felt } from './device-life.store.js';
import { deviceKnown } from './nodes.errors.js';
import { REVOKED_BY_ADMIN } from './steering.store.js';

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
  drain_code: string | null;
  drain_sentence: string | null;
  readings: Felt | null;
  readings_at: Date | null;
  groups: string[];
}

export interface NodeWork {
  node_id: string;
  lease_id: string;
  slot_class: SlotClass;
  view: ViewTerms;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  job_name: string;
  workload_class: WorkloadClass;
  granted_at: Date;
  tasks_here: number;
  tasks_done: number;
  tasks: number;
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
    const [row] = await this.findAll([node_id]);
    return row ?? null;
  }

  /** In no order. */
  async findAll(node_ids: readonly string[]): Promise<NodeRow[]> {
    const { rows } = await this.database.query<NodeRow>('SELECT * FROM node WHERE id = ANY($1)', [node_ids]);
    return rows;
  }

  async listOf(owner_id: string): Promise<NodeRow[]> {
    const { rows } = await this.database.query<NodeRow>(
      "SELECT * FROM node WHERE owner_id = $1 AND (state <> 'REVOKED' OR starts_with(reason_code, $2) OR reason_code = $3) ORDER BY id",
      [owner_id, BANNED_PREFIX, REVOKED_BY_ADMIN],
    );
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
      `SELECT l.node_id, l.id AS lease_id, l.slot_class, j.view, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit, j.name AS job_name,
         j.workload_class, l.granted_at, l.tasks_charged AS tasks_here, j.done + j.failed AS tasks_done, j.total AS tasks
       FROM lease l JOIN job j ON j.id = l.job_id WHERE l.node_id = ANY($1) AND l.state <> 'ENDED' ORDER BY l.id`,
      [node_ids],
    );
    return rows;
  }

  /** Undefined leaves what was. @returns those that are the owner's. */
  async describe(
    owner_id: string,
    node_ids: readonly string[],
    said: { name?: string | undefined; groups?: readonly string[] | undefined },
  ): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `UPDATE node SET name = COALESCE($3, name), groups = COALESCE($4, groups)
       WHERE owner_id = $1 AND id = ANY($2) AND state <> 'REVOKED' RETURNING id`,
      [owner_id, node_ids, said.name ?? null, said.groups ?? null],
    );
    return rows.map((row) => row.id);
  }

  async idsOf(owner_id: string): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      "SELECT id FROM node WHERE owner_id = $1 AND state <> 'REVOKED' ORDER BY id",
      [owner_id],
    );
    return rows.map((row) => row.id);
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
}
