import { Injectable } from '@nestjs/common';
import type { Body } from '#protocol';
import { GB_BYTES, type KeptMarketName, type SlotClass } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { Gathered } from '../platform/gathered.js';
import { electricityReserve } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';
import { KeptOffersStore, type KeptPart } from './kept-offers.store.js';
import { KeptPrices } from './kept-prices.js';
import { KeptOfferChanged } from './nodes.events.js';
import type { NodeRow } from './nodes.store.js';
import { type OfferedSlots, OffersStore } from './offers.store.js';
import { tellOffersChanged } from './offers-changed.js';
import { PresenceCommands } from './presence.commands.js';
import { type RulesRow, RulesStore } from './rules.store.js';

interface Offering {
  node: NodeRow;
  session_epoch: number;
  offer: Body<'offer'>;
}

/** Written by one transaction: few enough for its locks to be short. */
const TOGETHER_MAX = 200;

/** What nodes offer. After a storm of reconnections each says it anew, and a transaction carries what many say. */
@Injectable()
export class OffersService {
  private readonly offerings: Gathered<Offering, boolean>;

  constructor(
    private readonly transactions: Transactions,
    private readonly store: OffersStore,
    private readonly rules: RulesStore,
    private readonly kept: KeptOffersStore,
    private readonly prices: KeptPrices,
    private readonly bus: EventBus,
    private readonly presence: PresenceCommands,
  ) {
    const key = ({ node }: Offering) => node.id;
    this.offerings = new Gathered({ most: TOGETHER_MAX, key, serve: (offerings) => this.takeAll(offerings) });
  }

  /** A node without a price of its own asks for what its owner's rules say. @returns false when its session is fenced. */
  take(node: NodeRow, session_epoch: number, offer: Body<'offer'>): Promise<boolean> {
    return this.offerings.ask({ node, session_epoch, offer });
  }

  private async takeAll(offerings: readonly Offering[]): Promise<boolean[]> {
    const { changed, kept } = await this.transactions.run((tx) => this.write(tx, offerings));
    if (kept.length > 0) this.bus.publish(KeptOfferChanged, { markets: kept });
    this.presence.changed(...changed.keys());
    tellOffersChanged(this.bus, changed);
    return offerings.map(({ node }) => changed.has(node.id));
  }

  /** @returns by node whose session is the present one, the markets in which it has or had slots. */
  private async write(
    tx: Transaction,
    offerings: readonly Offering[],
  ): Promise<{ changed: Map<string, SlotClass[]>; kept: KeptMarketName[] }> {
    const noted = await this.store.note(
      tx,
      offerings.map(({ node, session_epoch, offer: { available, reason, speed_fuel_per_ms } }) => ({
        ...{ node_id: node.id, session_epoch, available, reason, speed_fuel_per_ms },
      })),
    );
    const present = offerings.flatMap(({ node, ...said }) => {
      const now = noted.get(node.id);
      return now ? [{ ...said, node: { ...node, ...now } }] : [];
    });
    if (present.length === 0) return { changed: new Map(), kept: [] };
    const rules = await this.rules.rulesOf([...new Set(present.map(({ node }) => node.owner_id))], tx);
    const rulesOf = ({ owner_id }: { owner_id: string }) => rules.get(owner_id) as RulesRow;
    const ids = present.map(({ node }) => node.id);
    const slots = present.flatMap(({ node, offer }) => slotsOf(node, offer, rulesOf(node)));
    const withdrawn = await this.store.replace(tx, ids, slots);
    const kept = await this.kept.replace(
      tx,
      present.map(({ node, session_epoch, offer }) => ({
        ...{ node_id: node.id, kind: node.kind, region: node.region, session_epoch, available: offer.available },
        ...{ parts: keptOf(offer), price: this.prices.by(rulesOf(node)) },
      })),
    );
    const changed = new Map<string, SlotClass[]>(ids.map((id) => [id, []]));
    for (const { node_id, slot_class } of [...slots, ...withdrawn]) changed.get(node_id)?.push(slot_class);
    return { changed, kept };
  }
}

/** A node as it is now. */
type Present = Pick<NodeRow, 'id' | 'owner_id' | 'kind'> & { region: string | null };

function slotsOf(node: Present, offer: Body<'offer'>, rules: RulesRow): OfferedSlots[] {
  const electricity_micro = electricityReserve(node.kind, offer.speed_fuel_per_ms, {
    ...electricityPrice(rules.price_per_kwh_micro, node.region ?? rules.region),
    margin_percent: rules.margin_percent,
  });
  return offer.slots.map(({ slot_class, count, reserve_price_micro }) => ({
    ...{ node_id: node.id, owner_id: node.owner_id, slot_class, slots: count, available: offer.available, electricity_micro },
    asked_price_micro: reserve_price_micro,
  }));
}

/** Slots as they are; of bytes only whole GB are for sale. */
const keptOf = ({ standing, storage }: Body<'offer'>): KeptPart[] => [
  ...standing.map(({ slot_class, count, reserve_price_micro }) => ({
    market: `standing:${slot_class}` as const,
    quantity: count,
    asked_micro: reserve_price_micro,
  })),
  ...storage.map(({ storage_class, bytes, reserve_price_micro }) => ({
    market: `storage:${storage_class}` as const,
    quantity: Number(BigInt(bytes) / GB_BYTES),
    asked_micro: reserve_price_micro,
  })),
];
