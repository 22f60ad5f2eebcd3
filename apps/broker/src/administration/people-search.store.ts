import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Presence, QueryOf, ROUTES } from '#protocol';
import type { Micro, NodeKind } from '#units';

export interface AdminPersonRow {
  id: string;
  name: string;
  email: string;
  roles: ('owner' | 'developer' | 'admin')[];
  email_verified: boolean;
  created_at: Date;
  credentials_changed_at: Date | null;
  suspended_at: Date | null;
  suspended_by: string | null;
  suspended_reason: string | null;
  nodes: number;
  jobs_live: number;
  last_signed_in_at: Date | null;
}

type Query = QueryOf<typeof ROUTES.searchPeople>;

const LISTED = 10;
const COUNTED = 100_000;
const COLUMNS = `p.id, p.name, p.email, p.roles::text[] AS roles, p.email_verified, p.created_at, p.credentials_changed_at, p.suspended_at,
  p.suspended_by, p.suspended_reason,
  (SELECT count(*)::int FROM node n WHERE n.owner_id = p.id AND n.state <> 'REVOKED') AS nodes,
  (SELECT count(*)::int FROM job j WHERE j.person_id = p.id AND j.state IN ('QUEUED', 'RUNNING')) AS jobs_live,
  (SELECT max(s.created_at) FROM session s WHERE s.person_id = p.id) AS last_signed_in_at`;
const WHERE = `($1::text IS NULL OR p.email ILIKE $1 OR p.name ILIKE $1 OR p.id::text LIKE $2) AND ($3::person_role IS NULL OR $3 = ANY (p.roles))
  AND CASE $4::text WHEN 'active' THEN p.suspended_at IS NULL WHEN 'suspended' THEN p.suspended_at IS NOT NULL
    WHEN 'blocked' THEN EXISTS (SELECT 1 FROM payer_block b WHERE b.person_id = p.id AND b.lifted_at IS NULL) ELSE true END`;
const like = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function filters({ q, role, state }: Query): unknown[] {
  const words = q?.trim() || undefined;
  return [
    words === undefined ? null : `%${like(words)}%`,
    words === undefined ? null : `${like(words.toLowerCase())}%`,
    role ?? null,
    state ?? null,
  ];
}

/** People as admins see them. No secret is among the columns. */
@Injectable()
export class PeopleSearchStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async page(query: Query): Promise<AdminPersonRow[]> {
    const { rows } = await this.database.query<AdminPersonRow>(
      `SELECT ${COLUMNS} FROM person p WHERE ${WHERE} AND ($5::uuid IS NULL OR p.id < $5) ORDER BY p.id DESC LIMIT $6`,
      [...filters(query), query.cursor ?? null, query.limit],
    );
    return rows;
  }

  async count(query: Query): Promise<{ count: number; at_least: boolean }> {
    const { rows } = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM person p WHERE ${WHERE} LIMIT ${COUNTED + 1}) AS counted`,
      filters(query),
    );
    const count = rows[0]?.count ?? 0;
    return { count: Math.min(count, COUNTED), at_least: count > COUNTED };
  }

  async find(person_id: string): Promise<AdminPersonRow | null> {
    return (await this.database.query<AdminPersonRow>(`SELECT ${COLUMNS} FROM person p WHERE p.id = $1`, [person_id])).rows[0] ?? null;
  }

  async nodes(
    person_id: string,
  ): Promise<{ node_id: string; name: string; kind: NodeKind; presence: Presence['state'] | null; drained: boolean }[]> {
    const { rows } = await this.database.query<{
      node_id: string;
      name: string;
      kind: NodeKind;
      presence: Presence['state'] | null;
      drained: boolean;
    }>(
      `SELECT id AS node_id, name, kind, presence, drained_at IS NOT NULL AS drained FROM node
       WHERE owner_id = $1 AND state <> 'REVOKED' ORDER BY last_seen_at DESC NULLS LAST, id LIMIT ${LISTED}`,
      [person_id],
    );
    return rows;
  }

  async jobs(
    person_id: string,
  ): Promise<{ id: string; name: string; state: string; code: string; sentence: string; charged_micro: Micro; created_at: Date }[]> {
    const { rows } = await this.database.query<{
      id: string;
      name: string;
      state: string;
      code: string;
      sentence: string;
      charged_micro: Micro;
      created_at: Date;
    }>(
      `SELECT id, name, state, reason_code AS code, reason_sentence AS sentence, charged_micro, created_at FROM job
       WHERE person_id = $1 ORDER BY id DESC LIMIT ${LISTED}`,
      [person_id],
    );
    return rows;
  }

  async payouts(
    person_id: string,
  ): Promise<{ id: string; state: string; amount: Micro; code: string; sentence: string; requested_at: Date }[]> {
    const { rows } = await this.database.query<{
      id: string;
      state: string;
      amount: Micro;
      code: string;
      sentence: string;
      requested_at: Date;
    }>(
      `SELECT id, state, amount, reason_code AS code, reason AS sentence, requested_at FROM payout WHERE person_id = $1 ORDER BY id DESC LIMIT ${LISTED}`,
      [person_id],
    );
    return rows;
  }

  async deposits(person_id: string): Promise<{ id: string; state: string; amount: Micro; created_at: Date }[]> {
    const { rows } = await this.database.query<{ id: string; state: string; amount: Micro; created_at: Date }>(
      `SELECT id, state, amount, created_at FROM deposit WHERE person_id = $1 ORDER BY id DESC LIMIT ${LISTED}`,
      [person_id],
    );
    return rows;
  }

  async sessions(
    person_id: string,
  ): Promise<{ created_at: Date; expires_at: Date; ip_address: string | null; user_agent: string | null }[]> {
    const { rows } = await this.database.query<{
      created_at: Date;
      expires_at: Date;
      ip_address: string | null;
      user_agent: string | null;
    }>(
      `SELECT created_at, expires_at, ip_address, user_agent FROM session WHERE person_id = $1 AND expires_at > now() ORDER BY created_at DESC LIMIT 50`,
      [person_id],
    );
    return rows;
  }

  async blocks(person_id: string): Promise<{ cause: string; since: Date }[]> {
    const { rows } = await this.database.query<{ cause: string; since: Date }>(
      'SELECT cause, created_at AS since FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL ORDER BY created_at',
      [person_id],
    );
    return rows;
  }

  async counts(person_id: string): Promise<{ api_keys: number; penalties: number; cluster_id: string | null; cluster_owners: number }> {
    const { rows } = await this.database.query<{ api_keys: number; penalties: number; cluster_id: string | null; cluster_owners: number }>(
      `SELECT (SELECT count(*)::int FROM api_key WHERE person_id = $1) AS api_keys,
         (SELECT count(*)::int FROM penalty WHERE owner_id = $1) AS penalties, c.cluster_id,
         (SELECT count(*)::int FROM owner_cluster o WHERE o.cluster_id = c.cluster_id) AS cluster_owners
       FROM (SELECT 1) AS one LEFT JOIN owner_cluster c ON c.owner_id = $1`,
      [person_id],
    );
    return rows[0] ?? { api_keys: 0, penalties: 0, cluster_id: null, cluster_owners: 0 };
  }
}
