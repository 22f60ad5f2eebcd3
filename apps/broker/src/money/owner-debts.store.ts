import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import { HeapError, type Micro } from '#units';

export interface Owing {
  person_id: string;
  as_owner: Micro;
  as_developer: Micro;
  available: Micro;
}

@Injectable()
export class OwnerDebtsStore {
  /** Work that a floor may refuse without harm to the rest of the transaction. @returns whether it was done. */
  async attempt(tx: Transaction, work: () => Promise<unknown>): Promise<boolean> {
    await tx.query('SAVEPOINT attempt');
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HeapError) || error.code !== 'insufficient_funds') throw error;
      await tx.query('ROLLBACK TO SAVEPOINT attempt');
      return false;
    }
    await tx.query('RELEASE SAVEPOINT attempt');
    return true;
  }

  /** What these people owe and have earned free, each above zero. */
  async owing(tx: Transaction, currency: string, people: readonly string[]): Promise<Owing[]> {
    const { rows } = await tx.query<Owing>(
      `SELECT person_id, COALESCE(sum(balance) FILTER (WHERE code = 1100), 0)::bigint AS as_owner,
         COALESCE(sum(balance) FILTER (WHERE code = 1110), 0)::bigint AS as_developer, COALESCE(sum(-balance) FILTER (WHERE code = 2110), 0)::bigint AS available
       FROM ledger_account WHERE currency = $1 AND person_id = ANY($2::uuid[]) AND code IN (1100, 1110, 2110)
       GROUP BY person_id HAVING bool_or(code IN (1100, 1110) AND balance > 0) AND bool_or(code = 2110 AND balance < 0)`,
      [currency, people],
    );
    return rows;
  }
}
