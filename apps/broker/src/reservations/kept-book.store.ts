import { Inject, Injectable } from '@nestjs/common';
import type { Offer, OwnerRules } from '#auction';
import { Database, type Queryable, type Transaction } from '#database';
import type { OrderView } from '#protocol';
import { isStorage, type KeptMarketName, type Micro, type NodeKind, WORKLOAD_CLASSES_BY_DEFAULT } from '#units';
import type { EndingLease } from './kept-terms.js';

/** A reservation that is not over, with what it has and what its developer said for all orders. */
export interface DemandRow {
  id: string;
  person_id: string;
  market: KeptMarketName;
  arrival: bigint;
  max_price_micro: Micro;
  budget_micro: Micro;
  left_micro: Micro;
  hours: number | null;
  left_us: bigint | null;
  order_terms: Pick<OrderView, 'constraints' | 'preferences' | 'spread'> & { min_quantity: number };
  quantity: number;
  max_per_node: number | null;
  /** Of one with `max_per_node`: what it keeps beyond this round, by node, and whose nodes these are. */
  held_by_node: Record<string, number> | null;
  held_of_owners: string[] | null;
  /** Units that it keeps beyond this round, and those that it has won and waits for. */
  held: number;
  /** Units whose term is ending. */
  ending: number;
  /** Their nodes, one entry a unit. */
  incumbents: string[];
  not_owners: string[];
  not_nodes: string[];
  day_cap_micro: Micro | null;
  day_left_micro: Micro | null;
  day_left_us: bigint;
}

interface SupplyRow {
  id: string;
  owner_id: string;
  free: number;
  reserve_price_micro: Micro;
  kind: NodeKind;
  speed_fuel_per_ms: number;
  region: string;
  labels: string[];
  trust: number;
  arrival: bigint;
  leased_until: Date | null;
  admits_only: boolean | null;
  allow_buyers: string[] | null;
  deny_buyers: string[] | null;
  workload_classes: string[] | null;
}

/** The books of the standing and storage markets as the database has them now. */
@Injectable()
export class KeptBookStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Locks the leases whose term is over, by their ids. A device that is away decides nothing: its leases wait until it is back or counts as lost. */
  async ending(tx: Transaction, market: KeptMarketName): Promise<EndingLease[]> {
    const { rows } = await tx.query<EndingLease>(
      `SELECT l.id, l.reservation_id, l.node_id, l.quantity, l.price_micro, r.preemption_notice_ms AS notice_ms
       FROM kept_lease l JOIN reservation r ON r.id = l.reservation_id JOIN node n ON n.id = l.node_id
       WHERE l.market = $1 AND l.state = 'ACTIVE' AND l.leaving_code IS NULL AND l.expires_at <= now() AND n.state <> 'DISCONNECTED'
       ORDER BY l.id FOR NO KEY UPDATE OF l`,
      [market],
    );
    return rows;
  }

  /** The offers of a market by arrival, also those whose units are all leased: an order may be told when they are free. */
  async supply(market: KeptMarketName, ending: readonly EndingLease[] = [], db: Queryable = this.database): Promise<Offer[]> {
    const { rows } = await db.query<SupplyRow>(
      `SELECT n.id, n.owner_id, k.quantity - k.leased + COALESCE(e.units, 0)::int AS free, k.reserve_price_micro, n.kind, n.speed_fuel_per_ms,
         COALESCE(n.region, r.region, '') AS region, COALESCE(n.labels, '{}') AS labels, n.trust, k.arrival, l.leased_until,
         r.admits_only, r.allow_buyers, r.deny_buyers, r.workload_classes
       FROM kept_offer k JOIN node n ON n.id = k.node_id AND n.session_epoch = k.session_epoch LEFT JOIN owner_rules r ON r.owner_id = n.owner_id
       LEFT JOIN (SELECT node_id, sum(quantity) AS units FROM unnest($2::uuid[], $3::int[]) AS x(node_id, quantity) GROUP BY node_id) AS e ON e.node_id = n.id
       LEFT JOIN (SELECT node_id, min(COALESCE(leave_by, expires_at)) AS leased_until FROM kept_lease
                  WHERE market = $1 AND state <> 'ENDED' GROUP BY node_id) AS l ON l.node_id = n.id
       WHERE k.market = $1 AND k.available AND k.quantity > 0 AND n.state = 'ONLINE' AND n.drained_at IS NULL
         AND NOT ($1 LIKE 'storage:%' AND EXISTS (SELECT 1 FROM node_storage s WHERE s.node_id = n.id AND s.standing = 'disqualified'))
       ORDER BY k.arrival`,
      [market, ending.map((lease) => lease.node_id), ending.map((lease) => lease.quantity)],
    );
    const known = new Map<string, OwnerRules>();
    return rows.map((row) => offerOf(row, market, known));
  }

  /** Reservations of a market, or these, by arrival, whether they want more or not. */
  async demand(
    by: { market: KeptMarketName } | { ids: readonly string[] },
    ending: readonly EndingLease[] = [],
    db: Queryable = this.database,
  ): Promise<DemandRow[]> {
    const { rows } = await db.query<DemandRow>(
      `SELECT r.id, r.person_id, r.market, r.arrival, r.max_price_micro, r.budget_micro, r.budget_micro - r.charged_micro - r.reserved_micro AS left_micro,
         r.hours, CASE WHEN r.hours IS NOT NULL THEN
           (extract(epoch FROM COALESCE(r.ends_at - now(), make_interval(hours => r.hours))) * 1000000)::bigint END AS left_us,
         r.order_terms, r.quantity, r.max_per_node, m.held_by_node, m.held_of_owners, (h.leased + h.claimed)::int AS held, COALESCE(e.units, 0)::int AS ending, COALESCE(e.nodes, '{}') AS incumbents,
         COALESCE(b.not_owners, '{}') AS not_owners, COALESCE(b.not_nodes, '{}') AS not_nodes, b.day_cap_micro,
         CASE WHEN b.day_cap_micro IS NOT NULL THEN day_left(r.person_id) END AS day_left_micro,
         (extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '24 hours' - now()) * 1000000)::bigint AS day_left_us
       FROM reservation r LEFT JOIN buyer_limits b ON b.person_id = r.person_id
       LEFT JOIN (SELECT x.reservation_id, count(*) AS units, array_agg(x.node_id ORDER BY x.n) AS nodes
                  FROM unnest($4::uuid[], $5::uuid[], $6::int[]) WITH ORDINALITY AS x(reservation_id, node_id, quantity, n), generate_series(1, x.quantity)
                  GROUP BY x.reservation_id) AS e ON e.reservation_id = r.id
       CROSS JOIN LATERAL (SELECT
         (SELECT COALESCE(sum(l.quantity), 0) FROM kept_lease l WHERE l.reservation_id = r.id AND l.state <> 'ENDED' AND l.id <> ALL($3::uuid[])) AS leased,
         (SELECT COALESCE(sum(c.quantity), 0) FROM kept_claim c JOIN kept_lease l ON l.id = c.lease_id
          WHERE c.reservation_id = r.id AND l.reservation_id <> r.id AND l.state <> 'ENDED') AS claimed) AS h
       LEFT JOIN LATERAL (SELECT jsonb_object_agg(x.node_id, x.units) AS held_by_node, array_agg(DISTINCT x.owner_id) AS held_of_owners FROM (
           SELECT l.node_id, l.owner_id, sum(CASE WHEN l.reservation_id = r.id THEN l.quantity ELSE c.quantity END)::int AS units FROM kept_lease l
           LEFT JOIN kept_claim c ON c.lease_id = l.id AND c.reservation_id = r.id AND l.reservation_id <> r.id
           WHERE (l.reservation_id = r.id OR c.reservation_id = r.id) AND l.state <> 'ENDED' AND l.id <> ALL($3::uuid[]) GROUP BY l.node_id, l.owner_id
         ) AS x) AS m ON r.max_per_node IS NOT NULL
       WHERE r.state IN ('WAITING', 'RUNNING') AND ($1::text IS NULL OR r.market = $1) AND ($2::uuid[] IS NULL OR r.id = ANY($2))
       ORDER BY r.arrival`,
      [
        'market' in by ? by.market : null,
        'ids' in by ? by.ids : null,
        ending.map((lease) => lease.id),
        ending.map((lease) => lease.reservation_id),
        ending.map((lease) => lease.node_id),
        ending.map((lease) => lease.quantity),
      ],
    );
    return rows;
  }
}

/** Storage needs no consent beyond the bytes that the owner allots; standing slots are for services, which owners consent to. */
function offerOf(row: SupplyRow, market: KeptMarketName, known: Map<string, OwnerRules>): Offer {
  const rules = known.get(row.owner_id) ?? {
    ...(!isStorage(market) && { workload_classes: row.workload_classes ?? WORKLOAD_CLASSES_BY_DEFAULT }),
    ...(row.admits_only && { allow_buyers: row.allow_buyers ?? [] }),
    ...(row.deny_buyers && row.deny_buyers.length > 0 && { deny_buyers: row.deny_buyers }),
  };
  // One object an owner: the auction tells rules apart by identity.
  known.set(row.owner_id, rules);
  return {
    id: row.id,
    owner: row.owner_id,
    market,
    slots: Math.max(0, row.free),
    reserve_price: row.reserve_price_micro,
    attributes: { region: row.region, kind: row.kind, speed: row.speed_fuel_per_ms, labels: row.labels, trust: row.trust },
    rules,
    arrival: Number(row.arrival),
    ...(row.leased_until && { leased_until_ms: row.leased_until.getTime() }),
  };
}
