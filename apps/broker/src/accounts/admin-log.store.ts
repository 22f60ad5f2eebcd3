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

export interface LogPage {
  before?: number | undefined;
  limit: number;
  person_id?: string | undefined;
  /** What actions begin with. */
  action?: string | undefined;
  subject?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface LogCheck {
  lines: number;
  first_broken: number | null;
  head: Buffer | null;
  checked_at: Date;
}

/** Append-only; only the function `admin_log_add` writes it, and links each line to the one before. */
@Injectable()
export class AdminLogStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async add(tx: Transaction, admin_id: string, action: string, subject: string, detail: object): Promise<void> {
    await tx.query('SELECT admin_log_add($1, $2, $3, $4)', [admin_id, action, subject, JSON.stringify(detail)]);
  }

  async page(page: LogPage): Promise<AdminLogRow[]> {
    const { before, limit, person_id, action, subject, from, to } = page;
    const { rows } = await this.database.query<AdminLogRow>(
      `SELECT * FROM admin_log
       WHERE ($1::bigint IS NULL OR seq < $1) AND ($3::uuid IS NULL OR person_id = $3) AND ($4::text IS NULL OR starts_with(action, $4))
         AND ($5::text IS NULL OR subject = $5) AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
       ORDER BY seq DESC LIMIT $2`,
      [before ?? null, limit, person_id ?? null, action ?? null, subject ?? null, from ?? null, to ?? null],
    );
    return rows;
  }

  /** Computes every hash anew. */
  async check(): Promise<LogCheck> {
    const { rows } = await this.database.query<LogCheck>(
      `SELECT count(*)::int AS lines, (min(seq) FILTER (WHERE hash <> admin_log_hash(previous, seq, at, person_id, action, subject, detail) OR seq <> place))::int
           AS first_broken, (array_agg(hash ORDER BY seq DESC))[1] AS head, now() AS checked_at
       FROM (SELECT l.*, lag(hash, 1, ''::bytea) OVER (ORDER BY seq) AS previous, row_number() OVER (ORDER BY seq) AS place FROM admin_log l) c`,
    );
    if (!rows[0]) throw new Error('an aggregate is one row');
    return rows[0];
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
