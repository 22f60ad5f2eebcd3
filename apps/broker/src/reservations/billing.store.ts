import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { KeptMarketName, Micro } from '#units';

/** A lease with what it must be charged by. */
export interface BillRow {
  id: string;
  market: KeptMarketName;
  reservation_id: string;
  person_id: string;
  owner_id: string;
  hold_id: string;
  quantity: number;
  price_micro: Micro;
  /** For how long its device has been heard of since it began. */
  kept_us: bigint;
  audited_byte_hours: bigint;
  charged_micro: Micro;
  limit_micro: Micro;
}

@Injectable()
export class BillingStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Leases that were not charged for so long, the longest first. */
  async due(seconds: number, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM kept_lease WHERE state <> 'ENDED' AND charged_at <= now() - make_interval(secs => $1) ORDER BY charged_at LIMIT $2`,
      [seconds, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Leases whose developer's cap is below what today has cost and will cost until midnight, the newest first and no more than it takes: a
   * cap was lowered, a day began with more than it pays for, or several reservations won in one round.
   */
  async uncovered(): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM (
         SELECT l.id, d.lacking, c.rest, sum(c.rest) OVER (PARTITION BY d.person_id ORDER BY l.id DESC) - c.rest AS of_newer
         FROM (SELECT b.person_id, -day_left(b.person_id) AS lacking FROM buyer_limits b
               WHERE b.day_cap_micro IS NOT NULL AND b.person_id IN (
                 SELECT r.person_id FROM kept_lease l JOIN reservation r ON r.id = l.reservation_id WHERE l.state <> 'ENDED')) AS d
         JOIN reservation r ON r.person_id = d.person_id AND r.state IN ('WAITING', 'RUNNING')
         JOIN kept_lease l ON l.reservation_id = r.id AND l.state <> 'ENDED'
         CROSS JOIN LATERAL (SELECT LEAST(l.limit_micro - l.charged_micro, ceil(l.quantity::numeric * l.price_micro
           * GREATEST(0, extract(epoch FROM LEAST(l.expires_at, date_trunc('day', now(), 'UTC') + interval '24 hours') - now())) * 1000000
           / kept_unit_us(l.market))) AS rest) AS c
         WHERE d.lacking > 0
       ) AS x WHERE rest > 0 AND of_newer < lacking ORDER BY id`,
    );
    return rows.map((row) => row.id);
  }

  /** What these open leases owe by; the caller has locked them. */
  async read(tx: Transaction, lease_ids: readonly string[]): Promise<BillRow[]> {
    const { rows } = await tx.query<BillRow>(
      `SELECT l.id, l.market, l.reservation_id, r.person_id, l.owner_id, h.id AS hold_id, l.quantity, l.price_micro,
         GREATEST(l.kept_us, n.present_us - l.present_base_us) AS kept_us, l.audited_byte_hours, l.charged_micro, l.limit_micro
       FROM kept_lease l JOIN node n ON n.id = l.node_id JOIN reservation r ON r.id = l.reservation_id JOIN hold h ON h.job_id = r.id
       WHERE l.id = ANY($1) AND l.state <> 'ENDED' ORDER BY l.id`,
      [lease_ids],
    );
    return rows;
  }

  /** Counts what was kept and charged, on leases and then on their reservations. */
  async count(tx: Transaction, bills: readonly { lease_id: string; kept_us: bigint; gross: Micro }[]): Promise<void> {
    await tx.query(
      `WITH charged AS (
         UPDATE kept_lease l SET kept_us = x.kept_us, charged_micro = l.charged_micro + x.gross, charged_at = now()
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS x(id, kept_us, gross) WHERE l.id = x.id RETURNING l.reservation_id, x.gross
       )
       UPDATE reservation r SET charged_micro = r.charged_micro + s.gross, reserved_micro = r.reserved_micro - s.gross
       FROM (SELECT reservation_id, sum(gross)::bigint AS gross FROM charged GROUP BY reservation_id HAVING sum(gross) > 0) AS s WHERE r.id = s.reservation_id`,
      [bills.map((b) => b.lease_id), bills.map((b) => b.kept_us), bills.map((b) => b.gross)],
    );
  }

  /**
   * Adds what an audit found, at most all that the lease has kept since it began.
   * @returns the reports that were too high, or of no open storage lease.
   */
  async addAudited(tx: Transaction, reports: readonly { lease_id: string; byte_hours: bigint }[]): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE kept_lease l SET audited_byte_hours = l.audited_byte_hours + x.added
       FROM unnest($1::uuid[], $2::bigint[]) AS x(id, added)
       WHERE l.id = x.id AND l.state <> 'ENDED' AND l.market LIKE 'storage:%' AND x.added >= 0
         AND l.audited_byte_hours + x.added <= floor(l.quantity * 1000000000.0::numeric * extract(epoch FROM now() - l.granted_at) / 3600)
       RETURNING l.id`,
      [reports.map((r) => r.lease_id), reports.map((r) => r.byte_hours)],
    );
    const taken = new Set(rows.map((row) => row.id));
    return reports.map((r) => r.lease_id).filter((lease_id) => !taken.has(lease_id));
  }
}
