import { Injectable } from '@nestjs/common';
import type { DeviceRules, ResponseOf, ROUTES } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { DeviceLifeStore } from './device-life.store.js';
import { nodeUnknown, ownRulesOnly } from './nodes.errors.js';
import { NodeChanged, OwnerSpoke } from './nodes.events.js';
import { wordView } from './owner-words.js';
import { OwnerWordsStore } from './owner-words.store.js';
import { readingsView } from './readings.js';

type RulesView = ResponseOf<typeof ROUTES.getNodeRules>;
type YieldsView = ResponseOf<typeof ROUTES.listYields>;

/** What owners say to their devices from afar, and what the devices tell of themselves. */
@Injectable()
export class OwnerWordsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: OwnerWordsStore,
    private readonly life: DeviceLifeStore,
    private readonly bus: EventBus,
  ) {}

  /** @throws HeapError `not_found`, also for another owner's node: as everything here. */
  async get(owner_id: string, node_id: string): Promise<RulesView> {
    const found = await this.store.find(owner_id, node_id);
    if (!found) throw nodeUnknown();
    return wordView(node_id, found.word, found.connected);
  }

  /** For many devices, by one statement. @param for_ms null until it is released; undefined releases. @returns those that are the owner's. */
  async holdAll(owner_id: string, node_ids: readonly string[], for_ms: number | null | undefined): Promise<string[]> {
    const held = await this.transactions.run((tx) => this.store.setHold(tx, owner_id, node_ids, for_ms));
    this.tell(owner_id, held);
    return held;
  }

  /** @throws HeapError `own_rules_only.conflict` where the device takes none from here. */
  async setRules(owner_id: string, node_id: string, rules: DeviceRules): Promise<RulesView> {
    const { own_rules_only } = await this.get(owner_id, node_id);
    if (own_rules_only) throw ownRulesOnly();
    this.tell(owner_id, await this.transactions.run((tx) => this.store.setRules(tx, owner_id, [node_id], rules)));
    return this.get(owner_id, node_id);
  }

  /** @param for_ms null until it is released; undefined releases. */
  async hold(owner_id: string, node_id: string, for_ms: number | null | undefined): Promise<RulesView> {
    if ((await this.holdAll(owner_id, [node_id], for_ms)).length === 0) throw nodeUnknown();
    return this.get(owner_id, node_id);
  }

  getNew(owner_id: string): Promise<DeviceRules | null> {
    return this.store.newDeviceRules(owner_id);
  }

  async setNew(owner_id: string, rules: DeviceRules | null): Promise<void> {
    await this.store.setNewDeviceRules(owner_id, rules);
  }

  async yields(owner_id: string, node_id: string): Promise<YieldsView> {
    await this.get(owner_id, node_id);
    const rows = await this.life.giveBacks(node_id);
    const sorted = rows.map((row) => row.took_ms).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
    return {
      times: sorted.length === 0 ? null : { count: sorted.length, p50_ms: at(0.5), p99_ms: at(0.99) },
      yields: rows.map((row) => ({
        at: row.at.toISOString(),
        reason: { code: row.reason_code, sentence: row.reason_sentence },
        give_back_ms: row.took_ms,
        leases: row.leases,
      })),
    };
  }

  async readings(owner_id: string, node_id: string): Promise<ResponseOf<typeof ROUTES.listReadings>> {
    await this.get(owner_id, node_id);
    return { readings: (await this.life.samples(node_id)).map(({ at, readings }) => readingsView(readings, at)) };
  }

  private tell(owner_id: string, node_ids: readonly string[]): void {
    if (node_ids.length > 0) this.bus.publish(OwnerSpoke, { node_ids });
    for (const node_id of node_ids) this.bus.publish(NodeChanged, { node_id, owner_id });
  }
}
