import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { SlotClass } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { EndingTerm } from './terms.js';

/** Leases whose term is over: the next round decides who has their slots. */
@Injectable()
export class TermsStore {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * Locks them, in the order of their ids. A device that is away decides nothing: its leases wait until it is back or counts as lost.
   * A lease that knows who follows it has had its round.
   */
  async ending(tx: Transaction, slot_class: SlotClass): Promise<EndingTerm[]> {
    const { rows } = await tx.query<EndingTerm>(
      `SELECT l.id, l.job_id, l.node_id, l.price_micro, j.interruptible, COALESCE((j.order_terms->>'preemption_notice_ms')::int, 0) AS notice_ms,
         EXISTS (SELECT 1 FROM task t WHERE t.lease_id = l.id AND t.state = 'LEASED') AS busy, l.expires_at > now() AS by_quota
       FROM lease l JOIN job j ON j.id = l.job_id JOIN node n ON n.id = l.node_id
       WHERE l.slot_class = $1 AND l.state = 'ACTIVE' AND l.leaving_code IS NULL AND n.state <> 'DISCONNECTED'
         AND (l.expires_at <= now() OR ($2 > 0 AND l.fuel_charged - l.term_fuel >= $2))
       ORDER BY l.id FOR NO KEY UPDATE OF l`,
      [slot_class, this.config.lease_fuel_quota],
    );
    return rows;
  }
}
