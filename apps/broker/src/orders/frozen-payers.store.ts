import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

@Injectable()
export class FrozenPayersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The jobs of a person that still run or wait, while a block on the person stands: the event alone may be from an undone transaction. */
  async liveJobs(person_id: string): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM job WHERE person_id = $1 AND state IN ('QUEUED', 'RUNNING')
         AND EXISTS (SELECT 1 FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL)`,
      [person_id],
    );
    return rows.map((row) => row.id);
  }
}
