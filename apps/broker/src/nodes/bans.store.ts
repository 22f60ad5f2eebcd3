import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';

/** Codes of nodes that the heap took out begin so: their owners still see them, and why. */
export const BANNED_PREFIX = 'banned_';

/** Nodes that the heap takes out against their owners' will, and lets in again. */
@Injectable()
export class BansStore {
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
