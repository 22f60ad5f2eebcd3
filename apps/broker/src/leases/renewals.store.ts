import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { HeapError, type SlotClass } from '#units';
import type { Leaving } from '../auctions/auctions.events.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { NewLease } from './leases.store.js';

/** A lease whose term is over, as the gateway must know it. */
export interface TermOver {
  lease_id: string;
  node_id: string;
  state: 'ACTIVE' | 'DRAINING';
  remaining_ms: number;
}

const TERM_OVER = 'l.id AS lease_id, l.node_id, l.state, GREATEST(0, extract(epoch FROM l.expires_at - now()) * 1000)::int AS remaining_ms';
/** How long the tasks that are out may take, each within its own limit: so long the node must keep the lease. */
const DRAIN_END = `now() + make_interval(secs => LEAST(86400, TERM_MS::float8 / 1000
  + (SELECT count(*) FROM task t WHERE t.lease_id = l.id AND t.state = 'LEASED') * j.wall_ms_limit / 1000.0))`;

/** Renewal, notice, and who follows whom in a slot. */
@Injectable()
export class RenewalsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The markets that owe leases a renewal. */
  async due(): Promise<SlotClass[]> {
    const { rows } = await this.database.query<{ slot_class: SlotClass }>(
      `SELECT DISTINCT l.slot_class FROM lease l JOIN node n ON n.id = l.node_id
       WHERE l.state = 'ACTIVE' AND l.leaving_code IS NULL AND n.state <> 'DISCONNECTED'
         AND (l.expires_at <= now() OR ($1 > 0 AND l.fuel_charged - l.term_fuel >= $1))`,
      [this.config.lease_fuel_quota],
    );
    return rows.map((row) => row.slot_class);
  }

  /** Begins the next term of leases that the round has found ending and locked. */
  async renew(tx: Transaction, lease_ids: readonly string[]): Promise<TermOver[]> {
    if (lease_ids.length === 0) return [];
    const { rows } = await tx.query<TermOver>(
      `UPDATE lease l SET expires_at = term_end(now(), $2), renewals = renewals + 1, term_fuel = fuel_charged
       WHERE id = ANY($1) AND state = 'ACTIVE' AND leaving_code IS NULL RETURNING ${TERM_OVER}`,
      [lease_ids, this.config.lease_term_ms],
    );
    if (rows.length !== lease_ids.length) throw leaseChanged();
    return rows;
  }

  /**
   * What leaves takes no more tasks, except that a firm lease which is displaced keeps working through its notice. Interruptible leases that are
   * displaced lose the tasks which are not done by the end of the notice; all others may finish theirs.
   */
  async leave(tx: Transaction, leaving: readonly Leaving[], round_id: string | null): Promise<TermOver[]> {
    if (leaving.length === 0) return [];
    const { rows } = await tx.query<TermOver>(
      `UPDATE lease l SET
         state = CASE WHEN w.stays THEN 'ACTIVE'::lease_state ELSE 'DRAINING'::lease_state END,
         leaving_code = w.code, leaving_sentence = w.sentence,
         leave_by = CASE WHEN w.cut THEN now() + make_interval(secs => w.notice_ms / 1000.0) END,
         expires_at = CASE WHEN w.stays OR w.cut THEN now() + make_interval(secs => w.notice_ms / 1000.0) ELSE ${DRAIN_END.replace('TERM_MS', '$10')} END,
         next_job_id = w.next_job, next_price_micro = w.next_price, next_round_id = CASE WHEN w.next_job IS NOT NULL THEN $9::uuid END
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::int[], $7::uuid[], $8::bigint[])
         AS w(id, code, sentence, stays, cut, notice_ms, next_job, next_price), job j
       WHERE l.id = w.id AND j.id = l.job_id AND l.state = 'ACTIVE' AND l.leaving_code IS NULL RETURNING ${TERM_OVER}`,
      [
        leaving.map((w) => w.lease_id),
        leaving.map((w) => w.reason.code),
        leaving.map((w) => w.reason.sentence),
        leaving.map((w) => w.displaced && !w.interruptible && w.notice_ms > 0),
        leaving.map((w) => w.displaced && w.interruptible),
        leaving.map((w) => w.notice_ms),
        leaving.map((w) => w.next?.job_id ?? null),
        leaving.map((w) => w.next?.price_micro ?? null),
        round_id,
        this.config.lease_term_ms,
      ],
    );
    if (rows.length !== leaving.length) throw leaseChanged();
    return rows;
  }

  /** The leases of these nodes take no more tasks; those that are out may be finished, each within its own limit. */
  async drain(tx: Transaction, node_ids: readonly string[], reason: { code: string; sentence: string }): Promise<TermOver[]> {
    const { rows } = await tx.query<TermOver>(
      `UPDATE lease l SET state = 'DRAINING', leaving_code = $2, leaving_sentence = $3, expires_at = ${DRAIN_END.replace('TERM_MS', '$4')}
       FROM (SELECT id FROM lease WHERE node_id = ANY($1) AND state = 'ACTIVE' AND leaving_code IS NULL ORDER BY id FOR NO KEY UPDATE) AS these, job j
       WHERE l.id = these.id AND j.id = l.job_id RETURNING ${TERM_OVER}`,
      [node_ids, reason.code, reason.sentence, this.config.lease_term_ms],
    );
    return rows;
  }

  /** Firm leases whose notice is over: from now on they take no more tasks. */
  async noticeOver(): Promise<TermOver[]> {
    const { rows } = await this.database.query<TermOver>(
      `UPDATE lease l SET state = 'DRAINING', expires_at = ${DRAIN_END.replace('TERM_MS', '$1')}
       FROM job j WHERE j.id = l.job_id AND l.state = 'ACTIVE' AND l.leaving_code IS NOT NULL AND l.expires_at <= now() RETURNING ${TERM_OVER}`,
      [this.config.lease_term_ms],
    );
    return rows;
  }

  /** Leases, or those of these, that have nothing more to do, or no more time to do it. */
  async left(lease_ids: readonly string[] | null = null): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT l.id FROM lease l WHERE l.state = 'DRAINING' AND ($1::uuid[] IS NULL OR l.id = ANY($1))
         AND (l.leave_by <= now() OR NOT EXISTS (SELECT 1 FROM task t WHERE t.lease_id = l.id AND t.state = 'LEASED'))`,
      [lease_ids],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Who follows these ended leases: the orders that have won their slots in a round, where the device still offers as many slots, both sides still
   * admit each other, and the job still wants one. What lapses is free for the next round.
   */
  async followers(
    tx: Transaction,
    lease_ids: readonly string[],
  ): Promise<(Omit<NewLease, 'id' | 'task_max_micro'> & { fuel_limit: bigint })[]> {
    const { rows } = await tx.query<Omit<NewLease, 'id' | 'task_max_micro'> & { fuel_limit: bigint }>(
      `SELECT slot_class, node_id, slot_no, owner_id, job_id, round_id, price_micro, fuel_limit FROM (
         SELECT l.slot_class, l.node_id, l.slot_no, l.owner_id, j.id AS job_id, l.next_round_id AS round_id, l.next_price_micro AS price_micro,
           j.fuel_limit, o.slots AS node_slots, j.slots AS job_slots, j.queued,
           row_number() OVER (PARTITION BY l.node_id, l.slot_class ORDER BY l.id)
             + (SELECT count(*) FROM lease h WHERE h.node_id = l.node_id AND h.slot_class = l.slot_class AND h.state <> 'ENDED') AS of_node,
           row_number() OVER (PARTITION BY j.id ORDER BY l.id) AS of_round,
           row_number() OVER (PARTITION BY j.id ORDER BY l.id)
             + (SELECT count(*) FROM lease h WHERE h.job_id = j.id AND h.state <> 'ENDED') AS of_job
         FROM lease l JOIN job j ON j.id = l.next_job_id JOIN node n ON n.id = l.node_id
         JOIN offer o ON o.node_id = l.node_id AND o.slot_class = l.slot_class
         WHERE l.id = ANY($1) AND l.state = 'ENDED' AND j.state IN ('QUEUED', 'RUNNING') AND n.state = 'ONLINE' AND o.available
           AND still_admitted(l.owner_id, l.node_id, j.person_id, j.workload_class)
       ) AS f WHERE of_node <= node_slots AND of_job <= job_slots AND of_round <= queued`,
      [lease_ids],
    );
    return rows;
  }
}

/** The round locked them: nobody else can have ended them. */
const leaseChanged = () =>
  new HeapError('lease_changed', 'A lease changed while its renewal was decided: the round changed nothing.', 'platform');
