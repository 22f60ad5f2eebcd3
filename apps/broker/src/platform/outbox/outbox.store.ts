import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

export type OutboxState = 'PENDING' | 'UNKNOWN' | 'DONE' | 'FAILED';

export interface OutboxMessage {
  readonly id: string;
  readonly kind: string;
  /** What the call is about: a deposit, a refund, a payout. */
  readonly subject_id: string;
  readonly idempotency_key: string;
  readonly request: Readonly<Record<string, unknown>>;
}

export interface ClaimedMessage extends OutboxMessage {
  readonly state: OutboxState;
  readonly attempts: number;
  /** The provider may have forgotten its key: it must not be sent any more. */
  readonly too_old: boolean;
  readonly created_at: Date;
}

/** Providers keep a key for 24 hours; after this long it is not used any more. */
const KEY_HOURS = 23;
const CLAIMED = `id, kind, subject_id, idempotency_key, request, state, attempts, created_at,
  first_sent_at < now() - interval '${KEY_HOURS} hours' AS too_old`;

@Injectable()
export class OutboxStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false when a message with this key is there already. */
  async insert(tx: Transaction, message: OutboxMessage): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO outbox_message (id, kind, subject_id, idempotency_key, request) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (idempotency_key) DO NOTHING`,
      [message.id, message.kind, message.subject_id, message.idempotency_key, JSON.stringify(message.request)],
    );
    return rowCount === 1;
  }

  /**
   * Takes due messages, or the one that is named. The lease outlasts a call; a worker that dies during it leaves a message that
   * is sent again with the same key.
   */
  async claim(limit: number, lease_s: number, key: string | null = null): Promise<ClaimedMessage[]> {
    const { rows } = await this.database.query<ClaimedMessage>(
      `UPDATE outbox_message SET attempts = attempts + 1, first_sent_at = COALESCE(first_sent_at, now()), next_at = now() + make_interval(secs => $2)
       WHERE id IN (SELECT id FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN') AND next_at <= now() AND ($3::text IS NULL OR idempotency_key = $3)
                    ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING ${CLAIMED}`,
      [limit, lease_s, key],
    );
    return rows;
  }

  /** The end of a message, once. @returns false when somebody else ended it. */
  async end(tx: Transaction, id: string, state: 'DONE' | 'FAILED', outcome: string | null): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE outbox_message SET state = $2::outbox_state, outcome = $3, done_at = now() WHERE id = $1 AND state IN ('PENDING', 'UNKNOWN')`,
      [id, state, outcome],
    );
    return rowCount === 1;
  }

  /** Ends a call whose outcome came on another way. */
  async answered(tx: Transaction, key: string): Promise<void> {
    await tx.query(
      `UPDATE outbox_message SET state = 'DONE', outcome = 'told_by_event', done_at = now() WHERE idempotency_key = $1 AND state IN ('PENDING', 'UNKNOWN')`,
      [key],
    );
  }

  /** @returns false when it has ended. */
  async postpone(tx: Transaction, id: string, state: 'PENDING' | 'UNKNOWN', outcome: string, wait_ms: number): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE outbox_message SET state = CASE WHEN state = 'UNKNOWN' THEN state ELSE $2::outbox_state END, outcome = $3,
         next_at = now() + make_interval(secs => $4 / 1000.0)
       WHERE id = $1 AND state IN ('PENDING', 'UNKNOWN')`,
      [id, state, outcome, wait_ms],
    );
    return rowCount === 1;
  }

  async stateOf(key: string): Promise<OutboxState | null> {
    const { rows } = await this.database.query<{ state: OutboxState }>('SELECT state FROM outbox_message WHERE idempotency_key = $1', [
      key,
    ]);
    return rows[0]?.state ?? null;
  }
}
