import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';

/** Codes of nodes that the heap took out begin so: their owners still see them, and why. */
export const BANNED_PREFIX = 'banned_';

/** Nodes that the heap takes out against their owners' will, and lets in again. */
@Injectable()
export class BansStore {
  /** Whether this owner, or who shares a card, a bank account or a device with them, is out for a lie. */
  async isOut(tx: Transaction, owner_id: string): Promise<boolean> {
    const { rows } = await tx.query<{ out: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM penalty p WHERE p.state = 'ACTIVE' AND p.kind = 'ban_identity' AND p.owner_id IN (
         SELECT $1::uuid UNION SELECT theirs.owner_id FROM cluster_link ours JOIN cluster_link theirs ON theirs.kind = ours.kind AND theirs.value = ours.value
         WHERE ours.owner_id = $1 AND ours.kind IN ('card', 'bank', 'device'))) AS out`,
      [owner_id],
    );
    return rows[0]?.out ?? false;
  }

  async ban(tx: Transaction, node_ids: readonly string[], reason: { code: string; sentence: string }): Promise<void> {
    await tx.query(
      `UPDATE node SET state = 'REVOKED', session_epoch = session_epoch + 1, reason_code = $2, reason_sentence = $3
       WHERE id = ANY($1) AND state <> 'REVOKED'`,
      [node_ids, BANNED_PREFIX + reason.code, reason.sentence],
    );
  }

  async unban(tx: Transaction, node_ids: readonly string[]): Promise<void> {
    await tx.query(
      `UPDATE node SET state = 'DISCONNECTED', reason_code = 'ban_over', reason_sentence = 'Its ban is over: start its agent again.'
       WHERE id = ANY($1) AND state = 'REVOKED' AND starts_with(reason_code, '${BANNED_PREFIX}')`,
      [node_ids],
    );
  }
}
