import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { NoticeKindName } from '#protocol';

export type Channel = 'email' | 'push' | 'webhook';
export type DeliveryState = 'PENDING' | 'SENT' | 'FAILED';
export interface Reason {
  code: string;
  sentence: string;
}

export interface NewDelivery {
  id: string;
  notice_id: string;
  person_id: string;
  channel: Channel;
  webhook_id: string | null;
  push_id: string | null;
  grouped: boolean;
  reason: Reason;
  wait_ms: number;
}

/** A delivery somebody is to send now, with all it needs. */
export interface Claimed {
  id: string;
  notice_id: string;
  person_id: string;
  channel: Channel;
  attempts: number;
  kind: NoticeKindName;
  params: Record<string, unknown>;
  created_at: Date;
  email: string;
  email_verified: boolean;
  /** E-mails to this person in the last 24 hours. */
  mailed: number;
  webhook_id: string | null;
  url: string | null;
  webhook_state: 'ACTIVE' | 'DISABLED' | null;
  generation: number | null;
  old_secret: boolean;
  push_id: string | null;
  endpoint: string | null;
  p256dh: string | null;
  auth: string | null;
}

export interface Outcome {
  state: DeliveryState;
  reason: Reason;
  /** Until the next attempt, of one that goes on. */
  wait_ms?: number;
  response_status?: number | null;
  response_start?: string | null;
}

export interface DeliveryRow {
  id: string;
  notice_id: string;
  kind: NoticeKindName;
  state: DeliveryState;
  reason_code: string;
  reason: string;
  attempts: number;
  next_at: Date;
  created_at: Date;
  sent_at: Date | null;
  response_status: number | null;
  response_start: string | null;
}

/** Longer than any attempt takes: one that nobody ended is made again. */
const CLAIM_S = 90;
/** Of one webhook, browser or person at a time, so that a slow one does not hold up the others. */
const EACH = 4;

const LISTED = `SELECT d.id, d.notice_id, n.kind, d.state, d.reason_code, d.reason, d.attempts, d.next_at, d.created_at, d.sent_at, d.response_status,
    d.response_start
  FROM notice_delivery d JOIN notice n ON n.id = d.notice_id`;

@Injectable()
export class DeliveriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async insert(tx: Transaction, rows: readonly NewDelivery[]): Promise<void> {
    await tx.query(
      `INSERT INTO notice_delivery (id, notice_id, person_id, channel, webhook_id, push_id, grouped, reason_code, reason, next_at)
       SELECT id, notice_id, person_id, channel::notice_channel, webhook_id, push_id, grouped, code, reason, now() + make_interval(secs => wait_ms / 1000)
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::boolean[], $8::text[], $9::text[], $10::float8[])
         AS d(id, notice_id, person_id, channel, webhook_id, push_id, grouped, code, reason, wait_ms)`,
      [
        rows.map((d) => d.id),
        rows.map((d) => d.notice_id),
        rows.map((d) => d.person_id),
        rows.map((d) => d.channel),
        rows.map((d) => d.webhook_id),
        rows.map((d) => d.push_id),
        rows.map((d) => d.grouped),
        rows.map((d) => d.reason.code),
        rows.map((d) => d.reason.sentence),
        rows.map((d) => d.wait_ms),
      ],
    );
  }

  /**
   * Takes deliveries that are due, and with an e-mail that may be grouped all others that wait for the same person. Whoever dies with them leaves
   * them to the next claim after theirs.
   */
  claim(claim: string, limit: number): Promise<Claimed[]> {
    return this.database.inTransaction(async (tx) => {
      const { rows } = await tx.query<{ person_id: string }>(
        `WITH due AS (
           SELECT id, row_number() OVER (PARTITION BY COALESCE(webhook_id, push_id, person_id) ORDER BY next_at) AS place
           FROM notice_delivery WHERE state = 'PENDING' AND next_at <= now()
         ), picked AS (
           SELECT d.id FROM notice_delivery d JOIN due ON due.id = d.id
           WHERE due.place <= ${EACH} AND d.state = 'PENDING' AND d.next_at <= now() ORDER BY d.next_at LIMIT $2 FOR UPDATE OF d SKIP LOCKED
         ), taken AS (
           UPDATE notice_delivery d SET claim = $1, attempts = attempts + 1, next_at = now() + make_interval(secs => ${CLAIM_S})
           FROM picked WHERE d.id = picked.id RETURNING d.person_id, d.channel, d.grouped
         )
         SELECT DISTINCT person_id FROM taken WHERE channel = 'email' AND grouped`,
        [claim, limit],
      );
      await tx.query(
        `UPDATE notice_delivery SET claim = $1, attempts = attempts + 1, next_at = now() + make_interval(secs => ${CLAIM_S})
         WHERE id IN (SELECT id FROM notice_delivery WHERE person_id = ANY($2) AND channel = 'email' AND grouped AND state = 'PENDING'
                        AND claim IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)`,
        [claim, rows.map((row) => row.person_id)],
      );
      return this.claimed(tx, claim);
    });
  }

  /** Takes one, whether it is due or not, unless somebody sends it at this moment. */
  claimOne(claim: string, id: string): Promise<Claimed[]> {
    return this.database.inTransaction(async (tx) => {
      await tx.query(
        `UPDATE notice_delivery SET claim = $1, attempts = attempts + 1, next_at = now() + make_interval(secs => ${CLAIM_S})
         WHERE id = $2 AND state = 'PENDING' AND (claim IS NULL OR next_at <= now())`,
        [claim, id],
      );
      return this.claimed(tx, claim);
    });
  }

  private async claimed(tx: Transaction, claim: string): Promise<Claimed[]> {
    const { rows } = await tx.query<Claimed>(
      `SELECT d.id, d.notice_id, d.person_id, d.channel, d.attempts, n.kind, n.params, n.created_at, p.email, p.email_verified,
         (SELECT count(*)::int FROM notice_delivery m WHERE m.person_id = d.person_id AND m.channel = 'email' AND m.sent_at > now() - interval '1 day') AS mailed,
         d.webhook_id, w.url, w.state AS webhook_state, w.generation, COALESCE(w.old_until > now(), false) AS old_secret,
         d.push_id, s.endpoint, s.p256dh, s.auth
       FROM notice_delivery d JOIN notice n ON n.id = d.notice_id JOIN person p ON p.id = d.person_id
       LEFT JOIN webhook w ON w.id = d.webhook_id LEFT JOIN push_subscription s ON s.id = d.push_id
       WHERE d.claim = $1 AND d.state = 'PENDING' ORDER BY n.id`,
      [claim],
    );
    return rows;
  }

  /** What became of an attempt, unless another claim came after it. @returns whether it counts. */
  async settle(claim: string, ids: readonly string[], outcome: Outcome): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE notice_delivery SET state = $3::delivery_state, reason_code = $4, reason = $5, claim = NULL, response_status = $6, response_start = $7,
         sent_at = CASE WHEN $3 = 'SENT' THEN now() ELSE sent_at END,
         next_at = now() + make_interval(secs => $8::float8 / 1000)
       WHERE id = ANY($2) AND claim = $1 AND state = 'PENDING'`,
      [
        claim,
        ids,
        outcome.state,
        outcome.reason.code,
        outcome.reason.sentence,
        outcome.response_status ?? null,
        outcome.response_start ?? null,
        outcome.wait_ms ?? 0,
      ],
    );
    return rowCount === ids.length;
  }

  async ofWebhook(webhook_id: string, before: string | null, limit: number): Promise<DeliveryRow[]> {
    const { rows } = await this.database.query<DeliveryRow>(
      `${LISTED} WHERE d.webhook_id = $1 AND ($2::uuid IS NULL OR d.id < $2) ORDER BY d.id DESC LIMIT $3`,
      [webhook_id, before, limit],
    );
    return rows;
  }

  async one(webhook_id: string, id: string): Promise<DeliveryRow | null> {
    const { rows } = await this.database.query<DeliveryRow>(`${LISTED} WHERE d.webhook_id = $1 AND d.id = $2`, [webhook_id, id]);
    return rows[0] ?? null;
  }

  /** Begins again with one that is over. One that waits for its next attempt is due at once. */
  async again(webhook_id: string, id: string, reason: Reason): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE notice_delivery SET state = 'PENDING', attempts = 0, claim = NULL, next_at = now(), reason_code = $3, reason = $4
       WHERE webhook_id = $1 AND id = $2 AND claim IS NULL`,
      [webhook_id, id, reason.code, reason.sentence],
    );
    return rowCount === 1;
  }
}
