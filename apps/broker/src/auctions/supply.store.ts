import { Inject, Injectable } from '@nestjs/common';
import type { Offer, OwnerRules } from '#auction';
import { Database, type Queryable } from '#database';
import { type Micro, type NodeKind, type SlotClass, WORKLOAD_CLASSES_BY_DEFAULT, workMarket } from '#units';
import { LinksQuery } from '../funding/links.query.js';

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

/** Some nodes: by their own ids and by those of their owners. */
export interface Some {
  nodes: readonly string[];
  owners: readonly string[];
}

const COLUMNS = `n.id, n.owner_id, o.slots - COALESCE(l.held, 0) AS free, o.reserve_price_micro, n.kind, n.speed_fuel_per_ms,
  COALESCE(n.region, r.region, '') AS region, COALESCE(n.labels, '{}') AS labels, n.trust, o.arrival, l.leased_until
  FROM offer o JOIN node n ON n.id = o.node_id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id`;
const HELD = `SELECT node_id, count(*)::int AS held, min(COALESCE(leave_by, expires_at)) AS leased_until FROM lease
  WHERE slot_class = $1 AND state <> 'ENDED' AND id <> ALL($2)`;
const OFFERED = "o.slot_class = $1 AND o.available AND o.slots > 0 AND n.state = 'ONLINE' AND n.drained_at IS NULL";

/** What nodes offer. */
@Injectable()
export class SupplyStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly links: LinksQuery,
  ) {}

  /**
   * The offers of a market, or those of some nodes; also such whose slots are all leased: an order may be told when they are free. The slots of
   * the `ending` leases count as free.
   */
  async read(slot_class: SlotClass, some: Some | null, ending: readonly string[], db: Queryable = this.database): Promise<Offer[]> {
    const { rows } = some
      ? await db.query<OfferRow>(
          `SELECT ${COLUMNS} LEFT JOIN LATERAL (${HELD} AND node_id = n.id GROUP BY node_id) AS l ON true
           WHERE ${OFFERED} AND n.id IN (SELECT unnest($3::uuid[]) UNION SELECT id FROM node WHERE owner_id = ANY($4))`,
          [slot_class, ending, some.nodes, some.owners],
        )
      : await db.query<OfferRow>(`SELECT ${COLUMNS} LEFT JOIN (${HELD} GROUP BY node_id) AS l ON l.node_id = n.id WHERE ${OFFERED}`, [
          slot_class,
          ending,
        ]);
    const owners = [...new Set(rows.map((row) => row.owner_id))];
    const rules = await this.rulesOf(owners, db);
    const clusters = owners.length === 0 ? new Map<string, string>() : await this.links.namesOf(owners, db);
    return rows.map((row) => offerOf(row, slot_class, rules.get(row.owner_id) ?? ADMITS_BY_DEFAULT, clusters.get(row.owner_id)));
  }

  /** Whom and what these owners admit: one object an owner, which the auction tells apart by identity. */
  private async rulesOf(owner_ids: readonly string[], db: Queryable): Promise<Map<string, OwnerRules>> {
    if (owner_ids.length === 0) return new Map();
    const { rows } = await db.query<{ owner_id: string; allow: string[] | null; deny: string[]; classes: string[] }>(
      `SELECT owner_id, CASE WHEN admits_only THEN allow_buyers END AS allow, deny_buyers AS deny, workload_classes AS classes
       FROM owner_rules WHERE owner_id = ANY($1)`,
      [owner_ids],
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

const offerOf = (row: OfferRow, slot_class: SlotClass, rules: OwnerRules, cluster: string | undefined): Offer => ({
  id: row.id,
  owner: row.owner_id,
  ...(cluster !== undefined && { cluster }),
  market: workMarket(slot_class),
  slots: Math.max(0, row.free),
  reserve_price: row.reserve_price_micro,
  attributes: { region: row.region, kind: row.kind, speed: row.speed_fuel_per_ms, labels: row.labels, trust: row.trust },
  rules,
  arrival: Number(row.arrival),
  ...(row.leased_until && { leased_until_ms: row.leased_until.getTime() }),
});
