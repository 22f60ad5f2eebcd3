import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { BansStore } from './bans.store.js';
import { NodeRevoked } from './nodes.events.js';
import { PresenceCommands } from './presence.commands.js';

@Injectable()
export class BansCommands {
  constructor(
    private readonly store: BansStore,
    private readonly presence: PresenceCommands,
    private readonly bus: EventBus,
  ) {}

  /** Takes nodes out; their connections close and their leases end when `announce` is called, after the commit. */
  ban(tx: Transaction, node_ids: readonly string[], reason: { code: string; sentence: string }): Promise<void> {
    return this.store.ban(tx, node_ids, reason);
  }

  /** They are in again as soon as they connect. */
  unban(tx: Transaction, node_ids: readonly string[]): Promise<void> {
    return this.store.unban(tx, node_ids);
  }

  announce(node_ids: readonly string[]): void {
    for (const node_id of node_ids) {
      this.presence.changed(node_id);
      this.bus.publish(NodeRevoked, { node_id });
    }
  }
}
