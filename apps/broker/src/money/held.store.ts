import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Holdback } from '#ledger';
import type { Micro } from '#units';

export interface CaptureRow {
  id: string;
  hold_id: string;
  job_id: string;
  lease_id: string;
  owner_id: string;
  gross: Micro;
  fee: Micro;
  net: Micro;
  tasks: number;
  fuel: bigint;
  /** Buyer and owner are of one cluster. */
  own_use: boolean;
  /** The part of the gross that was promotional money. */
  promo: Micro;
  partner: Micro;
  partner_id: string | null;
  /** Which income its fee becomes. */
  income: 'compute' | 'storage';
  holdback: Holdback;
  check_window?: { nth: bigint; results: number };
}

export interface DueCapture {
  id: string;
  owner_id: string;
  net: Micro;
  fee: Micro;
  own_use: boolean;
  promo: Micro;
  partner: Micro;
  partner_id: string | null;
  income: 'compute' | 'storage';
  /** Its owner is in the days in which a part stays in reserve. */
  in_reserve: boolean;
}

/**
 * All results that a capture paid are final, and no verifier of its developer has still to look at its job's: no money leaves the holdback before. What
 * a node got for checking others has no window of its own (`nth`), and waits for what the heap finds where it differed, or is finding about the task.
 */
export const CHECKED = (
  c: string,
): string => `(NOT EXISTS (SELECT 1 FROM own_check k WHERE k.job_id = ${c}.job_id AND k.state IN ('WANTED', 'OUT', 'REJECTED'))
  AND CASE WHEN ${c}.nth IS NULL THEN NOT EXISTS (
    SELECT 1 FROM result_check k JOIN attempt a ON a.job_id = k.job_id AND a.index = k.index
    WHERE k.job_id = ${c}.job_id AND k.state IN ('WANTED', 'OUT') AND k.kind IN ('mismatch', 'reverify', 'reference') AND a.lease_id = ${c}.lease_id)
  ELSE EXISTS (
  SELECT 1 FROM lease l JOIN node_standing s ON s.node_id = l.node_id
  WHERE l.id = ${c}.lease_id AND s.banned IS NULL AND (${c}.nth + ${c}.window_results <= s.results OR ${c}.nth <= s.closed)
    AND NOT EXISTS (SELECT 1 FROM result_check k WHERE k.job_id = ${c}.job_id AND k.node_id = l.node_id AND k.state IN ('WANTED', 'OUT')
      AND k.kind NOT IN ('appeal', 'objection'))) END)`;

/** The rows of held money: holds and what was captured from them. */
@Injectable()
export class HeldStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** What a person's jobs were charged, and what their nodes earned net of the fee and of what went back, ever. */
  async totals(person_id: string): Promise<{ spent: Micro; earned: Micro }> {
    const { rows } = await this.database.query<{ spent: Micro; earned: Micro }>(
      `SELECT (SELECT COALESCE(sum(captured), 0)::bigint FROM hold WHERE person_id = $1) AS spent,
         ((SELECT COALESCE(sum(net - refunded_net), 0) FROM capture WHERE owner_id = $1)
           + (SELECT COALESCE(sum(amount), 0) FROM check_pay WHERE owner_id = $1 AND state <> 'VOIDED'))::bigint AS earned`,
      [person_id],
    );
    return rows[0] ?? { spent: 0n, earned: 0n };
  }

  /** Why a person may not hold money for new work, if so. */
  async blockOf(tx: Transaction, person_id: string): Promise<string | null> {
    const { rows } = await tx.query<{ cause: string }>('SELECT cause FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL LIMIT 1', [
      person_id,
    ]);
    return rows[0]?.cause ?? null;
  }

  async insertHold(tx: Transaction, hold: { id: string; job_id: string; person_id: string; amount: Micro; promo: Micro }): Promise<void> {
    await tx.query('INSERT INTO hold (id, job_id, person_id, amount, promo) VALUES ($1, $2, $3, $4, $5)', [
      hold.id,
      hold.job_id,
      hold.person_id,
      hold.amount,
      hold.promo,
    ]);
  }

  /** @returns the hold, or null when it is resolved. */
  async raise(tx: Transaction, job_id: string, amount: Micro): Promise<string | null> {
    const { rows } = await tx.query<{ id: string }>(
      "UPDATE hold SET amount = amount + $2 WHERE job_id = $1 AND state = 'HELD' RETURNING id",
      [job_id, amount],
    );
    return rows[0]?.id ?? null;
  }

  /** @returns the holds that took their part, as they were before it: fewer than asked means that one was resolved. */
  async addCaptured(tx: Transaction, parts: ReadonlyMap<string, Micro>): Promise<Map<string, { captured: Micro; promo: Micro }>> {
    const { rows } = await tx.query<{ id: string; captured: Micro; promo: Micro }>(
      `UPDATE hold h SET captured = h.captured + p.amount FROM unnest($1::uuid[], $2::bigint[]) AS p(id, amount)
       WHERE h.id = p.id AND h.state = 'HELD' RETURNING h.id, h.captured - p.amount AS captured, h.promo`,
      [[...parts.keys()], [...parts.values()]],
    );
    return new Map(rows.map(({ id, captured, promo }) => [id, { captured, promo }]));
  }

  /** Who brought the devices of leases, and for which share of the fee. Nobody has a share of what their own devices earn. */
  async partnersOf(tx: Transaction, lease_ids: readonly string[]): Promise<Map<string, { person: string; share_bps: bigint }>> {
    const { rows } = await tx.query<{ id: string; person_id: string; share_bps: number }>(
      `SELECT l.id, p.person_id, p.share_bps
       FROM (SELECT id, node_id, owner_id FROM lease WHERE id = ANY($1)
             UNION ALL SELECT id, node_id, owner_id FROM kept_lease WHERE id = ANY($1)) AS l
       JOIN node_partner p ON p.node_id = l.node_id WHERE p.person_id <> l.owner_id`,
      [lease_ids],
    );
    return new Map(rows.map(({ id, person_id, share_bps }) => [id, { person: person_id, share_bps: BigInt(share_bps) }]));
  }

  async insertCaptures(tx: Transaction, captures: readonly CaptureRow[]): Promise<void> {
    await tx.query(
      `INSERT INTO capture (id, hold_id, job_id, lease_id, owner_id, gross, fee, net, tasks, fuel, own_use, hold_code, release_at,
         promo, partner, partner_id, income, nth, window_results)
       SELECT c.id, c.hold_id, c.job_id, c.lease_id, c.owner_id, c.gross, c.fee, c.net, c.tasks, c.fuel, c.own_use, c.hold_code,
         now() + make_interval(secs => c.seconds), c.promo, c.partner, c.partner_id, c.income, c.nth,
         c.window_results
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::int[], $10::bigint[],
         $11::boolean[], $12::text[], $13::float8[], $14::bigint[], $15::bigint[], $16::uuid[], $17::text[], $18::bigint[], $19::int[])
         AS c(id, hold_id, job_id, lease_id, owner_id, gross, fee, net, tasks, fuel, own_use, hold_code, seconds, promo, partner, partner_id, income,
           nth, window_results)`,
      [
        captures.map((c) => c.id),
        captures.map((c) => c.hold_id),
        captures.map((c) => c.job_id),
        captures.map((c) => c.lease_id),
        captures.map((c) => c.owner_id),
        captures.map((c) => c.gross),
        captures.map((c) => c.fee),
        captures.map((c) => c.net),
        captures.map((c) => c.tasks),
        captures.map((c) => c.fuel),
        captures.map((c) => c.own_use),
        captures.map((c) => c.holdback.code),
        captures.map((c) => c.holdback.seconds),
        captures.map((c) => c.promo),
        captures.map((c) => c.partner),
        captures.map((c) => c.partner_id),
        captures.map((c) => c.income),
        captures.map((c) => c.check_window?.nth ?? null),
        captures.map((c) => c.check_window?.results ?? null),
      ],
    );
  }

  /** Resolves a job's hold, once. @returns what was never captured, or null when it is resolved already. */
  async resolve(
    tx: Transaction,
    job_id: string,
  ): Promise<{ id: string; person_id: string; captured: Micro; returned: Micro; promo: Micro } | null> {
    const { rows } = await tx.query<{ id: string; person_id: string; captured: Micro; returned: Micro; promo: Micro }>(
      `UPDATE hold SET state = 'RESOLVED', returned = amount - captured, resolved_at = now()
       WHERE job_id = $1 AND state = 'HELD' RETURNING id, person_id, captured, returned, promo`,
      [job_id],
    );
    return rows[0] ?? null;
  }

  /** Takes captures whose holdback is over. Two workers never take the same. */
  async takeDue(tx: Transaction, limit: number, reserve_days: number): Promise<DueCapture[]> {
    const { rows } = await tx.query<DueCapture>(
      `UPDATE capture c SET state = (CASE c.refunded WHEN 0 THEN 'RELEASED' ELSE 'SPLIT' END)::capture_state,
         released_at = CASE c.refunded WHEN 0 THEN now() END
       WHERE id IN (SELECT c.id FROM capture c WHERE c.state = 'CAPTURED' AND c.release_at <= now() AND c.stopped_by IS NULL AND ${CHECKED('c')}
           ORDER BY c.release_at LIMIT $1 FOR UPDATE OF c SKIP LOCKED)
         AND state = 'CAPTURED'
       RETURNING id, owner_id, net - refunded_net AS net, fee - (refunded - refunded_net - refunded_partner) AS fee, own_use,
         GREATEST(promo - refunded, 0) AS promo, partner - refunded_partner AS partner, partner_id, income,
         EXISTS (SELECT 1 FROM earner e WHERE e.person_id = c.owner_id AND e.first_earned_at > now() - make_interval(days => $2)) AS in_reserve`,
      [limit, reserve_days],
    );
    return rows;
  }
}
