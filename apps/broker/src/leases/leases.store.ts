import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { LEASE_LOST_CODES } from '#lifecycle';
import type { ViewTerms } from '#protocol';
import type { Micro, SlotClass } from '#units';
import type { Level } from '#verification';
import { type SetAside, SuspectsStore } from './suspects.store.js';
import { TwinsStore } from './twins.store.js';

export interface NewLease {
  id: string;
  slot_class: SlotClass;
  node_id: string;
  slot_no: number;
  owner_id: string;
  job_id: string;
  round_id: string;
  price_micro: Micro;
  task_max_micro: Micro;
}

export interface EndedLease {
  lease_id: string;
  node_id: string;
  job_id: string;
  slot_class: SlotClass;
  epoch: number;
  reason: { code: string; sentence: string };
  requeued: number;
}

/** A lease with all that a node must be told to work on it. */
export interface LeaseGrant {
  id: string;
  node_id: string;
  job_id: string;
  slot_class: SlotClass;
  epoch: number;
  /** How the job's results are checked. */
  level: Level;
  state: 'ACTIVE' | 'DRAINING';
  price_micro: Micro;
  task_max_micro: Micro;
  remaining_ms: number;
  budget_micro: Micro;
  codec: 'bytes' | 'json';
  args: string[];
  view: ViewTerms;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
  module: { hash: string; metered_hash: string; meter_id: string; kind: 'wasm' | 'javascript'; bytes: number };
}

/** A lease that is not over. */
export interface OpenLease {
  id: string;
  node_id: string;
  job_id: string;
  state: 'ACTIVE' | 'DRAINING';
  remaining_ms: number;
}

/** Why the sweep ends a lease: its node is gone, its job over, its developer's day cap reached. */
type Overdue = 'lost' | 'job_done' | 'job_cancelled' | 'job_stopped' | 'capped';

@Injectable()
export class LeasesStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly twins: TwinsStore,
    private readonly suspects: SuspectsStore,
  ) {}

  /** Slot numbers in use on these nodes in one class. */
  async usedSlots(tx: Queryable, slot_class: SlotClass, node_ids: readonly string[]): Promise<Map<string, Set<number>>> {
    const { rows } = await tx.query<{ node_id: string; slot_no: number }>(
      "SELECT node_id, slot_no FROM lease WHERE slot_class = $1 AND node_id = ANY($2) AND state <> 'ENDED'",
      [slot_class, node_ids],
    );
    const used = new Map<string, Set<number>>();
    for (const { node_id, slot_no } of rows) used.set(node_id, (used.get(node_id) ?? new Set()).add(slot_no));
    return used;
  }

  /**
   * Writes leases. The unique index over (node, class, slot) refuses a slot that somebody else has meanwhile leased, and
   * with it the whole round; a job that is over gets none. The node's lease epoch is the fencing token.
   * @returns which were granted, and which were refused though their job goes on: the device has not as many slots to give.
   */
  async insert(tx: Transaction, leases: readonly NewLease[], term_ms: number): Promise<{ granted: string[]; refused: string[] }> {
    if (leases.length === 0) return { granted: [], refused: [] };
    const { rows } = await tx.query<{ id: string; live: boolean; granted: boolean }>(
      `WITH asked AS (
         SELECT * FROM unnest($1::uuid[], $2::slot_class[], $3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[])
           WITH ORDINALITY AS a(id, slot_class, node_id, slot_no, owner_id, job_id, round_id, price, task_max, n)
       ), live AS (
         UPDATE job SET state = 'RUNNING' WHERE id IN (SELECT job_id FROM asked) AND state IN ('QUEUED', 'RUNNING') RETURNING id
       ), numbered AS (
         UPDATE node SET lease_epoch = lease_epoch + (SELECT count(*)::int FROM asked a WHERE a.node_id = node.id)
         WHERE id IN (SELECT node_id FROM asked) RETURNING id, lease_epoch, state
       ), held AS (
         SELECT node_id, slot_class, count(*) AS slots FROM lease WHERE node_id IN (SELECT node_id FROM asked) AND state <> 'ENDED' GROUP BY 1, 2
       ), granted AS (
       INSERT INTO lease (id, slot_class, node_id, slot_no, owner_id, job_id, round_id, price_micro, task_max_micro, epoch, granted_at, expires_at)
       SELECT a.id, a.slot_class, a.node_id, a.slot_no, a.owner_id, a.job_id, a.round_id, a.price, a.task_max,
         numbered.lease_epoch - (row_number() OVER (PARTITION BY a.node_id ORDER BY a.n))::int + 1,
         clock_timestamp(), term_end(now(), $10)
       FROM (SELECT *, row_number() OVER (PARTITION BY node_id, slot_class ORDER BY n) AS of_node FROM asked) AS a
       JOIN live ON live.id = a.job_id JOIN numbered ON numbered.id = a.node_id AND numbered.state = 'ONLINE'
       JOIN offer o ON o.node_id = a.node_id AND o.slot_class = a.slot_class AND o.available
       LEFT JOIN held ON held.node_id = a.node_id AND held.slot_class = a.slot_class
       WHERE COALESCE(held.slots, 0) + a.of_node <= o.slots
       RETURNING id)
       SELECT a.id, live.id IS NOT NULL AS live, granted.id IS NOT NULL AS granted
       FROM asked a LEFT JOIN live ON live.id = a.job_id LEFT JOIN granted ON granted.id = a.id`,
      [
        leases.map((l) => l.id),
        leases.map((l) => l.slot_class),
        leases.map((l) => l.node_id),
        leases.map((l) => l.slot_no),
        leases.map((l) => l.owner_id),
        leases.map((l) => l.job_id),
        leases.map((l) => l.round_id),
        leases.map((l) => l.price_micro),
        leases.map((l) => l.task_max_micro),
        term_ms,
      ],
    );
    return {
      granted: rows.filter((row) => row.granted).map((row) => row.id),
      refused: rows.filter((row) => row.live && !row.granted).map((row) => row.id),
    };
  }

  /**
   * Ends leases and puts their unfinished tasks back, in the order lease, task, job that every writer of the three
   * keeps. A task's lower index brings it back to the front of the queue. Without a reason, or where it says no more than that there
   * is no work, the reason for which a lease has been leaving is why it ended. A task that may have been the cause of too many ends is set aside.
   */
  async end(
    tx: Transaction,
    lease_ids: readonly string[],
    reason: { code: string; sentence: string } | null,
  ): Promise<{ ended: EndedLease[]; set_aside: SetAside[] }> {
    const { rows: ended } = await tx.query<Omit<EndedLease, 'requeued' | 'reason'> & { code: string; sentence: string }>(
      `UPDATE lease l SET state = 'ENDED', ended_at = clock_timestamp(),
         end_code = COALESCE(CASE WHEN $2 = 'job_done' THEN leaving_code END, $2, leaving_code),
         end_sentence = COALESCE(CASE WHEN $2 = 'job_done' THEN leaving_sentence END, $3, leaving_sentence)
       FROM (SELECT id FROM lease WHERE id = ANY($1) AND state <> 'ENDED' ORDER BY id FOR NO KEY UPDATE) AS locked
       WHERE l.id = locked.id
       RETURNING l.id AS lease_id, l.node_id, l.owner_id, l.job_id, l.slot_class, l.epoch, l.end_code AS code, l.end_sentence AS sentence`,
      [lease_ids, reason?.code ?? null, reason?.sentence ?? null],
    );
    if (ended.length === 0) return { ended: [], set_aside: [] };
    await this.twins.release(
      tx,
      ended.map((l) => l.lease_id),
    );
    const set_aside = await this.suspects.note(
      tx,
      ended.filter((l) => LEASE_LOST_CODES.includes(l.code)).map((l) => l.lease_id),
    );
    const { rows: lost } = await tx.query<{ lease_id: string; count: number }>(
      `WITH held AS (
         SELECT job_id, index, epoch, lease_id FROM task WHERE lease_id = ANY($1) AND state = 'LEASED' FOR NO KEY UPDATE
       ), freed AS (
         UPDATE task t SET state = 'QUEUED', lease_id = NULL FROM held WHERE t.job_id = held.job_id AND t.index = held.index
       ), evidence AS (
         INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, detail, fuel_used, charge_micro, output_bytes, logs, wall_ms, memory_peak_bytes)
         SELECT held.job_id, held.index, held.epoch, held.lease_id, l.node_id, 'lost', l.end_sentence, 0, 0, 0, '', 0, 0
         FROM held JOIN lease l ON l.id = held.lease_id
       ), freed_by_lease AS (
         SELECT lease_id, count(*)::int AS count FROM held GROUP BY lease_id
       ), counted AS (
         UPDATE job j SET queued = j.queued + f.tasks, leased = j.leased - f.tasks, reserved_micro = j.reserved_micro - f.reserved
         FROM (SELECT l.job_id, sum(b.count)::int AS tasks, sum(b.count * l.task_max_micro)::bigint AS reserved
               FROM freed_by_lease b JOIN lease l ON l.id = b.lease_id GROUP BY l.job_id) AS f
         WHERE j.id = f.job_id
       )
       SELECT lease_id, count FROM freed_by_lease`,
      [ended.map((l) => l.lease_id)],
    );
    const counts = new Map(lost.map((row) => [row.lease_id, row.count]));
    return {
      ended: ended.map(({ code, sentence, ...lease }) => ({
        ...lease,
        reason: { code, sentence },
        requeued: counts.get(lease.lease_id) ?? 0,
      })),
      set_aside,
    };
  }

  async noteUnconfirmed(lease_id: string): Promise<void> {
    await this.database.query("UPDATE lease SET unconfirmed = true WHERE id = $1 AND state = 'ENDED' AND NOT unconfirmed", [lease_id]);
  }

  /** The leases that are not over, of these nodes or of a job. */
  async openOf(by: { node_ids: readonly string[] } | { job_id: string }): Promise<OpenLease[]> {
    const [column, ids] = 'node_ids' in by ? ['node_id', by.node_ids] : ['job_id', [by.job_id]];
    const { rows } = await this.database.query<OpenLease>(
      `SELECT id, node_id, job_id, state, GREATEST(0, extract(epoch FROM expires_at - now()) * 1000)::int AS remaining_ms FROM lease WHERE ${column} = ANY($1) AND state <> 'ENDED'`,
      [ids],
    );
    return rows;
  }

  /** Leases that must end for a reason that no event may have told: the sweep's three questions. */
  async overdue(max_disconnect_ms: number): Promise<Readonly<Record<Overdue, string[]>>> {
    const { rows } = await this.database.query<{ id: string; why: Overdue }>(
      `SELECT l.id, CASE
           WHEN j.state = 'CANCELLED' THEN 'job_cancelled'
           WHEN j.state = 'STOPPED' THEN 'job_stopped'
           WHEN j.state NOT IN ('QUEUED', 'RUNNING') THEN 'job_done'
           WHEN n.state IN ('DISCONNECTED', 'REVOKED') AND n.last_seen_at < now() - away.most THEN 'lost'
           ELSE 'capped' END AS why
       FROM lease l JOIN job j ON j.id = l.job_id JOIN node n ON n.id = l.node_id
       LEFT JOIN buyer_limits b ON b.person_id = j.person_id AND b.day_cap_micro IS NOT NULL
       CROSS JOIN LATERAL (SELECT make_interval(secs => COALESCE(j.disconnect_wait_ms, $1::float8) / 1000) AS most) AS away
       WHERE l.state <> 'ENDED' AND (
         j.state NOT IN ('QUEUED', 'RUNNING')
         OR (n.state IN ('DISCONNECTED', 'REVOKED') AND n.last_seen_at < now() - away.most)
         OR (l.state = 'ACTIVE' AND b.person_id IS NOT NULL AND day_left(b.person_id) < l.task_max_micro
           AND NOT EXISTS (SELECT 1 FROM task t WHERE t.lease_id = l.id AND t.state = 'LEASED'))
       )`,
      [max_disconnect_ms],
    );
    const of = (why: Overdue) => rows.filter((row) => row.why === why).map((row) => row.id);
    return {
      lost: of('lost'),
      job_done: of('job_done'),
      job_cancelled: of('job_cancelled'),
      job_stopped: of('job_stopped'),
      capped: of('capped'),
    };
  }

  /** The leases of a node that are not over, or one of them. */
  async grantsOf(node_id: string, lease_id?: string): Promise<LeaseGrant[]> {
    const { rows } = await this.database.query<LeaseGrant>(
      `SELECT l.id, l.node_id, l.job_id, l.slot_class, l.epoch, l.state, l.price_micro, l.task_max_micro,
         GREATEST(0, extract(epoch FROM l.expires_at - now()) * 1000)::int AS remaining_ms,
         j.order_terms->>'verification' AS level, j.budget_micro, j.codec, j.args, j.view, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit,
         json_build_object('hash', m.hash, 'metered_hash', m.metered_hash, 'meter_id', m.meter_id, 'kind', m.kind, 'bytes', m.bytes) AS module
       FROM lease l JOIN job j ON j.id = l.job_id JOIN module m ON m.hash = j.module_hash
       WHERE l.node_id = $1 AND l.state <> 'ENDED' AND ($2::uuid IS NULL OR l.id = $2)`,
      [node_id, lease_id ?? null],
    );
    return rows;
  }
}
