import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';

/** The code of nodes that an admin took out for good: their owners still see them, and why. */
export const REVOKED_BY_ADMIN = 'revoked_by_admin';
/** The code of nodes that get no work because their owner is suspended; it ends with that. */
export const OWNER_SUSPENDED = 'owner_suspended';

/** Nodes that the heap gives no more work, or takes out. */
@Injectable()
export class SteeringStore {
  /** @returns those that got work until now. */
  async drain(
    tx: Transaction,
    by: { node_id: string } | { owner_id: string },
    reason: { code: string; sentence: string },
  ): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE node SET drained_at = now(), drain_code = $3, drain_sentence = $4
       FROM (SELECT id FROM node WHERE (id = $1 OR owner_id = $2) AND state <> 'REVOKED' AND drained_at IS NULL ORDER BY id FOR NO KEY UPDATE) AS these
       WHERE node.id = these.id RETURNING node.id`,
      ['node_id' in by ? by.node_id : null, 'owner_id' in by ? by.owner_id : null, reason.code, reason.sentence],
    );
    return rows.map((row) => row.id);
  }

  /** @param code only those that are drained for this. */
  async fill(tx: Transaction, by: { node_id: string } | { owner_id: string }, code: string | null): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE node SET drained_at = NULL, drain_code = NULL, drain_sentence = NULL
       FROM (SELECT id FROM node WHERE (id = $1 OR owner_id = $2) AND drained_at IS NOT NULL AND ($3::text IS NULL OR drain_code = $3)
             ORDER BY id FOR NO KEY UPDATE) AS these
       WHERE node.id = these.id RETURNING node.id`,
      ['node_id' in by ? by.node_id : null, 'owner_id' in by ? by.owner_id : null, code],
    );
    return rows.map((row) => row.id);
  }

  /** Takes a node out for good. @returns false when it is out already. */
  async revoke(tx: Transaction, node_id: string, sentence: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE node SET state = 'REVOKED', session_epoch = session_epoch + 1, reason_code = '${REVOKED_BY_ADMIN}', reason_sentence = $2
       WHERE id = $1 AND state <> 'REVOKED'`,
      [node_id, sentence],
    );
    return rowCount === 1;
  }

  /** Nobody joins with a code that somebody made who is shut out now. */
  async voidCodes(tx: Transaction, owner_id: string): Promise<void> {
    await tx.query('UPDATE enrolment_code SET expires_at = now() WHERE person_id = $1 AND used_at IS NULL AND expires_at > now()', [
      owner_id,
    ]);
  }
}
