import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

export interface LinkRow {
  link_id: string;
  label: string;
  uses: number;
  uses_max: number;
  devices: number;
  created_at: Date;
  expires_at: Date;
  closed: boolean;
  over: boolean;
}

const COLUMNS = `k.id AS link_id, k.label, k.uses, k.uses_max, k.created_at, k.expires_at, k.closed_at IS NOT NULL AS closed,
  k.expires_at <= now() AS over,
  (SELECT count(*)::int FROM enrolment_code c JOIN node n ON n.id = c.node_id WHERE c.link_id = k.id AND n.state <> 'REVOKED') AS devices`;
const OPEN = 'closed_at IS NULL AND expires_at > now() AND uses < uses_max';

/** Links by which many devices join one owner. */
@Injectable()
export class EnrolmentLinksStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false where the owner has as many open ones as anybody may. */
  async insert(
    link: {
      id: string;
      owner_id: string;
      code_hash: string;
      label: string;
      partner_link_id: string | null;
      uses_max: number;
      days: number;
    },
    open_max: number,
  ): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `INSERT INTO enrolment_link (id, owner_id, code_hash, label, partner_link_id, uses_max, expires_at)
       SELECT $1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)
       WHERE (SELECT count(*) FROM enrolment_link WHERE owner_id = $2 AND ${OPEN}) < $8`,
      [link.id, link.owner_id, link.code_hash, link.label, link.partner_link_id, link.uses_max, link.days, open_max],
    );
    return rowCount === 1;
  }

  async listOf(owner_id: string): Promise<LinkRow[]> {
    const { rows } = await this.database.query<LinkRow>(
      `SELECT ${COLUMNS} FROM enrolment_link k WHERE k.owner_id = $1 ORDER BY k.id DESC LIMIT 200`,
      [owner_id],
    );
    return rows;
  }

  async close(owner_id: string, link_id: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      'UPDATE enrolment_link SET closed_at = COALESCE(closed_at, now()) WHERE id = $1 AND owner_id = $2',
      [link_id, owner_id],
    );
    return rowCount === 1;
  }

  /** Uses a link once, for a code of this hash. @returns when the code expires, or null where the link opens nothing. */
  async use(tx: Transaction, link_hash: string, code_hash: string, ttl_seconds: number): Promise<Date | null> {
    const { rows } = await tx.query<{ expires_at: Date }>(
      `WITH used AS (UPDATE enrolment_link SET uses = uses + 1 WHERE code_hash = $1 AND ${OPEN} RETURNING id, owner_id, partner_link_id)
       INSERT INTO enrolment_code (code_hash, person_id, expires_at, partner_link_id, link_id)
       SELECT $2, owner_id, now() + make_interval(secs => $3), partner_link_id, id FROM used RETURNING expires_at`,
      [link_hash, code_hash, ttl_seconds],
    );
    return rows[0]?.expires_at ?? null;
  }
}
