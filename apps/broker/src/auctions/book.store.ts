import { Inject, Injectable } from '@nestjs/common';
import type { Offer, Order, OwnerRules } from '#auction';
import { Database, type Queryable } from '#database';
import { waiting } from '#lifecycle';
import { type Micro, type NodeKind, type SlotClass, WORKLOAD_CLASSES_BY_DEFAULT, workMarket } from '#units';
import { taskCostMax } from '../platform/task-price.js';
import type { PublicBook } from './goods.commands.js';
import { type Demand, orderOf } from './order-of.js';
import type { EndingTerm } from './terms.js';

/** A book of jobs: what they want are slots that they lack and have tasks for. */
export interface WorkBook extends PublicBook {
  /** Free slots in all, with those of ending leases. */
  free: number;
  orders: Order[];
  /** Leases whose term is over: their slots are for sale. */
  ending: readonly EndingTerm[];
  /** By order id. */
  fuel_limits: ReadonlyMap<string, bigint>;
}

interface OfferRow {
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
}

interface OrderRow extends Demand {
  fuel_limit: bigint;
  /** The developer's cap for a day and what it leaves; null without one. */
  day_cap_micro: Micro | null;
  day_left_micro: Micro | null;
}

/**
 * A node that instruments a module into something else than the heap did gives the lease back for one of these: it or the heap is older. Nobody is to blame, and the
 * next round would lease it again at once.
 */
const DIFFERS = ['meter_id_mismatch', 'metered_hash_mismatch'];
const DIFFERS_MINUTES = 10;

/** Too little is left of the day's cap for one more task at the order's maximum price. */
const isCapped = (row: OrderRow): boolean =>
  row.day_left_micro !== null && row.day_left_micro < taskCostMax(row.fuel_limit, row.max_price_micro);

/** The order book of a market as the database has it now. */
@Injectable()
export class BookStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Without a bid the offers stay unread, unless `asked` wants to see them. The slots of leases whose term is `ending` are for sale, and their
   * jobs bid for them beside what they lack.
   */
  async read(slot_class: SlotClass, db: Queryable = this.database, asked = false, ending: readonly EndingTerm[] = []): Promise<WorkBook> {
    const market = workMarket(slot_class);
    const demand = await this.demand(slot_class, db, ending);
    const bidding = demand.filter((row) => !isCapped(row));
    const offers = bidding.length > 0 || asked ? await this.supply(slot_class, market, db, ending) : [];
    const free = offers.reduce((sum, offer) => sum + offer.slots, 0);
    return {
      free,
      offers,
      ending,
      orders: bidding.map((row) => orderOf(row, market, free)),
      wanted: new Map(bidding.map((row) => [row.id, row.wanted])),
      resting: demand.filter(isCapped).map((row) => ({ order_id: row.id, ...waiting('day_cap', { cap_micro: row.day_cap_micro ?? 0n }) })),
      fuel_limits: new Map(bidding.map((row) => [row.id, row.fuel_limit])),
    };
  }

  /** The offers of a market by arrival, also those whose slots are all leased: an order may be told when they are free. */
  private async supply(slot_class: SlotClass, market: string, db: Queryable, ending: readonly EndingTerm[]): Promise<Offer[]> {
    const { rows } = await db.query<OfferRow>(
      `SELECT n.id, n.owner_id, o.slots - COALESCE(l.held, 0) AS free, o.reserve_price_micro, n.kind, n.speed_fuel_per_ms,
         COALESCE(n.region, r.region, '') AS region, COALESCE(n.labels, '{}') AS labels, n.trust, o.arrival, l.leased_until
       FROM offer o JOIN node n ON n.id = o.node_id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id
       LEFT JOIN (SELECT node_id, count(*)::int AS held, min(COALESCE(leave_by, expires_at)) AS leased_until FROM lease
                  WHERE slot_class = $1 AND state <> 'ENDED' AND id <> ALL($2) GROUP BY node_id) AS l ON l.node_id = o.node_id
       WHERE o.slot_class = $1 AND o.available AND o.slots > 0 AND n.state = 'ONLINE' ORDER BY o.arrival`,
      [slot_class, ending.map((lease) => lease.id)],
    );
    const rules = await this.rulesOf(rows, db);
    return rows.map((row) => offerOf(row, market, rules.get(row.owner_id) ?? ADMITS_BY_DEFAULT));
  }

  /** The jobs that want slots, by arrival. What they hold counts slots that they have won and wait for; an ending lease with tasks out is still wanted. */
  private async demand(slot_class: SlotClass, db: Queryable, ending: readonly EndingTerm[]): Promise<OrderRow[]> {
    const { rows } = await db.query<OrderRow>(
      `SELECT d.*, COALESCE(b.not_owners, '{}') AS not_owners, COALESCE(b.not_nodes, '{}') AS not_nodes, b.day_cap_micro,
         CASE WHEN b.day_cap_micro IS NOT NULL THEN day_left(d.person_id) END AS day_left_micro
       FROM (
         SELECT j.id, j.person_id, j.max_price_micro, j.fuel_limit, j.arrival, j.workload_class, j.order_terms, l.held,
           LEAST(j.queued + COALESCE(e.busy, 0), j.slots - l.held) AS wanted, COALESCE(e.nodes, '{}') AS incumbents
         FROM job j
         LEFT JOIN (SELECT job_id, count(*) FILTER (WHERE busy)::int AS busy, array_agg(node_id ORDER BY busy DESC, n) AS nodes
                    FROM unnest($3::uuid[], $4::uuid[], $5::boolean[]) WITH ORDINALITY AS x(job_id, node_id, busy, n) GROUP BY job_id) AS e ON e.job_id = j.id
         CROSS JOIN LATERAL (SELECT
           (SELECT count(*)::int FROM lease WHERE job_id = j.id AND state <> 'ENDED' AND id <> ALL($2))
           + (SELECT count(*)::int FROM lease WHERE next_job_id = j.id AND job_id <> j.id AND state <> 'ENDED') AS held) AS l
         WHERE j.slot_class = $1 AND j.state IN ('QUEUED', 'RUNNING') AND (j.queued > 0 OR e.busy > 0)
       ) AS d LEFT JOIN buyer_limits b ON b.person_id = d.person_id
       WHERE d.wanted > 0 ORDER BY d.arrival`,
      [
        slot_class,
        ending.map((lease) => lease.id),
        ending.map((lease) => lease.job_id),
        ending.map((lease) => lease.node_id),
        ending.map((lease) => lease.busy),
      ],
    );
    const differing = await this.differing(
      rows.map((row) => row.id),
      db,
    );
    return rows.map((row) => ({ ...row, not_nodes: [...row.not_nodes, ...(differing.get(row.id) ?? [])] }));
  }

  /** Nodes that lately could not run a job's module as the heap metered it, by job. */
  private async differing(job_ids: readonly string[], db: Queryable): Promise<Map<string, string[]>> {
    const { rows } = await db.query<{ job_id: string; nodes: string[] }>(
      `SELECT job_id, array_agg(DISTINCT node_id ORDER BY node_id) AS nodes FROM lease
       WHERE job_id = ANY($1) AND end_code = ANY($2) AND ended_at > now() - make_interval(mins => $3) GROUP BY job_id`,
      [job_ids, DIFFERS, DIFFERS_MINUTES],
    );
    return new Map(rows.map((row) => [row.job_id, row.nodes]));
  }

  /** Whom and what these owners admit: one object an owner, which the auction tells apart by identity. */
  private async rulesOf(offers: readonly OfferRow[], db: Queryable): Promise<Map<string, OwnerRules>> {
    const { rows } = await db.query<{ owner_id: string; allow: string[] | null; deny: string[]; classes: string[] }>(
      `SELECT owner_id, CASE WHEN admits_only THEN allow_buyers END AS allow, deny_buyers AS deny, workload_classes AS classes
       FROM owner_rules WHERE owner_id = ANY($1)`,
      [[...new Set(offers.map((row) => row.owner_id))]],
    );
    return new Map(
      rows.map(({ owner_id, allow, deny, classes }) => [
        owner_id,
        { workload_classes: classes, ...(allow && { allow_buyers: allow }), ...(deny.length > 0 && { deny_buyers: deny }) },
      ]),
    );
  }
}

/** What an owner without rules admits: every buyer, and the classes that need no consent. */
const ADMITS_BY_DEFAULT: OwnerRules = { workload_classes: WORKLOAD_CLASSES_BY_DEFAULT };

const offerOf = (row: OfferRow, market: string, rules: OwnerRules): Offer => ({
  id: row.id,
  owner: row.owner_id,
  market,
  slots: Math.max(0, row.free),
  reserve_price: row.reserve_price_micro,
  attributes: { region: row.region, kind: row.kind, speed: row.speed_fuel_per_ms, labels: row.labels, trust: row.trust },
  rules,
  arrival: Number(row.arrival),
  ...(row.leased_until && { leased_until_ms: row.leased_until.getTime() }),
});
