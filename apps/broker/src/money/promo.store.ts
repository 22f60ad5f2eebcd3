import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro } from '#units';

interface Part {
  id: string;
  left: Micro;
}

export interface ExpiredGrant {
  id: string;
  person_id: string;
  amount: Micro;
  /** How many parts of this grant have expired, this one included. */
  part: number;
}

/** Which grants the promotional money of 2020 is of. Grants are locked after holds and before accounts. */
@Injectable()
export class PromoStore {
  /** Uses up to `amount` of somebody's grants, those that expire soonest first. @returns how much. */
  async take(tx: Transaction, person_id: string, amount: Micro): Promise<Micro> {
    const { rows } = await tx.query<Part>(
      `SELECT id, amount - used - expired AS left FROM promo_grant
       WHERE person_id = $1 AND used + expired < amount AND expires_at > now() ORDER BY expires_at, id FOR UPDATE`,
      [person_id],
    );
    return this.spread(tx, rows, amount, 'used = used + p.part');
  }

  /** What was held and is not spent belongs to grants again, those that expire last first: some of it may expire at once. */
  async giveBack(tx: Transaction, person_id: string, amount: Micro): Promise<void> {
    const { rows } = await tx.query<Part>(
      'SELECT id, used AS left FROM promo_grant WHERE person_id = $1 AND used > 0 ORDER BY expires_at DESC, id FOR UPDATE',
      [person_id],
    );
    const given = await this.spread(tx, rows, amount, 'used = used - p.part');
    if (given !== amount) throw new Error(`${amount} promotional money came back to ${person_id}, who used ${given}`);
  }

  /** Ends what is left of grants whose time is over. */
  async expire(tx: Transaction, limit: number): Promise<ExpiredGrant[]> {
    const { rows } = await tx.query<ExpiredGrant>(
      `WITH due AS (
         SELECT id, amount - used - expired AS amount FROM promo_grant WHERE used + expired < amount AND expires_at <= now()
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE promo_grant g SET expired = g.expired + d.amount, expiries = g.expiries + 1 FROM due d WHERE g.id = d.id
       RETURNING g.id, g.person_id, d.amount, g.expiries AS part`,
      [limit],
    );
    return rows;
  }

  private async spread(tx: Transaction, grants: readonly Part[], amount: Micro, change: string): Promise<Micro> {
    let left = amount;
    const parts = grants
      .map((grant) => {
        const part = grant.left < left ? grant.left : left;
        left -= part;
        return { id: grant.id, part };
      })
      .filter(({ part }) => part > 0n);
    if (parts.length > 0)
      await tx.query(`UPDATE promo_grant g SET ${change} FROM unnest($1::uuid[], $2::bigint[]) AS p(id, part) WHERE g.id = p.id`, [
        parts.map(({ id }) => id),
        parts.map(({ part }) => part),
      ]);
    return amount - left;
  }
}
