import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Repetition } from '../platform/repetition.js';
import { OfferChanged } from './nodes.events.js';
import { RulesStore } from './rules.store.js';

const TICK_MS = 1_000;
const NAMED_MAX = 100;

/** Makes prices by the hour come and go within a second of the database's clock. */
@Injectable()
export class PriceClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(PriceClock.name);
  private readonly ticks = new Repetition(
    TICK_MS,
    () => this.tick(),
    (error) => this.log.warn({ err: error }, 'prices by the hour could not be brought up to date; trying again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: RulesStore,
    private readonly bus: EventBus,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.ticks.start();
  }

  onModuleDestroy(): void {
    this.ticks.stop();
  }

  async tick(): Promise<void> {
    const changed = await this.store.reprice(null);
    const slot_classes = [...new Set(changed.map((offer) => offer.slot_class))];
    const node_ids = [...new Set(changed.map((offer) => offer.node_id))];
    // An event between processes has room for so many names; above it the whole market is news.
    if (slot_classes.length > 0) this.bus.publish(OfferChanged, { slot_classes, ...(node_ids.length <= NAMED_MAX && { node_ids }) });
  }
}
