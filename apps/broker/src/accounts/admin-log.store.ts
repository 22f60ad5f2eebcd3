import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

export interface AdminLogRow {
  seq: bigint;
  at: Date;
  person_id: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  hash: Buffer;
}

/** Append-only; only the function `admin_log_add` writes it, and links each line to the one before. */
@Injectable()
export class AdminLogStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async add(tx: Transaction, admin_id: string, action: string, subject: string, detail: object): Promise<void> {
    await tx.query('SELECT admin_log_add($1, $2, $3, $4)', [admin_id, action, subject, JSON.stringify(detail)]);
  }

  async page(before: number | null, limit: number): Promise<AdminLogRow[]> {
    const { rows } = await this.database.query<AdminLogRow>(
      'SELECT * FROM admin_log WHERE $1::bigint IS NULL OR seq < $1 ORDER BY seq DESC LIMIT $2',
      [before, limit],
    );
    return rows;
  }

  /** Whether lines are numbered without a gap and every hash follows from its line and the one before. */
  async isIntact(): Promise<boolean> {
    const { rows } = await this.database.query<{ intact: boolean }>(
      `SELECT COALESCE(bool_and(hash = admin_log_hash(previous, seq, at, person_id, action, subject, detail) AND seq = place), true) AS intact
       FROM (SELECT l.*, lag(hash, 1, ''::bytea) OVER (ORDER BY seq) AS previous, row_number() OVER (ORDER BY seq) AS place FROM admin_log l) c`,
    );
    return rows[0]?.intact ?? false;
  }
}
