import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro } from '#units';

export interface NewVerifier {
  id: string;
  job_id: string;
  module_hash: string;
  codec: 'bytes' | 'json';
  fuel_limit: bigint;
  price_micro: Micro;
  budget: Micro;
}

/** The verifiers that developers bring with their jobs. */
@Injectable()
export class VerifiersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(tx: Transaction, v: NewVerifier): Promise<void> {
    await tx.query(
      'INSERT INTO own_verifier (id, job_id, module_hash, codec, fuel_limit, price_micro, budget) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [v.id, v.job_id, v.module_hash, v.codec, v.fuel_limit, v.price_micro, v.budget],
    );
  }

  async of(job_id: string): Promise<NewVerifier | null> {
    const { rows } = await this.database.query<NewVerifier>(
      'SELECT id, job_id, module_hash, codec, fuel_limit, price_micro, budget FROM own_verifier WHERE job_id = $1',
      [job_id],
    );
    return rows[0] ?? null;
  }

  /** Those of jobs that are over, whose rows are locked: they look at nothing more, and their money can go back. @returns their ids. */
  async close(tx: Transaction, job_ids: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `WITH live AS (SELECT id FROM own_verifier WHERE job_id = ANY($1) AND state <> 'CLOSED' ORDER BY id FOR NO KEY UPDATE)
       UPDATE own_verifier v SET state = 'CLOSED' FROM live WHERE v.id = live.id RETURNING v.id`,
      [job_ids],
    );
    return rows.map((row) => row.id);
  }
}
