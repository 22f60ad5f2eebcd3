import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';

export interface ModuleRow {
  hash: string;
  kind: 'wasm' | 'javascript';
  metered_hash: string;
  meter_id: string;
  bytes: number;
}

@Injectable()
export class ModulesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The same bytes are the same module, whoever uploads them; a newer meter replaces what an older one made of them. */
  async put(row: ModuleRow): Promise<void> {
    await this.database.query(
      `INSERT INTO module (hash, kind, metered_hash, meter_id, bytes) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind, metered_hash = excluded.metered_hash, meter_id = excluded.meter_id`,
      [row.hash, row.kind, row.metered_hash, row.meter_id, row.bytes],
    );
  }

  async find(hash: string): Promise<ModuleRow | null> {
    const { rows } = await this.database.query<ModuleRow>('SELECT hash, kind, metered_hash, meter_id, bytes FROM module WHERE hash = $1', [
      hash,
    ]);
    return rows[0] ?? null;
  }

  /** What a person has put, newest first, at most a hundred; with `hash` only that one. */
  async listOf(person_id: string, hash: string | null = null): Promise<(ModuleRow & { created_at: Date })[]> {
    const { rows } = await this.database.query<ModuleRow & { created_at: Date }>(
      `SELECT hash, m.kind, m.metered_hash, m.meter_id, m.bytes, b.created_at FROM blob_holder h JOIN module m USING (hash) JOIN blob b USING (hash)
       WHERE h.person_id = $1 AND ($2::text IS NULL OR hash = $2) ORDER BY b.created_at DESC, hash LIMIT 100`,
      [person_id, hash],
    );
    return rows;
  }

  /** What a person would keep here with these bytes. */
  async wouldHold(person_id: string, hash: string, bytes: number): Promise<number> {
    return wouldHold(this.database, person_id, hash, bytes);
  }

  /** @returns false when the person would keep more than the limit; their uploads wait for each other here, so that none slips past it. */
  async addHolderWithin(tx: Transaction, hash: string, bytes: number, person_id: string, bytes_max: number): Promise<boolean> {
    await tx.query('SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE', [person_id]);
    if ((await wouldHold(tx, person_id, hash, bytes)) > bytes_max) return false;
    await tx.query('INSERT INTO blob (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [hash, bytes]);
    await tx.query('INSERT INTO blob_holder (hash, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [hash, person_id]);
    return true;
  }

  /** Which of these hashes a person has put. */
  async heldBy(person_id: string, hashes: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await this.database.query<{ hash: string; bytes: bigint }>(
      'SELECT b.hash, b.bytes FROM blob b JOIN blob_holder h USING (hash) WHERE h.person_id = $1 AND b.hash = ANY($2)',
      [person_id, hashes],
    );
    return new Map(rows.map((row) => [row.hash, Number(row.bytes)]));
  }

  /** A person reads what they put and what their jobs produced. */
  async personMayRead(person_id: string, hash: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `SELECT 1 FROM blob_holder WHERE hash = $1 AND person_id = $2
       UNION ALL SELECT 1 FROM attempt a JOIN job j ON j.id = a.job_id WHERE a.output_hash = $1 AND j.person_id = $2 LIMIT 1`,
      [hash, person_id],
    );
    return (rowCount ?? 0) > 0;
  }

  /** A node reads the module, the files and the inputs of the leases it has, and nothing else. */
  async nodeMayRead(node_id: string, hash: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `SELECT 1 FROM lease l JOIN job j ON j.id = l.job_id WHERE l.node_id = $1 AND l.state <> 'ENDED' AND (j.module_hash = $2 OR j.view->'files' @> jsonb_build_array(jsonb_build_object('hash', $2::text)))
       UNION ALL SELECT 1 FROM lease l JOIN task t ON t.lease_id = l.id AND t.state = 'LEASED'
         WHERE l.node_id = $1 AND l.state <> 'ENDED' AND t.input_hash = $2 LIMIT 1`,
      [node_id, hash],
    );
    return (rowCount ?? 0) > 0;
  }

  async nodeMayWrite(node_id: string): Promise<boolean> {
    const { rowCount } = await this.database.query("SELECT 1 FROM lease WHERE node_id = $1 AND state <> 'ENDED' LIMIT 1", [node_id]);
    return (rowCount ?? 0) > 0;
  }

  async addBlob(hash: string, bytes: number): Promise<void> {
    await this.database.query('INSERT INTO blob (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [hash, bytes]);
  }
}

async function wouldHold(db: Queryable, person_id: string, hash: string, bytes: number): Promise<number> {
  const { rows } = await db.query<{ held: bigint }>(
    'SELECT coalesce(sum(b.bytes), 0)::bigint AS held FROM blob b JOIN blob_holder h USING (hash) WHERE h.person_id = $1 AND b.hash <> $2',
    [person_id, hash],
  );
  return Number(rows[0]?.held ?? 0n) + bytes;
}
