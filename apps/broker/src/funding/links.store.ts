import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';

@Injectable()
export class LinksStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async see(tx: Transaction, person_id: string, kind: string, fingerprint: string): Promise<void> {
    await tx.query(
      `INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ($1, $2, $3)
       ON CONFLICT (kind, fingerprint, person_id) DO UPDATE SET seen_at = now()`,
      [kind, fingerprint, person_id],
    );
  }

  /** The person and everybody reached over shared fingerprints, however many people are in between. */
  async cluster(person_id: string, db: Queryable = this.database): Promise<string[]> {
    const { rows } = await db.query<{ person_id: string }>(
      `WITH RECURSIVE cluster AS (
         SELECT $1::uuid AS person_id
         UNION
         SELECT other.person_id FROM cluster c
         JOIN payment_fingerprint mine ON mine.person_id = c.person_id
         JOIN payment_fingerprint other ON other.kind = mine.kind AND other.fingerprint = mine.fingerprint
       ) SELECT person_id FROM cluster`,
      [person_id],
    );
    return rows.map((row) => row.person_id);
  }

  /** Of these people, those who are linked to others, each with a name that all of their cluster share and nobody else has. */
  async names(person_ids: readonly string[], db: Queryable = this.database): Promise<Map<string, string>> {
    const { rows } = await db.query<{ person_id: string; name: string }>(
      `WITH RECURSIVE linked AS (
         SELECT DISTINCT person_id AS root, person_id FROM payment_fingerprint WHERE person_id = ANY($1)
         UNION
         SELECT l.root, other.person_id FROM linked l
         JOIN payment_fingerprint mine ON mine.person_id = l.person_id
         JOIN payment_fingerprint other ON other.kind = mine.kind AND other.fingerprint = mine.fingerprint
       ) SELECT root AS person_id, md5('cluster ' || min(person_id::text)) AS name FROM linked GROUP BY root HAVING count(*) > 1`,
      [person_ids],
    );
    return new Map(rows.map((row) => [row.person_id, row.name]));
  }
}
