import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Micro } from '#units';

export type SimulatedKind = 'payment' | 'refund' | 'account' | 'transfer' | 'reversal' | 'bank_payout';

export interface SimulatedRow {
  ref: string;
  kind: SimulatedKind;
  key: string;
  request_hash: string;
  subject_id: string;
  of_ref: string | null;
  amount: Micro;
  created_at: Date;
}

/** The memory of the provider that moves no real money; it outlives the process, as a real one does. */
@Injectable()
export class SimulatedStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Keeps the object unless its key is known, or unless it and those of its kind before it take more than `at_most` from `of_ref`.
   * @returns the one that is kept under the key; null when there was not enough left.
   */
  async keep(row: Omit<SimulatedRow, 'created_at'>, at_most: Micro | null): Promise<SimulatedRow | null> {
    await this.database.query(
      `INSERT INTO simulated_object (ref, kind, key, request_hash, subject_id, of_ref, amount) SELECT $1::text, $2::text, $3::text, $4::text, $5::uuid, $6::text, $7::bigint
       WHERE $8::bigint IS NULL OR $8 >= $7 + (SELECT COALESCE(sum(amount), 0) FROM simulated_object WHERE of_ref = $6 AND kind = $2)
       ON CONFLICT (key) DO NOTHING`,
      [row.ref, row.kind, row.key, row.request_hash, row.subject_id, row.of_ref, row.amount, at_most],
    );
    const { rows } = await this.database.query<SimulatedRow>('SELECT * FROM simulated_object WHERE key = $1', [row.key]);
    return rows[0] ?? null;
  }

  async byRef(ref: string): Promise<SimulatedRow | null> {
    const { rows } = await this.database.query<SimulatedRow>('SELECT * FROM simulated_object WHERE ref = $1', [ref]);
    return rows[0] ?? null;
  }

  async bySubject(kind: SimulatedKind, subject_id: string): Promise<SimulatedRow | null> {
    const { rows } = await this.database.query<SimulatedRow>(
      'SELECT * FROM simulated_object WHERE kind = $1 AND subject_id = $2 ORDER BY seq LIMIT 1',
      [kind, subject_id],
    );
    return rows[0] ?? null;
  }

  async since(at: Date, after: string | null, limit: number): Promise<SimulatedRow[]> {
    const { rows } = await this.database.query<SimulatedRow>(
      `SELECT * FROM simulated_object WHERE created_at >= $1
         AND ($2::text IS NULL OR seq > (SELECT seq FROM simulated_object WHERE ref = $2)) ORDER BY seq LIMIT $3`,
      [at, after, limit],
    );
    return rows;
  }

  async balance(): Promise<Micro> {
    const { rows } = await this.database.query<{ sum: Micro }>(
      `SELECT COALESCE(sum(CASE WHEN kind IN ('payment', 'reversal') THEN amount WHEN kind IN ('refund', 'transfer') THEN -amount ELSE 0 END), 0)::bigint AS sum
       FROM simulated_object`,
    );
    return rows[0]?.sum ?? 0n;
  }
}
