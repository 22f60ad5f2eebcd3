import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { tellPeople } from '../platform/bus/tell-people.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { NoticesChanged } from './notices.events.js';
import type { Watch } from './watches.js';
import { LOOK_ROWS, WATCHES, WatchesStore } from './watches.store.js';
import { NoticeWriter } from './writer.service.js';

const KEPT = { days: 90, each: 1_000 };

/** Looks for what people should be told, and writes it down. */
@Injectable()
export class WatchesService implements OnApplicationBootstrap {
  private readonly log = new Logger(WatchesService.name);
  private readonly last_ms = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: WatchesStore,
    private readonly writer: NoticeWriter,
    private readonly bus: EventBus,
  ) {}

  /** What happens from now on is news. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.config.roles.includes('worker')) await this.store.begin();
  }

  /** One watch that fails stops none of the others. @returns how many people have news. */
  async look({ all = false } = {}): Promise<number> {
    const told = new Set<string>();
    for (const watch of WATCHES) {
      if (!all && !this.isDue(watch)) continue;
      try {
        for (const person_id of await this.lookAt(watch)) told.add(person_id);
        this.last_ms.set(watch.name, performance.now());
      } catch (error) {
        this.log.error({ err: error, watch: watch.name }, `the watch ${watch.name} failed; it looks again at its next turn`);
      }
    }
    tellPeople(this.bus, NoticesChanged, told);
    return told.size;
  }

  forget(): Promise<void> {
    return this.store.forget(KEPT);
  }

  private isDue({ name, every_s }: Watch): boolean {
    return performance.now() - (this.last_ms.get(name) ?? Number.NEGATIVE_INFINITY) >= every_s * 1000;
  }

  private lookAt(watch: Watch): Promise<string[]> {
    const terms = { minimum: this.config.payout_minimum_micro, currency: this.config.currency };
    return this.transactions.run(async (tx) => {
      const causes = await this.store.look(tx, watch, await this.store.since(tx, watch), terms);
      const told = await this.writer.write(tx, causes);
      // A full page has more behind it: the mark stays, and what is written is passed over.
      if (causes.length < LOOK_ROWS) await this.store.looked(tx, watch);
      return told;
    });
  }
}
