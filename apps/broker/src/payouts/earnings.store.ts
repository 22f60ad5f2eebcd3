import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { HoldCode } from '#ledger';
import type { PayoutState } from '#lifecycle';
import type { Micro } from '#units';

export type HeldCode = HoldCode | 'own_use' | 'in_dispute' | 'objection_decided' | 'payment_disputed' | 'in_final_check';

export interface HeldRow {
  day: string;
  until: Date;
  remaining_ms: number;
  amount: Micro;
  captures: number;
  code: HeldCode;
}

export interface EarnedRow {
  /** Of the last seven days, or of the days since the first earning if those are fewer, but of one at least. */
  per_day: Micro;
  paid: Micro;
  taken_back: Micro;
  in_flight: { id: string; amount: Micro; state: PayoutState; reason_code: string; reason: string }[];
  reserve_until: Date | null;
  reserve_remaining_ms: number | null;
}

export interface NodeEarned {
  node_id: string;
  name: string;
  earned: Micro;
  today: Micro;
}

const DAYS_MAX = 400;

/** Reads for the owner's view of their earnings. */
@Injectable()
export class EarningsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async held(owner_id: string): Promise<HeldRow[]> {
    const { rows } = await this.database.query<HeldRow>(
      `SELECT to_char(h.until AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, max(h.until) AS until,
         (extract(epoch FROM max(h.until) - now()) * 1000)::float8 AS remaining_ms, sum(h.net)::bigint AS amount, count(*)::int AS captures, h.code
       FROM (
         SELECT c.net - c.refunded_net AS net, GREATEST(c.release_at, o.decide_by) AS until,
           CASE WHEN c.stopped_by IS NOT NULL THEN 'payment_disputed' WHEN o.decide_by IS NOT NULL THEN 'in_dispute'
             WHEN c.state = 'DISPUTED' THEN 'objection_decided' WHEN c.own_use THEN 'own_use'
             WHEN c.nth IS NOT NULL AND c.release_at <= now() THEN 'in_final_check' ELSE c.hold_code END AS code
         FROM capture c LEFT JOIN LATERAL (
           SELECT max(j.decide_by) AS decide_by FROM objection_capture p JOIN objection j ON j.id = p.objection_id
           WHERE c.state = 'DISPUTED' AND p.capture_id = c.id AND p.refund IS NULL) AS o ON true
         WHERE c.owner_id = $1 AND c.state IN ('CAPTURED', 'DISPUTED')
         UNION ALL
         SELECT p.amount, p.release_at, p.hold_code FROM check_pay p WHERE p.owner_id = $1 AND p.state = 'HELD') AS h
       GROUP BY 1, h.code ORDER BY 1, h.code LIMIT $2`,
      [owner_id, DAYS_MAX],
    );
    return rows;
  }

  async ofDevice(node_id: string, since: Date): Promise<{ earned: Micro; since: Micro }> {
    const { rows } = await this.database.query<{ earned: Micro; since: Micro }>(
      `SELECT COALESCE(sum(e.net), 0)::bigint AS earned, COALESCE(sum(e.net) FILTER (WHERE e.at >= $2), 0)::bigint AS since
       FROM (SELECT c.net - c.refunded_net AS net, c.captured_at AS at FROM capture c
             WHERE c.lease_id IN (SELECT id FROM lease WHERE node_id = $1 UNION ALL SELECT id FROM kept_lease WHERE node_id = $1)
             UNION ALL SELECT p.amount, p.earned_at FROM check_pay p WHERE p.node_id = $1 AND p.state <> 'VOIDED') AS e`,
      [node_id, since],
    );
    if (!rows[0]) throw new Error('sums without a row');
    return rows[0];
  }

  /** The last days of UTC, oldest first, and the devices that earned in them. Leases are found by their owner and the time in their ids (UUIDv7). */
  async history(owner_id: string, days: number): Promise<{ days: { day: string; earned: Micro }[]; nodes: NodeEarned[] }> {
    const first = "date_trunc('day', now() AT TIME ZONE 'UTC') - make_interval(days => $2::int - 1)";
    const { rows } = await this.database.query<{ day: string; earned: Micro }>(
      `SELECT to_char(d.day, 'YYYY-MM-DD') AS day, COALESCE(sum(c.net - c.refunded_net), 0)::bigint AS earned
       FROM generate_series(${first}, date_trunc('day', now() AT TIME ZONE 'UTC'), interval '1 day') AS d(day)
       LEFT JOIN capture c ON c.owner_id = $1 AND c.captured_at >= d.day AT TIME ZONE 'UTC' AND c.captured_at < (d.day + interval '1 day') AT TIME ZONE 'UTC'
       GROUP BY d.day ORDER BY d.day`,
      [owner_id, days],
    );
    const { rows: nodes } = await this.database.query<NodeEarned>(
      `SELECT n.id AS node_id, n.name, sum(c.net - c.refunded_net)::bigint AS earned,
         COALESCE(sum(c.net - c.refunded_net) FILTER (WHERE c.captured_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), 0)::bigint AS today
       FROM capture c LEFT JOIN lease l ON l.id = c.lease_id LEFT JOIN kept_lease k ON k.id = c.lease_id
       JOIN node n ON n.id = COALESCE(l.node_id, k.node_id)
       WHERE c.owner_id = $1 AND c.captured_at >= (${first}) AT TIME ZONE 'UTC'
       GROUP BY n.id, n.name ORDER BY earned DESC, n.id LIMIT 1000`,
      [owner_id, days],
    );
    return { days: rows, nodes };
  }

  async earned(owner_id: string, reserve_days: number): Promise<EarnedRow> {
    const { rows } = await this.database.query<EarnedRow>(
      `SELECT
         ((SELECT COALESCE(sum(net - refunded_net), 0) FROM capture WHERE owner_id = $1 AND captured_at > now() - interval '7 days' AND NOT own_use)
           + (SELECT COALESCE(sum(amount), 0) FROM check_pay WHERE owner_id = $1 AND earned_at > now() - interval '7 days' AND state <> 'VOIDED'))
           ::bigint / LEAST(7, GREATEST(1, ceil(extract(epoch FROM now() - e.first_earned_at) / 86400)))::bigint AS per_day,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM payout WHERE person_id = $1 AND payee = 'owner' AND state = 'PAID') AS paid,
         (SELECT COALESCE(sum(amount), 0)::bigint FROM correction WHERE owner_id = $1 AND kind = 'clawback') AS taken_back,
         e.first_earned_at + make_interval(days => $2) AS reserve_until,
         (extract(epoch FROM e.first_earned_at + make_interval(days => $2) - now()) * 1000)::float8 AS reserve_remaining_ms
       FROM (SELECT COALESCE((SELECT first_earned_at FROM earner WHERE person_id = $1), now()) AS first_earned_at) AS e`,
      [owner_id, reserve_days],
    );
    const { rows: in_flight } = await this.database.query<EarnedRow['in_flight'][number]>(
      `SELECT id, amount, state::text AS state, reason_code, reason FROM payout
       WHERE person_id = $1 AND payee = 'owner' AND (state IN ('REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN', 'TRANSFERRED', 'BANK_PENDING')
         OR (state = 'BANK_FAILED' AND returned_at IS NULL)) ORDER BY id DESC`,
      [owner_id],
    );
    if (!rows[0]) throw new Error('sums without a row');
    return { ...rows[0], in_flight };
  }
}
