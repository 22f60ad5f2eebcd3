import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { HeapError, type KeptMarketName, type Micro } from '#units';
import type { Claim, Ending } from './kept-terms.js';

export interface NewKeptLease {
  id: string;
  market: KeptMarketName;
  node_id: string;
  owner_id: string;
  reservation_id: string;
  quantity: number;
  round_id: string;
  price_micro: Micro;
  term_us: bigint;
  /** What its term may cost. */
  limit_micro: Micro;
}

export interface EndedKept {
  lease_id: string;
  reservation_id: string;
  node_id: string;
  market: KeptMarketName;
  quantity: number;
  code: string;
  sentence: string;
}

/** A claim on an ended lease that may become a lease. */
export interface DueClaim {
  market: KeptMarketName;
  node_id: string;
  owner_id: string;
  reservation_id: string;
  round_id: string;
  quantity: number;
  price_micro: Micro;
}

/** The leases of standing slots and storage: begun, renewed, left and ended. */
@Injectable()
export class KeptLeasesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Writes leases. Each reservation has the room in its budget and each device the units free, or nothing is written. The node's lease epoch is
   * the fencing token; time is counted from what is known of the node's presence now.
   * @throws HeapError `lease_changed` when somebody else was faster: the whole round is tried again.
   */
  async insert(tx: Transaction, leases: readonly NewKeptLease[]): Promise<void> {
    if (leases.length === 0) return;
    const reserved = sums(
      leases,
      (l) => l.reservation_id,
      (l) => l.limit_micro,
    );
    const { rowCount: live } = await tx.query(
      `UPDATE reservation r SET state = 'RUNNING', reserved_micro = r.reserved_micro + x.amount,
         ends_at = COALESCE(r.ends_at, now() + make_interval(hours => r.hours))
       FROM unnest($1::uuid[], $2::bigint[]) AS x(id, amount) WHERE r.id = x.id AND r.state IN ('WAITING', 'RUNNING')`,
      [[...reserved.keys()], [...reserved.values()]],
    );
    if (live !== reserved.size) throw leaseChanged();
    await tx.query(
      `UPDATE node SET lease_epoch = lease_epoch + x.count FROM (SELECT id, count(*)::int FROM unnest($1::uuid[]) AS id GROUP BY id) AS x WHERE node.id = x.id`,
      [leases.map((l) => l.node_id)],
    );
    const units = sums(
      leases,
      (l) => l.node_id,
      (l) => BigInt(l.quantity),
    );
    const { rowCount: kept } = await tx.query(
      `UPDATE kept_offer k SET leased = k.leased + x.units FROM unnest($2::uuid[], $3::int[]) AS x(node_id, units)
       WHERE k.node_id = x.node_id AND k.market = $1 AND k.available AND k.leased + x.units <= k.quantity`,
      [leases[0]?.market, [...units.keys()], [...units.values()]],
    );
    if (kept !== units.size) throw leaseChanged();
    await tx.query(
      `INSERT INTO kept_lease (id, market, node_id, owner_id, reservation_id, quantity, round_id, price_micro, limit_micro, epoch, granted_at, charged_at, expires_at, present_base_us)
       SELECT a.id, a.market, a.node_id, a.owner_id, a.reservation_id, a.quantity, a.round_id, a.price, a.most,
         n.lease_epoch - (row_number() OVER (PARTITION BY a.node_id ORDER BY a.n DESC))::int + 1, now(), now(),
         now() + a.term_us * interval '1 microsecond', presence_now(n.present_us, n.heard_at)
       FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[])
         WITH ORDINALITY AS a(id, market, node_id, owner_id, reservation_id, quantity, round_id, price, most, term_us, n)
       JOIN node n ON n.id = a.node_id`,
      [
        leases.map((l) => l.id),
        leases.map((l) => l.market),
        leases.map((l) => l.node_id),
        leases.map((l) => l.owner_id),
        leases.map((l) => l.reservation_id),
        leases.map((l) => l.quantity),
        leases.map((l) => l.round_id),
        leases.map((l) => l.price_micro),
        leases.map((l) => l.limit_micro),
        leases.map((l) => l.term_us),
      ],
    );
  }

  /** Begins the next term of leases that the round has found ending and locked. */
  async renew(tx: Transaction, leases: readonly { id: string; term_us: bigint; cost_micro: Micro }[]): Promise<void> {
    if (leases.length === 0) return;
    const { rowCount } = await tx.query(
      `WITH renewed AS (
         UPDATE kept_lease l SET expires_at = now() + x.term_us * interval '1 microsecond', renewals = l.renewals + 1, limit_micro = l.limit_micro + x.cost
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS x(id, term_us, cost)
         WHERE l.id = x.id AND l.state = 'ACTIVE' AND l.leaving_code IS NULL RETURNING l.id, l.reservation_id, x.cost
       ), reserved AS (
         UPDATE reservation r SET reserved_micro = r.reserved_micro + s.cost
         FROM (SELECT reservation_id, sum(cost)::bigint AS cost FROM renewed GROUP BY reservation_id) AS s WHERE r.id = s.reservation_id
       ) SELECT id FROM renewed`,
      [leases.map((l) => l.id), leases.map((l) => l.term_us), leases.map((l) => l.cost_micro)],
    );
    if (rowCount !== leases.length) throw leaseChanged();
  }

  /** A lease that lost units to others keeps them through its notice; an interruptible one takes nothing new meanwhile. */
  async leave(
    tx: Transaction,
    lease: Ending & { notice_ms: number; claims: readonly Claim[]; cost_micro: Micro },
    round_id: string,
  ): Promise<void> {
    const { rows } = await tx.query<{ reservation_id: string }>(
      `UPDATE kept_lease l SET state = CASE WHEN r.interruptible THEN 'DRAINING'::lease_state ELSE 'ACTIVE'::lease_state END,
         leaving_code = $2, leaving_sentence = $3, leave_by = now() + make_interval(secs => $4 / 1000.0),
         expires_at = now() + make_interval(secs => $4 / 1000.0), limit_micro = l.limit_micro + $5
       FROM reservation r WHERE l.id = $1 AND r.id = l.reservation_id AND l.state = 'ACTIVE' AND l.leaving_code IS NULL RETURNING l.reservation_id`,
      [lease.lease_id, lease.reason.code, lease.reason.sentence, lease.notice_ms, lease.cost_micro],
    );
    if (!rows[0]) throw leaseChanged();
    await tx.query('UPDATE reservation SET reserved_micro = reserved_micro + $2 WHERE id = $1', [rows[0].reservation_id, lease.cost_micro]);
    await tx.query(
      `INSERT INTO kept_claim (lease_id, reservation_id, round_id, quantity, price_micro)
       SELECT $1, c.* FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::bigint[]) AS c`,
      [
        lease.lease_id,
        lease.claims.map((c) => c.reservation_id),
        lease.claims.map(() => round_id),
        lease.claims.map((c) => c.quantity),
        lease.claims.map((c) => c.price_micro),
      ],
    );
  }

  /** Ends leases, whose charges are up to date, and gives back what their terms had reserved and the units they kept. */
  async end(tx: Transaction, endings: readonly Ending[]): Promise<EndedKept[]> {
    if (endings.length === 0) return [];
    const { rows } = await tx.query<EndedKept & { rest: Micro }>(
      `UPDATE kept_lease l SET state = 'ENDED', ended_at = now(), end_code = x.code, end_sentence = x.sentence
       FROM unnest($1::uuid[], $2::text[], $3::text[]) AS x(id, code, sentence) WHERE l.id = x.id AND l.state <> 'ENDED'
       RETURNING l.id AS lease_id, l.reservation_id, l.node_id, l.market, l.quantity, x.code, x.sentence, l.limit_micro - l.charged_micro AS rest`,
      [endings.map((e) => e.lease_id), endings.map((e) => e.reason.code), endings.map((e) => e.reason.sentence)],
    );
    const rests = sums(
      rows,
      (l) => l.reservation_id,
      (l) => l.rest,
    );
    await tx.query(
      `UPDATE reservation r SET reserved_micro = r.reserved_micro - x.rest,
         state = CASE WHEN r.state = 'RUNNING' AND NOT EXISTS (SELECT 1 FROM kept_lease l WHERE l.reservation_id = r.id AND l.state <> 'ENDED')
           THEN 'WAITING' ELSE r.state END
       FROM unnest($1::uuid[], $2::bigint[]) AS x(id, rest) WHERE r.id = x.id`,
      [[...rests.keys()], [...rests.values()]],
    );
    await tx.query(
      `UPDATE kept_offer k SET leased = k.leased - x.units
       FROM (SELECT node_id, market, sum(units)::int AS units FROM unnest($1::uuid[], $2::text[], $3::int[]) AS y(node_id, market, units) GROUP BY 1, 2) AS x
       WHERE k.node_id = x.node_id AND k.market = x.market`,
      [rows.map((l) => l.node_id), rows.map((l) => l.market), rows.map((l) => l.quantity)],
    );
    return rows.map(({ rest: _, ...lease }) => lease);
  }

  /** Takes the claims on ended leases: those that still hold, where the device is there and both sides still admit each other. */
  async takeClaims(tx: Transaction, lease_ids: readonly string[]): Promise<DueClaim[]> {
    const { rows } = await tx.query<DueClaim & { holds: boolean }>(
      `WITH taken AS (DELETE FROM kept_claim WHERE lease_id = ANY($1) RETURNING *)
       SELECT l.market, l.node_id, l.owner_id, c.reservation_id, c.round_id, c.quantity, c.price_micro,
         n.state = 'ONLINE' AND k.available AND k.session_epoch = n.session_epoch AND r.state IN ('WAITING', 'RUNNING')
           AND k.leased + sum(c.quantity) OVER (PARTITION BY l.node_id, l.market ORDER BY c.lease_id, c.reservation_id) <= k.quantity
           AND still_admitted(l.owner_id, l.node_id, r.person_id, CASE WHEN l.market LIKE 'standing:%' THEN 'services' END) AS holds
       FROM taken c JOIN kept_lease l ON l.id = c.lease_id JOIN reservation r ON r.id = c.reservation_id JOIN node n ON n.id = l.node_id
       JOIN kept_offer k ON k.node_id = l.node_id AND k.market = l.market`,
      [lease_ids],
    );
    return rows.filter((row) => row.holds).map(({ holds: _, ...claim }) => claim);
  }

  /** What a reservation that is over had won and will not take. */
  async dropClaims(tx: Transaction, reservation_id: string): Promise<void> {
    await tx.query('DELETE FROM kept_claim WHERE reservation_id = $1', [reservation_id]);
  }

  /** Locks the open leases of a reservation, in the order of their ids. */
  async lockOf(tx: Transaction, reservation_id: string): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      "SELECT id FROM kept_lease WHERE reservation_id = $1 AND state <> 'ENDED' ORDER BY id FOR NO KEY UPDATE",
      [reservation_id],
    );
    return rows.map((row) => row.id);
  }

  /** Locks those of these leases that are not over, in the order of their ids. */
  async lockOpen(tx: Transaction, lease_ids: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      "SELECT id FROM kept_lease WHERE id = ANY($1) AND state <> 'ENDED' ORDER BY id FOR NO KEY UPDATE",
      [lease_ids],
    );
    return rows.map((row) => row.id);
  }

  /** Nodes are locked before their offers, as whoever replaces offers does. */
  async lockNodes(tx: Transaction, node_ids: readonly string[]): Promise<void> {
    await tx.query('SELECT 1 FROM node WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [node_ids]);
  }

  /** The devices of these leases. */
  async nodesOf(tx: Transaction, lease_ids: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ node_id: string }>('SELECT DISTINCT node_id FROM kept_lease WHERE id = ANY($1)', [lease_ids]);
    return rows.map((row) => row.node_id);
  }

  /** Leases whose device its owner took back, in whole or in part: of those that are too many the newest go first. */
  async yielded(): Promise<string[]> {
    const { rows } = await this.database.query<{ id: string }>(
      `SELECT id FROM (
         SELECT l.id, sum(l.quantity) OVER (PARTITION BY l.node_id, l.market ORDER BY l.id) AS up_to, CASE WHEN k.available THEN k.quantity ELSE 0 END AS allotted
         FROM kept_offer k JOIN node n ON n.id = k.node_id AND n.session_epoch = k.session_epoch AND n.state IN ('ONLINE', 'PAUSED')
         JOIN kept_lease l ON l.node_id = k.node_id AND l.market = k.market AND l.state <> 'ENDED'
         WHERE k.leased > CASE WHEN k.available THEN k.quantity ELSE 0 END
       ) AS x WHERE up_to > allotted`,
    );
    return rows.map((row) => row.id);
  }

  /** Leases whose device is gone for good, or has been away for longer than their reservation waits. */
  async lost(max_disconnect_ms: number): Promise<{ lost: string[]; revoked: string[] }> {
    const { rows } = await this.database.query<{ id: string; revoked: boolean }>(
      `SELECT l.id, n.state = 'REVOKED' AS revoked FROM kept_lease l JOIN node n ON n.id = l.node_id JOIN reservation r ON r.id = l.reservation_id
       WHERE l.state <> 'ENDED' AND (n.state = 'REVOKED' OR (n.state = 'DISCONNECTED'
         AND n.last_seen_at < now() - make_interval(secs => COALESCE(r.disconnect_wait_ms, $1::float8) / 1000)))`,
      [max_disconnect_ms],
    );
    const of = (revoked: boolean) => rows.filter((row) => row.revoked === revoked).map((row) => row.id);
    return { lost: of(false), revoked: of(true) };
  }

  /** Leases whose notice is over. */
  async noticeOver(): Promise<Ending[]> {
    const { rows } = await this.database.query<{ id: string; code: string; sentence: string }>(
      "SELECT id, leaving_code AS code, leaving_sentence AS sentence FROM kept_lease WHERE state <> 'ENDED' AND leave_by <= now()",
    );
    return rows.map(({ id, code, sentence }) => ({ lease_id: id, reason: { code, sentence } }));
  }

  /** The markets that owe leases a round. */
  async due(): Promise<KeptMarketName[]> {
    const { rows } = await this.database.query<{ market: KeptMarketName }>(
      `SELECT DISTINCT l.market FROM kept_lease l JOIN node n ON n.id = l.node_id
       WHERE l.state = 'ACTIVE' AND l.leaving_code IS NULL AND l.expires_at <= now() AND n.state <> 'DISCONNECTED'`,
    );
    return rows.map((row) => row.market);
  }
}

function sums<T>(rows: readonly T[], key: (row: T) => string, amount: (row: T) => bigint): Map<string, bigint> {
  const by = new Map<string, bigint>();
  for (const row of rows) by.set(key(row), (by.get(key(row)) ?? 0n) + amount(row));
  return by;
}

/** The round locked what it found; what it did not lock may have changed. */
const leaseChanged = () =>
  new HeapError(
    'lease_changed',
    'An offer, a lease or a reservation changed while a round decided about it: the round changed nothing.',
    'platform',
  );
