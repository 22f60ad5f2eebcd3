import { Inject, Injectable } from '@nestjs/common';
import type { Offer, Order, OwnerRules } from '#auction';
import { Database, type Queryable, type Transaction } from '#database';
import { type Micro, type NodeKind, type SlotClass, WORKLOAD_CLASSES_BY_DEFAULT } from '#units';

export interface Book {
  /** Free slots in all. */
  free: number;
  offers: Offer[];
  orders: Order[];
  /** By order id. */
  fuel_limits: Map<string, bigint>;
}

interface OfferRow {
  id: string;
  owner_id: string;
  slots: number;
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

interface OrderRow {
  id: string;
  person_id: string;
  wanted: number;
  max_price_micro: Micro;
  fuel_limit: bigint;
  arrival: bigint;
}

/**
 * A node that instruments a module into something else than the heap did gives the lease back for one of these: it or the heap is older. Nobody is to blame, and the
 * next round would lease it again at once.
 */
const DIFFERS = ['meter_id_mismatch', 'metered_hash_mismatch'];
const DIFFERS_MINUTES = 10;

/** A buyer's proxy never bids for more slots than are free: nobody raises the price against himself. */
export const bidQuantity = (wanted: number, free: number): number => Math.min(wanted, Math.max(1, free));

/** The order book of a market as the database has it now. */
@Injectable()
export class BookStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async read(slot_class: SlotClass, db: Queryable = this.database): Promise<Book> {
    const market = `work:${slot_class}`;
    const offers = await db.query<OfferRow>(
      `SELECT n.id, n.owner_id, o.slots, o.slots - count(l.id)::int AS free, o.reserve_price_micro, n.kind, n.speed_fuel_per_ms,
         COALESCE(n.region, r.region, '') AS region, COALESCE(n.labels, '{}') AS labels, n.trust, o.arrival,
         min(l.expires_at) AS leased_until
       FROM offer o JOIN node n ON n.id = o.node_id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id
       LEFT JOIN lease l ON l.node_id = o.node_id AND l.slot_class = o.slot_class AND l.state <> 'ENDED'
       WHERE o.slot_class = $1 AND o.available AND o.slots > 0 AND n.state = 'ONLINE'
       GROUP BY n.id, o.node_id, o.slot_class, r.owner_id ORDER BY o.arrival`,
      [slot_class],
    );
    const rules = await this.rulesOf(
      offers.rows.map((row) => row.owner_id),
      db,
    );
    const orders = await db.query<OrderRow>(
      `SELECT * FROM (
         SELECT j.id, j.person_id, j.max_price_micro, j.fuel_limit, j.arrival,
           LEAST(j.queued, j.slots - (SELECT count(*) FROM lease l WHERE l.job_id = j.id AND l.state <> 'ENDED'))::int AS wanted
         FROM job j WHERE j.slot_class = $1 AND j.state IN ('QUEUED', 'RUNNING') AND j.queued > 0
       ) AS demand WHERE wanted > 0 ORDER BY arrival`,
      [slot_class],
    );
    const differing = await this.differing(
      orders.rows.map((row) => row.id),
      db,
    );
    const free = offers.rows.reduce((sum, row) => sum + Math.max(0, row.free), 0);
    return {
      free,
      offers: offers.rows.map((row) => offerOf(row, market, rules.get(row.owner_id) ?? ADMITS_BY_DEFAULT)),
      orders: orders.rows.map((row) => ({
        id: row.id,
        buyer: row.person_id,
        market,
        quantity: bidQuantity(row.wanted, free),
        max_price: row.max_price_micro,
        workload_class: 'general',
        arrival: Number(row.arrival),
        ...(differing.has(row.id) && { constraints: { not_nodes: differing.get(row.id) } }),
      })),
      fuel_limits: new Map(orders.rows.map((row) => [row.id, row.fuel_limit])),
    };
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
  private async rulesOf(owner_ids: readonly string[], db: Queryable): Promise<Map<string, OwnerRules>> {
    const { rows } = await db.query<{ owner_id: string; allow: string[] | null; deny: string[]; classes: string[] }>(
      `SELECT owner_id, CASE WHEN admits_only THEN allow_buyers END AS allow, deny_buyers AS deny, workload_classes AS classes
       FROM owner_rules WHERE owner_id = ANY($1)`,
      [[...new Set(owner_ids)]],
    );
    return new Map(
      rows.map(({ owner_id, allow, deny, classes }) => [
        owner_id,
        { workload_classes: classes, ...(allow && { allow_buyers: allow }), ...(deny.length > 0 && { deny_buyers: deny }) },
      ]),
    );
  }

  /** Becomes the leader of every market: the epoch fences whoever led before. */
  async takeLead(): Promise<bigint> {
    const { rows } = await this.database.query<{ epoch: bigint }>(
      `WITH next AS (SELECT COALESCE(max(epoch), 0) + 1 AS epoch FROM market_leader)
       INSERT INTO market_leader (slot_class, epoch) SELECT c, next.epoch FROM unnest(enum_range(NULL::slot_class)) AS c, next
       ON CONFLICT (slot_class) DO UPDATE SET epoch = excluded.epoch RETURNING epoch`,
    );
    return rows[0]?.epoch ?? 0n;
  }

  /** Locks a market for one round. @returns false when another leader has taken over. */
  async holdsLead(tx: Transaction, slot_class: SlotClass, epoch: bigint): Promise<boolean> {
    const { rowCount } = await tx.query('SELECT 1 FROM market_leader WHERE slot_class = $1 AND epoch = $2 FOR NO KEY UPDATE', [
      slot_class,
      epoch,
    ]);
    return rowCount === 1;
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
