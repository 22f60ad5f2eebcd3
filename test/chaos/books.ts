import pg from 'pg';

/** A job as the database has it: counts, attempts, leases and money, all as numbers that fit (a test's sums are small). */
export interface Books {
  job: {
    state: string;
    total: number;
    queued: number;
    leased: number;
    done: number;
    failed: number;
    settled_seq: number;
    reserved: number;
  };
  tasks: Record<string, number>;
  /** Accepted attempts: how many, of how many tasks, and the places they have in the order of settlement. */
  accepted: { attempts: number; tasks: number; seq_min: number; seq_max: number; seqs: number };
  charged: { job: number; attempts: number; leases: number; captures: number };
  hold: { state: string; amount: number; captured: number; returned: number };
  /** Credit balances: the developer's, the owner's and the platform's. */
  ledger: { available: number; held: number; owner: number; fees: number };
  open_leases: number;
  /** Captures that are still in holdback. */
  unreleased: number;
}

const QUESTIONS: Record<keyof Books, string> = {
  job: `SELECT state, total, queued, leased, done, failed, settled_seq, reserved_micro::float8 AS reserved FROM job WHERE id = $1`,
  tasks: `SELECT COALESCE(json_object_agg(state, n), '{}') AS it FROM (SELECT state, count(*) AS n FROM task WHERE job_id = $1 GROUP BY state) t`,
  accepted: `SELECT count(*)::int AS attempts, count(DISTINCT index)::int AS tasks, min(seq) AS seq_min, max(seq) AS seq_max,
    count(DISTINCT seq)::int AS seqs FROM attempt WHERE job_id = $1 AND outcome = 'accepted'`,
  charged: `SELECT (SELECT charged_micro FROM job WHERE id = $1)::float8 AS job,
    (SELECT sum(charge_micro) FROM attempt WHERE job_id = $1)::float8 AS attempts,
    (SELECT sum(charged_micro) FROM lease WHERE job_id = $1)::float8 AS leases,
    (SELECT sum(gross) FROM capture WHERE job_id = $1)::float8 AS captures`,
  hold: `SELECT state, amount::float8, captured::float8, returned::float8 FROM hold WHERE job_id = $1`,
  ledger: `SELECT COALESCE(sum(-balance) FILTER (WHERE code = 2000), 0)::float8 AS available,
    COALESCE(sum(-balance) FILTER (WHERE code = 2010), 0)::float8 AS held,
    COALESCE(sum(-balance) FILTER (WHERE code IN (2100, 2110, 2120)), 0)::float8 AS owner,
    COALESCE(sum(-balance) FILTER (WHERE code IN (2400, 4000)), 0)::float8 AS fees FROM ledger_account WHERE $1::uuid IS NOT NULL`,
  open_leases: `SELECT count(*)::int AS it FROM lease WHERE job_id = $1 AND state <> 'ENDED'`,
  unreleased: `SELECT count(*)::int AS it FROM capture WHERE job_id = $1 AND state <> 'RELEASED'`,
};

export async function readBooks(database_url: string, job_id: string): Promise<Books> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const books: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(QUESTIONS)) {
      const { rows } = await client.query(sql, [job_id]);
      books[name] = rows[0] && 'it' in rows[0] ? rows[0].it : rows[0];
    }
    return books as unknown as Books;
  } finally {
    await client.end();
  }
}
