import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import { type Micro, type NodeKind, type SlotClass, WORKLOAD_CLASSES_BY_DEFAULT, type WorkloadClass } from '#units';

export interface Hours {
  weekdays: number[];
  from_hour: number;
  to_hour: number;
  price_micro: Micro;
}

export interface RulesRow {
  region: string | null;
  time_zone: string;
  price_per_kwh_micro: Micro | null;
  margin_percent: number;
  allow_buyers: string[] | null;
  deny_buyers: string[];
  workload_classes: WorkloadClass[];
}

export interface OfferRow {
  node_id: string;
  name: string;
  kind: NodeKind;
  region: string | null;
  labels: string[];
  slot_class: SlotClass;
  slots: number;
  free: number;
  available: boolean;
  reserve_price_micro: Micro;
  asked_price_micro: Micro | null;
  electricity_micro: Micro;
  /** Whether a price by the hour holds now, and whose. */
  of_device: boolean | null;
}

const DEFAULTS: RulesRow = {
  region: null,
  time_zone: 'UTC',
  price_per_kwh_micro: null,
  margin_percent: 25,
  allow_buyers: null,
  deny_buyers: [],
  workload_classes: [...WORKLOAD_CLASSES_BY_DEFAULT],
};

/** PostgreSQL's answer to a time zone it does not know. */
const INVALID_PARAMETER = '22023';

@Injectable()
export class RulesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async rules(owner_id: string, db: Queryable = this.database): Promise<RulesRow> {
    return (await this.rulesOf([owner_id], db)).get(owner_id) ?? DEFAULTS;
  }

  /** By owner, each of them; what holds by default where an owner has said nothing. */
  async rulesOf(owner_ids: readonly string[], db: Queryable): Promise<Map<string, RulesRow>> {
    const { rows } = await db.query<RulesRow & { owner_id: string }>(
      `SELECT owner_id, region, time_zone, price_per_kwh_micro, margin_percent, CASE WHEN admits_only THEN allow_buyers END AS allow_buyers,
         deny_buyers, workload_classes
       FROM owner_rules WHERE owner_id = ANY($1)`,
      [owner_ids],
    );
    const known = new Map(rows.map(({ owner_id, ...rules }) => [owner_id, rules]));
    return new Map(owner_ids.map((owner_id) => [owner_id, known.get(owner_id) ?? DEFAULTS]));
  }

  /** Does PostgreSQL, whose clock decides, know this time zone? */
  async knowsTimeZone(name: string): Promise<boolean> {
    return this.database.query('SELECT now() AT TIME ZONE $1', [name]).then(
      () => true,
      (error: unknown) => {
        if ((error as { code?: string }).code === INVALID_PARAMETER) return false;
        throw error;
      },
    );
  }

  async replaceRules(tx: Transaction, owner_id: string, rules: RulesRow): Promise<void> {
    await tx.query(
      `INSERT INTO owner_rules (owner_id, region, time_zone, price_per_kwh_micro, margin_percent, admits_only, allow_buyers, deny_buyers, workload_classes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (owner_id) DO UPDATE SET region = excluded.region, time_zone = excluded.time_zone,
         price_per_kwh_micro = excluded.price_per_kwh_micro, margin_percent = excluded.margin_percent, admits_only = excluded.admits_only,
         allow_buyers = excluded.allow_buyers, deny_buyers = excluded.deny_buyers, workload_classes = excluded.workload_classes, updated_at = now()`,
      [
        owner_id,
        rules.region,
        rules.time_zone,
        rules.price_per_kwh_micro,
        rules.margin_percent,
        rules.allow_buyers !== null,
        rules.allow_buyers ?? [],
        rules.deny_buyers,
        rules.workload_classes,
      ],
    );
  }

  /** Prices by the hour: of one device, or with null those for all. */
  async hours(owner_id: string, node_ids: readonly (string | null)[]): Promise<(Hours & { node_id: string | null })[]> {
    const { rows } = await this.database.query<Hours & { node_id: string | null }>(
      `SELECT node_id, weekdays, from_hour, to_hour, price_micro FROM price_hours
       WHERE owner_id = $1 AND (node_id = ANY($2::uuid[]) OR ($3 AND node_id IS NULL)) ORDER BY node_id, position`,
      [owner_id, node_ids.filter((id) => id !== null), node_ids.includes(null)],
    );
    return rows;
  }

  async replaceHours(tx: Transaction, owner_id: string, node_id: string | null, hours: readonly Hours[]): Promise<void> {
    await tx.query('DELETE FROM price_hours WHERE owner_id = $1 AND node_id IS NOT DISTINCT FROM $2::uuid', [owner_id, node_id]);
    // Weekdays travel as JSON: arrays of different lengths make no array.
    await tx.query(
      `INSERT INTO price_hours (owner_id, node_id, position, weekdays, from_hour, to_hour, price_micro)
       SELECT $1, $2, h.n, ARRAY(SELECT jsonb_array_elements_text(h.days)::int), h.from_hour, h.to_hour, h.price
       FROM unnest($3::jsonb[], $4::int[], $5::int[], $6::bigint[]) WITH ORDINALITY AS h(days, from_hour, to_hour, price, n)`,
      [
        owner_id,
        node_id,
        hours.map((h) => JSON.stringify(h.weekdays)),
        hours.map((h) => h.from_hour),
        hours.map((h) => h.to_hour),
        hours.map((h) => h.price_micro),
      ],
    );
  }

  /** Undefined leaves what was said before. @returns false when there is no such node of this owner. */
  async setPlace(
    tx: Transaction,
    owner_id: string,
    node_id: string,
    place: { region?: string | null | undefined; labels?: readonly string[] | undefined },
  ): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE node SET region = CASE WHEN $3 THEN $4 ELSE region END, labels = COALESCE($5, labels)
       WHERE id = $1 AND owner_id = $2 AND state <> 'REVOKED'`,
      [node_id, owner_id, place.region !== undefined, place.region ?? null, place.labels ?? null],
    );
    return rowCount === 1;
  }

  async nodesOf(
    tx: Transaction,
    owner_id: string,
  ): Promise<{ id: string; kind: NodeKind; region: string | null; speed_fuel_per_ms: number }[]> {
    const { rows } = await tx.query<{ id: string; kind: NodeKind; region: string | null; speed_fuel_per_ms: number }>(
      "SELECT id, kind, region, speed_fuel_per_ms FROM node WHERE owner_id = $1 AND state <> 'REVOKED'",
      [owner_id],
    );
    return rows;
  }

  async setElectricity(tx: Transaction, prices: readonly { node_id: string; electricity_micro: Micro }[]): Promise<void> {
    await tx.query(
      `UPDATE offer SET electricity_micro = e.price FROM unnest($1::uuid[], $2::bigint[]) AS e(node_id, price)
       WHERE offer.node_id = e.node_id AND offer.electricity_micro <> e.price`,
      [prices.map((p) => p.node_id), prices.map((p) => p.electricity_micro)],
    );
  }

  /**
   * Brings reserve prices in line with what holds at this moment by the database's clock: a price by the hour, else the agent's own, else
   * the electricity. With an owner, all of their offers; without, those of everybody who has prices by the hour.
   * @returns the offers whose price changed.
   */
  async reprice(owner_id: string | null, db: Queryable = this.database): Promise<{ node_id: string; slot_class: SlotClass }[]> {
    const { rows } = await db.query<{ node_id: string; slot_class: SlotClass }>(
      `UPDATE offer o SET reserve_price_micro = due.price, updated_at = now()
       FROM (SELECT f.node_id, f.slot_class, COALESCE(h.price, f.asked_price_micro, f.electricity_micro) AS price
             FROM node n JOIN offer f ON f.node_id = n.id LEFT JOIN LATERAL price_by_hour(n.owner_id, n.id, now()) AS h ON true
             WHERE n.owner_id = $1 OR ($1 IS NULL AND n.owner_id IN (SELECT owner_id FROM price_hours))) AS due
       WHERE o.node_id = due.node_id AND o.slot_class = due.slot_class AND o.reserve_price_micro <> due.price
       RETURNING o.node_id, o.slot_class`,
      [owner_id],
    );
    return rows;
  }

  /** The markets in which an owner, or one node of theirs, has something on offer. */
  async classesOf(owner_id: string, node_id: string | null = null): Promise<SlotClass[]> {
    const { rows } = await this.database.query<{ slot_class: SlotClass }>(
      `SELECT DISTINCT o.slot_class FROM node n JOIN offer o ON o.node_id = n.id
       WHERE n.owner_id = $1 AND ($2::uuid IS NULL OR n.id = $2) AND o.slots > 0`,
      [owner_id, node_id],
    );
    return rows.map((row) => row.slot_class);
  }

  async offersOf(owner_id: string): Promise<OfferRow[]> {
    const { rows } = await this.database.query<OfferRow>(
      `SELECT n.id AS node_id, n.name, n.kind, COALESCE(n.region, r.region) AS region, COALESCE(n.labels, '{}') AS labels, o.slot_class, o.slots,
         GREATEST(0, o.slots - (SELECT count(*)::int FROM lease l
           WHERE l.node_id = n.id AND l.slot_class = o.slot_class AND l.state <> 'ENDED')) AS free,
         o.available AND n.state = 'ONLINE' AS available, o.reserve_price_micro, o.asked_price_micro, o.electricity_micro, h.of_device
       FROM node n JOIN offer o ON o.node_id = n.id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id
       LEFT JOIN LATERAL price_by_hour(n.owner_id, n.id, now()) AS h ON true
       WHERE n.owner_id = $1 AND n.state <> 'REVOKED' AND o.slots > 0 ORDER BY n.id, o.slot_class`,
      [owner_id],
    );
    return rows;
  }
}
