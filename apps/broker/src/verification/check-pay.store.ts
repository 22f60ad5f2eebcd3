import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Holdback } from '#ledger';
import type { Micro } from '#units';

/** What a check earns, or an overturned penalty gives back, before and while it is held. */
export interface EarnedPay {
  /** Of the check, or of the penalty. */
  check_id: string;
  job_id: string | null;
  lease_id: string | null;
  node_id: string;
  owner_id: string;
  amount: Micro;
}

/** A check that a node ran for the heap and that came to what is right. */
export interface PaidCheck extends Omit<EarnedPay, 'amount'> {
  fuel_used: bigint;
  /** Of the lease that it ran on. */
  price_micro: Micro;
  /** How its result came to be checked: by chance, because its node is new, or it differed from a wrong one and was right. */
  of: 'drawn' | 'newcomer' | 'wrong';
}

/** The pay of checks: held, then the owner's, unless its node is proven wrong before. */
@Injectable()
export class CheckPayStore {
  async insert(tx: Transaction, pay: readonly (EarnedPay & { holdback: Holdback })[]): Promise<void> {
    await tx.query(
      `INSERT INTO check_pay (check_id, job_id, lease_id, node_id, owner_id, amount, hold_code, release_at)
       SELECT p.check_id, p.job_id, p.lease_id, p.node_id, p.owner_id, p.amount, p.code, now() + make_interval(secs => p.seconds)
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::text[], $8::float8[])
         AS p(check_id, job_id, lease_id, node_id, owner_id, amount, code, seconds)`,
      [
        pay.map((p) => p.check_id),
        pay.map((p) => p.job_id),
        pay.map((p) => p.lease_id),
        pay.map((p) => p.node_id),
        pay.map((p) => p.owner_id),
        pay.map((p) => p.amount),
        pay.map((p) => p.holdback.code),
        pay.map((p) => p.holdback.seconds),
      ],
    );
  }

  /** Takes what has been held long enough; of a banned node nothing is ever released. Two workers never take the same. */
  async takeDue(tx: Transaction, limit: number, reserve_days: number): Promise<(EarnedPay & { in_reserve: boolean })[]> {
    const { rows } = await tx.query<EarnedPay & { in_reserve: boolean }>(
      `UPDATE check_pay p SET state = 'RELEASED', ended_at = now()
       WHERE p.state = 'HELD' AND p.check_id IN (
         SELECT d.check_id FROM check_pay d WHERE d.state = 'HELD' AND d.release_at <= now()
           AND NOT EXISTS (SELECT 1 FROM node_standing s WHERE s.node_id = d.node_id AND s.banned IS NOT NULL)
         ORDER BY d.release_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED)
       RETURNING p.check_id, p.job_id, p.lease_id, p.node_id, p.owner_id, p.amount,
         EXISTS (SELECT 1 FROM earner e WHERE e.person_id = p.owner_id AND e.first_earned_at > now() - make_interval(days => $2)) AS in_reserve`,
      [limit, reserve_days],
    );
    return rows;
  }

  /** Voids what is held of these nodes. */
  async voidOf(tx: Transaction, node_ids: readonly string[]): Promise<EarnedPay[]> {
    const { rows } = await tx.query<EarnedPay>(
      `UPDATE check_pay p SET state = 'VOIDED', ended_at = now() WHERE p.node_id = ANY($1) AND p.state = 'HELD'
       RETURNING p.check_id, p.job_id, p.lease_id, p.node_id, p.owner_id, p.amount`,
      [node_ids],
    );
    return rows;
  }

  /** Voids the pay of one execution that was proven wrong, as far as it is held. */
  async voidExecution(tx: Transaction, job_id: string, index: number, epoch: number): Promise<EarnedPay[]> {
    const { rows } = await tx.query<EarnedPay>(
      `UPDATE check_pay p SET state = 'VOIDED', ended_at = now() FROM result_check c
       WHERE c.job_id = $1 AND c.index = $2 AND c.epoch = $3 AND p.check_id = c.id AND p.state = 'HELD'
       RETURNING p.check_id, p.job_id, p.lease_id, p.node_id, p.owner_id, p.amount`,
      [job_id, index, epoch],
    );
    return rows;
  }
}
