import { Injectable } from '@nestjs/common';
import type { Body } from '#protocol';
import { GB_BYTES, KEPT_MARKETS } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { electricityReserve } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';
import { KeptOffersStore, type KeptPart } from './kept-offers.store.js';
import { KeptPrices } from './kept-prices.js';
import { KeptOfferChanged, NodeMoved, OfferChanged } from './nodes.events.js';
import { type Heard, type NodeRow, NodesStore } from './nodes.store.js';
import { PresenceCommands } from './presence.commands.js';
import { RulesStore } from './rules.store.js';

/** What later stations tell about a node. */
@Injectable()
export class NodesCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: NodesStore,
    private readonly rules: RulesStore,
    private readonly kept: KeptOffersStore,
    private readonly prices: KeptPrices,
    private readonly bus: EventBus,
    private readonly presence: PresenceCommands,
  ) {}

  /**
   * @param gateway_id that holds the session; one that held an earlier one hears of it.
   * @param resumes its offers stand.
   * @returns the new session's epoch, or null for a revoked node.
   */
  async openSession(node_id: string, agent_version: string, gateway_id: string, resumes: boolean): Promise<number | null> {
    const opened = await this.store.openSession(node_id, agent_version, resumes, gateway_id);
    this.presence.changed(node_id);
    if (opened?.moved) this.bus.publish(NodeMoved, { node_id, session_epoch: opened.session_epoch });
    return opened?.session_epoch ?? null;
  }

  async closeSession(node_id: string, session_epoch: number, reason: { code: string; sentence: string }): Promise<void> {
    const slot_classes = await this.store.closeSession(node_id, session_epoch, reason);
    this.presence.changed(node_id);
    if (slot_classes) this.bus.publish(OfferChanged, { slot_classes, node_ids: [node_id] });
    if (slot_classes) this.bus.publish(KeptOfferChanged, { markets: KEPT_MARKETS });
  }

  seen(nodes: readonly Heard[]): Promise<void> {
    return this.store.touch(nodes);
  }

  /** A node without a price of its own asks for what its owner's rules say. @returns false when its session is fenced. */
  async offer(node: NodeRow, session_epoch: number, offer: Body<'offer'>): Promise<boolean> {
    const { changed, kept } = await this.transactions.run(async (tx) => {
      const { price_per_kwh_micro, region, margin_percent } = await this.rules.rules(node.owner_id, tx);
      const changed = await this.store.replaceOffers(
        tx,
        { node_id: node.id, session_epoch, available: offer.available, reason: offer.reason, speed_fuel_per_ms: offer.speed_fuel_per_ms },
        offer.slots,
        (kind, own_region) =>
          electricityReserve(kind, offer.speed_fuel_per_ms, {
            ...electricityPrice(price_per_kwh_micro, own_region ?? region),
            margin_percent,
          }),
      );
      if (changed === null) return { changed, kept: [] };
      const price = await this.prices.of(node.owner_id, tx);
      const kept = await this.kept.replace(tx, node, session_epoch, offer.available, keptOf(offer), price);
      return { changed, kept };
    });
    if (kept.length > 0) this.bus.publish(KeptOfferChanged, { markets: kept });
    this.presence.changed(node.id);
    if (changed && changed.length > 0) this.bus.publish(OfferChanged, { slot_classes: changed, node_ids: [node.id] });
    return changed !== null;
  }
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
