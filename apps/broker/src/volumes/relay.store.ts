import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';

/** What became of asking for room: it is there; there is none; another writes the same; the bytes are there already. */
export type Room = 'room' | 'full' | 'busy' | 'whole';

/** Whoever writes a draft is given up after this: longer than a request may take. */
const DRAFT_SECONDS = 120;

/** What lies in the relay's spool: its rows bound the bytes on the disk, over all processes that share it. */
@Injectable()
export class RelayStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One asks at a time, so that together they never have more than the most. */
  async reserve(
    tx: Transaction,
    id: string,
    bytes: number,
    { all, share, person_id }: { all: number; share: number; person_id: string | null },
  ): Promise<Room> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('heap relay', 0))");
    const { rows } = await tx.query<{ whole: boolean; writing: boolean }>(
      'SELECT draft_until IS NULL AS whole, draft_until > now() AS writing FROM relay_item WHERE id = $1',
      [id],
    );
    if (rows[0]) {
      if (rows[0].whole) return 'whole';
      if (rows[0].writing) return 'busy';
    }
    const { rowCount } = await tx.query(
      `INSERT INTO relay_item (id, bytes, draft_until)
       SELECT $1, $2::int, now() + make_interval(secs => $4) WHERE (SELECT COALESCE(sum(bytes), 0) FROM relay_item WHERE id <> $1) + $2::int <= $3::bigint
         AND ($5::uuid IS NULL OR $2::int + (SELECT COALESCE(sum(i.bytes), 0) FROM relay_item i JOIN volume_piece p ON p.id = i.id
           JOIN volume v ON v.id = p.volume_id WHERE v.person_id = $5 AND i.id <> $1) <= $6::bigint)
       ON CONFLICT (id) DO UPDATE SET draft_until = excluded.draft_until`,
      [id, bytes, all, DRAFT_SECONDS, person_id, Math.floor(share)],
    );
    return rowCount === 1 ? 'room' : 'full';
  }

  async whole(id: string): Promise<void> {
    await this.database.query('UPDATE relay_item SET draft_until = NULL WHERE id = $1', [id]);
  }

  async release(ids: readonly string[], db: Queryable = this.database): Promise<void> {
    if (ids.length > 0) await db.query('DELETE FROM relay_item WHERE id = ANY($1)', [ids]);
  }

  /** The room of what is not whole. */
  async releaseDraft(id: string): Promise<void> {
    await this.database.query('DELETE FROM relay_item WHERE id = $1 AND draft_until IS NOT NULL', [id]);
  }

  /** Of these, those that nobody has room for. */
  async unknown(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      'SELECT x.id FROM unnest($1::uuid[]) AS x(id) WHERE NOT EXISTS (SELECT 1 FROM relay_item i WHERE i.id = x.id)',
      [ids],
    );
    return rows.map((row) => row.id);
  }

  /** What nobody will fetch any more: drafts whose writer is gone, and what belongs to no piece on its way and to no transfer that is read. */
  async stale(): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `DELETE FROM relay_item i WHERE i.draft_until < now() - interval '1 minute'
         OR (i.created_at < now() - interval '5 minutes' AND i.draft_until IS NULL
           AND NOT EXISTS (SELECT 1 FROM volume_piece p WHERE p.id = i.id AND p.state = 'SPOOLED')
           AND NOT EXISTS (SELECT 1 FROM piece_transfer t WHERE t.id = i.id AND COALESCE(t.ended_at, now()) > now() - interval '5 minutes'))
       RETURNING i.id`,
    );
    return rows.map((row) => row.id);
  }

  /** Counts bytes of copies that the heap keeps itself. @returns false when there is no room. */
  async hold(tx: Transaction, piece: { file_id: string; ordinal: number; index: number; bytes: number }, most: number): Promise<boolean> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('heap held pieces', 0))");
    const { rows } = await tx.query<{ fits: boolean }>('SELECT COALESCE(sum(bytes), 0) + $1 <= $2 AS fits FROM held_piece', [
      piece.bytes,
      most,
    ]);
    if (!rows[0]?.fits) return false;
    await tx.query('INSERT INTO held_piece (file_id, ordinal, index, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
      piece.file_id,
      piece.ordinal,
      piece.index,
      piece.bytes,
    ]);
    return true;
  }

  async isHeld(file_id: string, ordinal: number, index: number): Promise<boolean> {
    const { rows } = await this.database.query('SELECT 1 FROM held_piece WHERE file_id = $1 AND ordinal = $2 AND index = $3', [
      file_id,
      ordinal,
      index,
    ]);
    return rows.length > 0;
  }

  async dropHeld(file_ids: readonly string[], db: Queryable = this.database): Promise<void> {
    await db.query('DELETE FROM held_piece WHERE file_id = ANY($1)', [file_ids]);
  }
}
