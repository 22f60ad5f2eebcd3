import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { KEPT_MARKETS, type KeptMarketName, type Micro, type NodeKind } from '#units';
import type { KeptPrice } from './kept-prices.js';

/** Slots or GB that an agent offers to keep. */
export interface KeptPart {
  market: KeptMarketName;
  quantity: number;
  /** What the agent asks for; null leaves it to what the owner set, or to the automatic reserve. */
  asked_micro: Micro | null;
}

/** What a node's present session offers to keep, and how its automatic reserves are reckoned. */
export interface KeptOffering {
  node_id: string;
  kind: NodeKind;
  region: string | null;
  session_epoch: number;
  available: boolean;
  parts: readonly KeptPart[];
  price: KeptPrice;
}

export interface KeptOfferRow {
  node_id: string;
  name: string;
  kind: NodeKind;
  market: KeptMarketName;
  quantity: number;
  leased: number;
  available: boolean;
  reserve_price_micro: Micro;
  set_price_micro: Micro | null;
  asked_price_micro: Micro | null;
  default_price_micro: Micro;
  workload_classes: string[] | null;
}

const RESERVE = 'COALESCE(set_price_micro, asked_price_micro, default_price_micro)';

/** What nodes offer to keep: slots for services, and bytes. */
@Injectable()
export class KeptOffersStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Replaces them by what the nodes' present sessions say, each node once; the caller holds the nodes' rows.
   * @returns the markets in which something changed.
   */
  async replace(tx: Transaction, nodes: readonly KeptOffering[]): Promise<KeptMarketName[]> {
    const { rows: known } = await tx.query<{ node_id: string; market: KeptMarketName }>(
      'SELECT node_id, market FROM kept_offer WHERE node_id = ANY($1)',
      [nodes.map((node) => node.node_id)],
    );
    const seen = new Set(known.map(({ node_id, market }) => `${node_id} ${market}`));
    const offered = nodes.flatMap((node) =>
      node.parts
        .filter((part) => part.quantity > 0 || seen.has(`${node.node_id} ${part.market}`))
        .map((part) => ({ ...part, ...node, default_micro: node.price(part.market, node) })),
    );
    // Most nodes keep nothing.
    if (offered.length === 0 && known.length === 0) return [];
    await tx.query(
      `INSERT INTO kept_offer AS k (node_id, market, quantity, asked_price_micro, default_price_micro, reserve_price_micro, available, session_epoch)
       SELECT p.id, p.market, p.quantity, p.asked, p.automatic, COALESCE(p.asked, p.automatic), p.available, p.epoch
       FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bool[], $7::int[])
         AS p(id, market, quantity, asked, automatic, available, epoch)
       ORDER BY p.id, p.market
       ON CONFLICT (node_id, market) DO UPDATE SET quantity = excluded.quantity, asked_price_micro = excluded.asked_price_micro,
         default_price_micro = excluded.default_price_micro, available = excluded.available, session_epoch = excluded.session_epoch,
         reserve_price_micro = COALESCE(k.set_price_micro, excluded.asked_price_micro, excluded.default_price_micro), updated_at = now()`,
      [
        offered.map((part) => part.node_id),
        offered.map((part) => part.market),
        offered.map((part) => part.quantity),
        offered.map((part) => part.asked_micro),
        offered.map((part) => part.default_micro),
        offered.map((part) => part.available),
        offered.map((part) => part.session_epoch),
      ],
    );
    const { rows: withdrawn } = await tx.query<{ market: KeptMarketName }>(
      `UPDATE kept_offer k SET quantity = 0, available = false, session_epoch = x.epoch, updated_at = now()
       FROM unnest($1::uuid[], $2::int[]) AS x(id, epoch)
       WHERE k.node_id = x.id AND (k.quantity > 0 OR k.session_epoch <> x.epoch)
         AND NOT EXISTS (SELECT 1 FROM unnest($3::uuid[], $4::text[]) AS p(id, market) WHERE p.id = k.node_id AND p.market = k.market)
       RETURNING k.market`,
      [
        nodes.map((node) => node.node_id),
        nodes.map((node) => node.session_epoch),
        offered.map((part) => part.node_id),
        offered.map((part) => part.market),
      ],
    );
    return [...new Set([...offered, ...withdrawn].map(({ market }) => market))];
  }

  /** Brings the automatic reserves of an owner's devices in line with the owner's rules. */
  async reprice(tx: Transaction, owner_id: string, price: KeptPrice): Promise<void> {
    const { rows } = await tx.query<{ node_id: string; market: KeptMarketName; kind: NodeKind; region: string | null }>(
      'SELECT k.node_id, k.market, n.kind, n.region FROM kept_offer k JOIN node n ON n.id = k.node_id WHERE n.owner_id = $1',
      [owner_id],
    );
    await tx.query(
      `UPDATE kept_offer k SET default_price_micro = p.price, reserve_price_micro = COALESCE(k.set_price_micro, k.asked_price_micro, p.price)
       FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS p(node_id, market, price)
       WHERE k.node_id = p.node_id AND k.market = p.market AND k.default_price_micro <> p.price`,
      [rows.map((row) => row.node_id), rows.map((row) => row.market), rows.map((row) => price(row.market, row))],
    );
  }

  /** Sets or forgets the owner's own price. @returns false when this owner has no such offer. */
  async setPrice(owner_id: string, node_id: string, market: KeptMarketName, price_micro: Micro | null): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE kept_offer k SET set_price_micro = $4, reserve_price_micro = ${RESERVE.replace('set_price_micro', '$4')}, updated_at = now()
       FROM node n WHERE n.id = k.node_id AND n.id = $2 AND n.owner_id = $1 AND n.state <> 'REVOKED' AND k.market = $3`,
      [owner_id, node_id, market, price_micro],
    );
    return rowCount === 1;
  }

  async listOf(owner_id: string): Promise<KeptOfferRow[]> {
    const { rows } = await this.database.query<KeptOfferRow>(
      `SELECT k.node_id, n.name, n.kind, k.market, k.quantity, k.leased, k.available AND n.state = 'ONLINE' AND k.session_epoch = n.session_epoch AS available,
         k.reserve_price_micro, k.set_price_micro, k.asked_price_micro, k.default_price_micro, r.workload_classes
       FROM kept_offer k JOIN node n ON n.id = k.node_id LEFT JOIN owner_rules r ON r.owner_id = n.owner_id
       WHERE n.owner_id = $1 AND n.state <> 'REVOKED' AND (k.quantity > 0 OR k.leased > 0) ORDER BY n.id, array_position($2::text[], k.market)`,
      [owner_id, KEPT_MARKETS],
    );
    return rows;
  }
}
