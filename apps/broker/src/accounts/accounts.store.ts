import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '#database';

export interface PersonRow {
  id: string;
  name: string;
  email: string;
  roles: ('owner' | 'developer' | 'admin')[];
  /** Why the heap has shut them out; null where it has not. */
  suspended_reason: string | null;
}

export interface ApiKeyRow {
  id: string;
  name: string | null;
  start: string | null;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

export interface UsedSession {
  person_id: string;
  roles: PersonRow['roles'];
  suspended_reason: string | null;
  /** When its person last proved who they are. */
  proven_at: Date;
}

export interface SessionRow {
  id: string;
  ip_address: string | null;
  user_agent: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

export interface UsedApiKey {
  api_key_id: string;
  person_id: string;
  roles: PersonRow['roles'];
  suspended_reason: string | null;
}

/** Nobody reads through more. */
const SESSIONS_SHOWN = 200;
const PERSON = { id: true, name: true, email: true, roles: true, suspended_reason: true } as const;
const API_KEY = { id: true, name: true, start: true, created_at: true, expires_at: true, last_used_at: true } as const;

/** People and their API keys. What better-auth writes itself (sessions, credentials) it writes through its adapter. */
@Injectable()
export class AccountsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  personById(id: string): Promise<PersonRow | null> {
    return this.database.prisma.person.findUnique({ where: { id }, select: PERSON });
  }

  personByEmail(email: string): Promise<PersonRow | null> {
    return this.database.prisma.person.findUnique({ where: { email: email.toLowerCase() }, select: PERSON });
  }

  /** The person with this address, made with `id` and without a password if there is none. @returns their id. */
  async ensurePerson(id: string, email: string, name: string): Promise<string> {
    return this.database.inTransaction(async (tx) => {
      await tx.query('INSERT INTO person (id, email, name) VALUES ($1, lower($2), $3) ON CONFLICT (email) DO NOTHING', [id, email, name]);
      const { rows } = await tx.query<{ id: string }>('SELECT id FROM person WHERE email = lower($1)', [email]);
      const person_id = rows[0]?.id ?? id;
      if (person_id === id) await this.found(id, tx);
      return person_id;
    });
  }

  /** Makes `person_id` an admin if nobody was ever here before; one statement, so that two cannot both be first. */
  async found(person_id: string, queryable: Queryable = this.database): Promise<void> {
    await queryable.query(
      `WITH first AS (INSERT INTO founder (person_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING person_id)
       UPDATE person SET roles = array_append(roles, 'admin'), updated_at = now() WHERE id = (SELECT person_id FROM first)`,
      [person_id],
    );
  }

  /** Nothing else takes them away: a session that is over is only refused. */
  async deleteOverSessions(person_id: string): Promise<void> {
    await this.database.query('DELETE FROM session WHERE person_id = $1 AND expires_at < now()', [person_id]);
  }

  /** Whose session it is, and when they last proved who they are; notes to the minute that it was used. */
  async useSession(id: string): Promise<UsedSession | undefined> {
    const { rows } = await this.database.query<UsedSession>(
      `WITH used AS (
         UPDATE session SET last_used_at = now() WHERE id = $1 AND last_used_at < now() - interval '1 minute'
       )
       SELECT p.id AS person_id, p.roles::text[] AS roles, p.suspended_reason, GREATEST(s.created_at, s.proven_at) AS proven_at
       FROM session s JOIN person p ON p.id = s.person_id WHERE s.id = $1`,
      [id],
    );
    return rows[0];
  }

  async prove(session_id: string): Promise<void> {
    await this.database.query('UPDATE session SET proven_at = now() WHERE id = $1', [session_id]);
  }

  async sessionsOf(person_id: string): Promise<SessionRow[]> {
    const { rows } = await this.database.query<SessionRow>(
      `SELECT id, ip_address, user_agent, created_at, last_used_at, expires_at FROM session
       WHERE person_id = $1 AND expires_at > now() ORDER BY last_used_at DESC, id DESC LIMIT ${SESSIONS_SHOWN}`,
      [person_id],
    );
    return rows;
  }

  /** @returns how many there were, of all of this person but one, or of the one that is named. */
  async endSessions(person_id: string, which: { only: string } | { but: string | null }): Promise<number> {
    const { rowCount } = await this.database.query(
      'DELETE FROM session WHERE person_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR id <> $3)',
      [person_id, 'only' in which ? which.only : null, 'but' in which ? which.but : null],
    );
    return rowCount ?? 0;
  }

  /** What is left out stays; whoever is an admin stays one. */
  async updatePerson(id: string, { name, roles }: { name?: string | undefined; roles?: readonly string[] | undefined }): Promise<void> {
    await this.database.query(
      `UPDATE person SET name = COALESCE($2, name), updated_at = now(),
         roles = CASE WHEN $3::text[] IS NULL THEN roles
           ELSE $3::text[]::person_role[] || array(SELECT r FROM unnest(roles) AS r WHERE r = 'admin') END
       WHERE id = $1`,
      [id, name ?? null, roles ?? null],
    );
  }

  /** The key with this hash and whose it is, while it is valid; notes that it was used. */
  async useApiKey(key_hash: string): Promise<UsedApiKey | undefined> {
    const { rows } = await this.database.query<UsedApiKey>(
      `WITH used AS (
         UPDATE api_key SET last_used_at = now()
         WHERE key_hash = $1 AND enabled AND (expires_at IS NULL OR expires_at > now())
         RETURNING id, person_id
       )
       SELECT used.id AS api_key_id, person.id AS person_id, person.roles::text[] AS roles, person.suspended_reason
       FROM used JOIN person ON person.id = used.person_id`,
      [key_hash],
    );
    return rows[0];
  }

  /** @returns false where the person has another address. */
  async confirmAddress(person_id: string, email: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      'UPDATE person SET email_verified = true, updated_at = now() WHERE id = $1 AND email = $2',
      [person_id, email],
    );
    return rowCount === 1;
  }

  /** The Argon2id hash of a person's password; null for somebody who signs in without one. */
  async passwordHash(person_id: string): Promise<string | null> {
    const { rows } = await this.database.query<{ password: string }>(
      'SELECT password FROM credential WHERE person_id = $1 AND password IS NOT NULL LIMIT 1',
      [person_id],
    );
    return rows[0]?.password ?? null;
  }

  async credentialsAge(person_id: string, db: Queryable = this.database): Promise<number | null> {
    const { rows } = await db.query<{ age_s: number | null }>(
      'SELECT extract(epoch FROM now() - credentials_changed_at)::float8 AS age_s FROM person WHERE id = $1',
      [person_id],
    );
    return rows[0]?.age_s ?? null;
  }

  async rightsOf(credential_ids: readonly string[]): Promise<Map<string, PersonRow['roles']>> {
    const { rows } = await this.database.query<{ id: string; roles: PersonRow['roles'] }>(
      `SELECT c.id, p.roles::text[] AS roles FROM (
         SELECT id, person_id FROM session WHERE id = ANY($1::uuid[]) AND expires_at > now()
         UNION ALL
         SELECT id, person_id FROM api_key WHERE id = ANY($1::uuid[]) AND enabled AND (expires_at IS NULL OR expires_at > now())
       ) AS c JOIN person p ON p.id = c.person_id AND p.suspended_at IS NULL`,
      [credential_ids],
    );
    return new Map(rows.map(({ id, roles }) => [id, roles]));
  }

  apiKeysOf(person_id: string): Promise<ApiKeyRow[]> {
    return this.database.prisma.apiKey.findMany({ where: { person_id }, select: API_KEY, orderBy: { created_at: 'desc' } });
  }

  apiKeyCount(person_id: string): Promise<number> {
    return this.database.prisma.apiKey.count({ where: { person_id } });
  }

  /** @returns whether there was such a key of this person. */
  async deleteApiKey(person_id: string, id: string): Promise<boolean> {
    const { count } = await this.database.prisma.apiKey.deleteMany({ where: { id, person_id } });
    return count === 1;
  }
}
