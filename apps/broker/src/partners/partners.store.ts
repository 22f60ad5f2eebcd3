import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction, violatedConstraint } from '#database';
import type { Micro } from '#units';
import { linkExists } from './partners.errors.js';

export interface LinkRow {
  id: string;
  code: string;
  person_id: string;
  name: string;
  share_bps: number;
  closed_at: Date | null;
  devices: number;
  earned: Micro;
  refunded: Micro;
  pending: Micro;
}

/** Shares by link: a capture is of the link by which its node was enrolled. What of a share went back is its part of what the capture refunded. */
const LINKS = `SELECT k.*, (SELECT count(*)::int FROM node_partner n WHERE n.link_id = k.id) AS devices,
    COALESCE(s.earned, 0)::bigint AS earned, COALESCE(s.refunded, 0)::bigint AS refunded, COALESCE(s.pending, 0)::bigint AS pending
  FROM partner_link k LEFT JOIN (
    SELECT n.link_id, sum(c.partner) AS earned, sum(r.partner) AS refunded, sum(c.partner - c.refunded_partner) FILTER (WHERE c.state::text IN ('CAPTURED', 'DISPUTED')) AS pending
    FROM capture c JOIN (SELECT id, node_id FROM lease UNION ALL SELECT id, node_id FROM kept_lease) AS l ON l.id = c.lease_id
    JOIN node_partner n ON n.node_id = l.node_id
    LEFT JOIN LATERAL (
      SELECT sum(e.amount) AS partner FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
      WHERE j.refs->>'capture_id' = c.id::text AND j.kind IN ('refund', 'clawback') AND a.person_id = c.partner_id AND a.code IN (2100, 2150, 1100)
        AND e.amount > 0) r ON true
    WHERE c.partner > 0 GROUP BY n.link_id) s ON s.link_id = k.id`;

@Injectable()
export class PartnersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(person_id: string): Promise<{ person_id: string; name: string } | null> {
    const { rows } = await this.database.query<{ person_id: string; name: string }>(
      'SELECT person_id, name FROM partner WHERE person_id = $1',
      [person_id],
    );
    return rows[0] ?? null;
  }

  async all(): Promise<{ person_id: string; name: string }[]> {
    const { rows } = await this.database.query<{ person_id: string; name: string }>(
      'SELECT person_id, name FROM partner ORDER BY created_at, person_id',
    );
    return rows;
  }

  async put(tx: Transaction, person_id: string, name: string, admin_id: string): Promise<void> {
    await tx.query(
      `INSERT INTO partner (person_id, name, created_by) VALUES ($1, $2, $3) ON CONFLICT (person_id) DO UPDATE SET name = excluded.name`,
      [person_id, name, admin_id],
    );
  }

  async insertLink(
    tx: Transaction,
    link: Pick<LinkRow, 'id' | 'code' | 'person_id' | 'name' | 'share_bps'> & { created_by: string },
  ): Promise<void> {
    try {
      await tx.query('INSERT INTO partner_link (id, code, person_id, name, share_bps, created_by) VALUES ($1, $2, $3, $4, $5, $6)', [
        link.id,
        link.code,
        link.person_id,
        link.name,
        link.share_bps,
        link.created_by,
      ]);
    } catch (error) {
      if (violatedConstraint(error) === 'partner_link_code_key') throw linkExists(link.code);
      throw error;
    }
  }

  async closeLink(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.query('UPDATE partner_link SET closed_at = now() WHERE id = $1 AND closed_at IS NULL', [id])).rowCount === 1;
  }

  async openLink(code: string): Promise<string | null> {
    const { rows } = await this.database.query<{ id: string }>('SELECT id FROM partner_link WHERE code = $1 AND closed_at IS NULL', [code]);
    return rows[0]?.id ?? null;
  }

  async links(person_id: string): Promise<LinkRow[]> {
    const { rows } = await this.database.query<LinkRow>(`${LINKS} WHERE k.person_id = $1 ORDER BY k.created_at, k.id`, [person_id]);
    return rows;
  }

  /** A device is of the link it was enrolled with for as long as it is there, with the share of that day. */
  async attribute(tx: Transaction, node_id: string, link_id: string): Promise<void> {
    await tx.query(
      `INSERT INTO node_partner (node_id, link_id, person_id, share_bps) SELECT $1, id, person_id, share_bps FROM partner_link WHERE id = $2`,
      [node_id, link_id],
    );
  }

  async pendingOf(person_id: string, db: Queryable = this.database): Promise<Micro> {
    const { rows } = await db.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(partner - refunded_partner), 0)::bigint AS sum FROM capture WHERE partner_id = $1 AND state::text IN ('CAPTURED', 'DISPUTED')`,
      [person_id],
    );
    return rows[0]?.sum ?? 0n;
  }
}
