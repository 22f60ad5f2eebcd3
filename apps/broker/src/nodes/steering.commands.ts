import { Injectable } from '@nestjs/common';
import { KEPT_MARKETS, SLOT_CLASSES } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { healthOf } from './health.js';
import { HealthStore } from './health.store.js';
import { KeptOfferChanged, NodeRevoked } from './nodes.events.js';
import { tellOffersChanged } from './offers-changed.js';
import { PresenceCommands } from './presence.commands.js';
import { OWNER_SUSPENDED, SteeringStore } from './steering.store.js';

/** What admins do to nodes, inside the transaction that logs it; `announce` and `announceRevoked` come after the commit. */
@Injectable()
export class SteeringCommands {
  constructor(
    private readonly store: SteeringStore,
    private readonly health: HealthStore,
    private readonly presence: PresenceCommands,
    private readonly bus: EventBus,
  ) {}

  /** It stays connected, finishes what it has and gets nothing new. @returns false when that is so already, or it is out. */
  async drain(tx: Transaction, node_id: string, sentence: string): Promise<boolean> {
    return (
      (await this.store.drain(tx, { node_id }, { code: 'drained', sentence: `The heap gives it no more work: ${sentence}` })).length === 1
    );
  }

  /** It may get work again. @returns false when nothing kept it from work. */
  async fill(tx: Transaction, node_id: string): Promise<boolean> {
    return (await this.store.fill(tx, { node_id }, null)).length === 1;
  }

  /** All nodes of an owner get no more work, and none joins. @returns which. */
  async drainOwner(tx: Transaction, owner_id: string): Promise<string[]> {
    await this.store.voidCodes(tx, owner_id);
    return this.store.drain(
      tx,
      { owner_id },
      { code: OWNER_SUSPENDED, sentence: 'Its owner’s account is suspended: it gets no more work.' },
    );
  }

  /** Those that got no work for that reason only. */
  fillOwner(tx: Transaction, owner_id: string): Promise<string[]> {
    return this.store.fill(tx, { owner_id }, OWNER_SUSPENDED);
  }

  /** @returns false when it is out already. */
  revoke(tx: Transaction, node_id: string, sentence: string): Promise<boolean> {
    return this.store.revoke(tx, node_id, `The heap took it out: ${sentence}`);
  }

  announce(node_ids: readonly string[]): void {
    this.presence.changed(...node_ids);
    tellOffersChanged(this.bus, new Map(node_ids.map((id) => [id, SLOT_CLASSES])));
    if (node_ids.length > 0) this.bus.publish(KeptOfferChanged, { markets: KEPT_MARKETS });
  }

  announceRevoked(node_id: string): void {
    this.presence.changed(node_id);
    this.bus.publish(NodeRevoked, { node_id });
  }

  /** Adds up the health of all nodes, for lists that are sorted by it. */
  async scoreAll(): Promise<void> {
    const facts = await this.health.facts(null);
    await this.health.keep(new Map([...facts].map(([id, known]) => [id, healthOf(known).score])));
  }
}
