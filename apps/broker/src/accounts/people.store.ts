import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { PersonRow } from './accounts.store.js';

/** What admins change of people. */
@Injectable()
export class PeopleStore {
  /**
   * One change of people by admins at a time: two admins who take each other's role away, or suspend each other, must not both succeed.
   * @returns whether whoever asks is still an admin.
   */
  async begin(tx: Transaction, admin_id: string): Promise<boolean> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('people', 0))");
    const { rows } = await tx.query("SELECT 1 FROM person WHERE id = $1 AND 'admin' = ANY (roles) AND suspended_at IS NULL", [admin_id]);
    return rows.length === 1;
  }

  async exists(tx: Transaction, person_id: string): Promise<boolean> {
    return (await tx.query('SELECT 1 FROM person WHERE id = $1', [person_id])).rows.length === 1;
  }

  /** @returns false for somebody who is suspended already. */
  async suspend(tx: Transaction, person_id: string, admin_id: string, reason: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE person SET suspended_at = now(), suspended_by = $2, suspended_reason = $3, updated_at = now() WHERE id = $1 AND suspended_at IS NULL`,
      [person_id, admin_id, reason],
    );
    return rowCount === 1;
  }

  async reinstate(tx: Transaction, person_id: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE person SET suspended_at = NULL, suspended_by = NULL, suspended_reason = NULL, updated_at = now()
       WHERE id = $1 AND suspended_at IS NOT NULL`,
      [person_id],
    );
    return rowCount === 1;
  }

  /** @returns the roles before; null when they are these already. */
  async setRoles(tx: Transaction, person_id: string, roles: PersonRow['roles']): Promise<PersonRow['roles'] | null> {
    const { rows } = await tx.query<{ before: PersonRow['roles'] }>(
      `UPDATE person p SET roles = $2::person_role[], updated_at = now() FROM person b
       WHERE p.id = $1 AND b.id = p.id AND NOT (b.roles @> $2::person_role[] AND b.roles <@ $2::person_role[]) RETURNING b.roles::text[] AS before`,
      [person_id, roles],
    );
    return rows[0]?.before ?? null;
  }

  async endSessions(tx: Transaction, person_id: string): Promise<number> {
    return (await tx.query('DELETE FROM session WHERE person_id = $1', [person_id])).rowCount ?? 0;
  }
}
