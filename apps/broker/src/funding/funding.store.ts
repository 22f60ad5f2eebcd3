import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro } from '#units';

export interface DepositRow {
  id: string;
  amount: Micro;
  provider: string;
  request_hash: string;
}

@Injectable()
export class FundingStore {
  /** @returns null when the person used this idempotency key before. */
  async insert(tx: Transaction, deposit: DepositRow & { person_id: string; idempotency_key: string }): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO deposit (id, person_id, amount, provider, idempotency_key, request_hash) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [deposit.id, deposit.person_id, deposit.amount, deposit.provider, deposit.idempotency_key, deposit.request_hash],
    );
    return rowCount === 1;
  }

  async findByKey(tx: Transaction, person_id: string, idempotency_key: string): Promise<DepositRow | null> {
    const { rows } = await tx.query<DepositRow>('SELECT * FROM deposit WHERE person_id = $1 AND idempotency_key = $2', [
      person_id,
      idempotency_key,
    ]);
    return rows[0] ?? null;
  }
}
