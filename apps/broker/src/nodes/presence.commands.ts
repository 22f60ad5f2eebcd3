import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { DeviceLifeStore } from './device-life.store.js';
import { PresenceChanged } from './nodes.events.js';
import { PresenceStore } from './presence.store.js';

/** Changes of so long a time are written together. */
const GATHER_MS = 100;
/** While they cannot be written, the time doubles up to this. */
const GATHER_MS_MAX = 5_000;
const BATCH = 1_000;
/** So many pairs of ids fit into a text that goes to the other processes. */
const TOLD_MAX = 70;
const UNTOLD_MS = 15_000;
const FORGET_MS = 3_600_000;

/** Writes what nodes are, in batches: whoever changes something of a node says which, and the batch looks what it is by then. */
@Injectable()
export class PresenceCommands implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(PresenceCommands.name);
  private readonly dirty = new Set<string>();
  private gathering: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private gather_ms = GATHER_MS;
  private forgotten_at_ms = 0;
  private stopped = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PresenceStore,
    private readonly bus: EventBus,
    private readonly life: DeviceLifeStore,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('worker')) this.looking = setInterval(() => void this.findUntold(), UNTOLD_MS);
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearInterval(this.looking);
    clearTimeout(this.gathering);
  }

  /** Something of these nodes changed. */
  changed(...node_ids: readonly string[]): void {
    for (const node_id of node_ids) this.dirty.add(node_id);
    if (this.dirty.size > 0 && !this.stopped) this.gathering ??= setTimeout(() => void this.write(), this.gather_ms);
  }

  private async write(): Promise<void> {
    const batch = [...this.dirty].slice(0, BATCH);
    for (const node_id of batch) this.dirty.delete(node_id);
    try {
      const nodes = await this.transactions.run((tx) => this.store.write(tx, batch));
      for (let from = 0; from < nodes.length; from += TOLD_MAX)
        this.bus.publish(PresenceChanged, { nodes: nodes.slice(from, from + TOLD_MAX) });
      if (this.gather_ms > GATHER_MS) this.log.log('presence is written again');
      this.gather_ms = GATHER_MS;
    } catch (error) {
      for (const node_id of batch) this.dirty.add(node_id);
      if (this.gather_ms === GATHER_MS)
        this.log.warn({ err: error }, 'presence could not be written and is tried again, less and less often');
      this.gather_ms = Math.min(this.gather_ms * 2, GATHER_MS_MAX);
    }
    this.gathering = undefined;
    this.changed();
  }

  /** Who changed something may not have lived to write it. */
  async findUntold(): Promise<void> {
    try {
      this.changed(...(await this.store.untold()));
      if (performance.now() - this.forgotten_at_ms < FORGET_MS) return;
      this.forgotten_at_ms = performance.now();
      await this.store.forget();
      await this.life.forget();
    } catch (error) {
      this.log.warn({ err: error }, 'changes of nodes that nobody told of could not be looked for; trying again');
    }
  }
}
