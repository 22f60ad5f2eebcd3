import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

/** How a buyer's objections went: what owners may want to know before they admit somebody. */
export interface BuyerObjections {
  person_id: string;
  open: number;
  decided_for_owner: number;
  decided_for_developer: number;
  split: number;
  /** The charge that was objected to and what of it went back, of decided ones. */
  objected: Micro;
  refunded: Micro;
}

@Injectable()
export class BuyerObjectionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async ofBuyers(buyers: readonly string[]): Promise<BuyerObjections[]> {
    const { rows } = await this.database.query<BuyerObjections>(
      `SELECT person_id, (count(*) FILTER (WHERE state = 'OPEN'))::int AS open,
         (count(*) FILTER (WHERE outcome = 'owner'))::int AS decided_for_owner,
         (count(*) FILTER (WHERE outcome = 'developer'))::int AS decided_for_developer,
         (count(*) FILTER (WHERE outcome = 'split'))::int AS split,
         COALESCE(sum(amount) FILTER (WHERE state = 'DECIDED'), 0)::bigint AS objected, COALESCE(sum(refund), 0)::bigint AS refunded
       FROM objection WHERE person_id = ANY($1::uuid[]) GROUP BY person_id`,
      [buyers],
    );
    return rows;
  }
}
