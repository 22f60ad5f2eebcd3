import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

export interface DirectoryRow {
  id: string;
  volume_id: string;
  version: number;
  sealed: string;
  written_at: Date;
}

@Injectable()
export class DirectoriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(id: string): Promise<DirectoryRow | null> {
    const { rows } = await this.database.query<DirectoryRow>('SELECT * FROM volume_directory WHERE id = $1', [id]);
    return rows[0] ?? null;
  }

  /** Whether the directories of a volume would have at most so many bytes with this one. Some that are written at once may go a little beyond. */
  async hasRoom({ id, volume_id, sealed }: Pick<DirectoryRow, 'id' | 'volume_id' | 'sealed'>, most: number): Promise<boolean> {
    const { rows } = await this.database.query<{ fits: boolean }>(
      'SELECT COALESCE(sum(octet_length(sealed)), 0) + $3 <= $4 AS fits FROM volume_directory WHERE volume_id = $2 AND id <> $1',
      [id, volume_id, sealed.length, most],
    );
    return rows[0]?.fits ?? false;
  }

  /** Writes the version that follows the present one. @returns null when it does not follow, or the directory is in another volume. */
  async write({ id, volume_id, version, sealed }: Omit<DirectoryRow, 'written_at'>): Promise<DirectoryRow | null> {
    const { rows } = await this.database.query<DirectoryRow>(
      version === 1
        ? 'INSERT INTO volume_directory (id, volume_id, version, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING *'
        : 'UPDATE volume_directory SET version = $3, sealed = $4, written_at = now() WHERE id = $1 AND volume_id = $2 AND version = $3 - 1 RETURNING *',
      [id, volume_id, version, sealed],
    );
    return rows[0] ?? null;
  }

  async deleteOf(volume_id: string): Promise<void> {
    await this.database.query('DELETE FROM volume_directory WHERE volume_id = $1', [volume_id]);
  }
}
