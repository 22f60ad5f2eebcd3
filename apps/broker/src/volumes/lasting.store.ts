import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

/**
 * When the reservation of a volume is over: with its hours, or when the terms of its leases are and what no lease may claim pays for no more. The last of that is
 * its grace: no more than a quarter where its budget is all that bounds it.
 */
const PREDICTED = `SELECT v.id, e.over_at,
    LEAST(r.ends_at - x.grace, e.over_at - LEAST(x.grace, (e.over_at - v.created_at) / 4)) AS ends_at
  FROM volume v JOIN reservation r ON r.id = v.reservation_id AND r.state IN ('WAITING', 'RUNNING')
  CROSS JOIN LATERAL (SELECT make_interval(hours => v.grace_hours) AS grace) AS x
  CROSS JOIN LATERAL (SELECT LEAST(r.ends_at, max(l.expires_at) + make_interval(secs => LEAST(3e9,
      GREATEST(0, r.budget_micro - r.charged_micro - r.reserved_micro)::float8 * kept_unit_us(r.market) / (r.quantity::float8 * r.max_price_micro) / 1e6))) AS over_at
    FROM kept_lease l WHERE l.reservation_id = r.id AND l.state <> 'ENDED') AS e
  WHERE v.state <> 'ENDED' AND e.over_at IS NOT NULL`;

export interface Lasting {
  id: string;
  person_id: string;
}

/** Until when volumes are paid for, and until when they can be read. */
@Injectable()
export class LastingStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Says of each volume, or of this one, until when it lasts. */
  async predict(id: string | null = null): Promise<void> {
    await this.database.query(
      `UPDATE volume v SET ends_at = x.ends_at, deletes_at = x.over_at FROM (${PREDICTED}) AS x
       WHERE v.id = x.id AND ($1::uuid IS NULL OR v.id = $1)
         AND (v.ends_at IS NULL OR v.deletes_at IS NULL OR abs(extract(epoch FROM v.ends_at - x.ends_at)) > 1 OR abs(extract(epoch FROM v.deletes_at - x.over_at)) > 1)`,
      [id],
    );
  }

  /** Those whose time is over can be read from now on, and no more. @returns these */
  async beginGrace(reason: { code: string; sentence: string }): Promise<Lasting[]> {
    const { rows } = await this.database.query<Lasting>(
      `UPDATE volume SET state = 'GRACE', reason_code = $1, reason_sentence = $2
       WHERE state IN ('WAITING', 'READY') AND ends_at <= now() AND grace_hours > 0 RETURNING id, person_id`,
      [reason.code, reason.sentence],
    );
    return rows;
  }

  /** It was renewed: it waits for devices until it is known to have enough. */
  async renewed(id: string, reason: { code: string; sentence: string }): Promise<void> {
    await this.database.query(
      `UPDATE volume SET renewals = renewals + 1, state = CASE WHEN state = 'GRACE' THEN 'WAITING' ELSE state END,
         reason_code = CASE WHEN state = 'GRACE' THEN $2 ELSE reason_code END, reason_sentence = CASE WHEN state = 'GRACE' THEN $3 ELSE reason_sentence END
       WHERE id = $1 AND state <> 'ENDED'`,
      [id, reason.code, reason.sentence],
    );
  }
}
