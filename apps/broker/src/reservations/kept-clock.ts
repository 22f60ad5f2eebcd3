import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { keptEnded, reserving } from '#lifecycle';
import { AuctionsCommands } from '../auctions/auctions.commands.js';
import { PayerBlocked } from '../funding/funding.events.js';
import { KeptOfferChanged, NodeRevoked } from '../nodes/nodes.events.js';
import { LimitsChanged } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { Repetition } from '../platform/repetition.js';
import { BillingService } from './billing.service.js';
import { KeptLeasesService } from './kept-leases.service.js';
import { KeptLeasesStore } from './kept-leases.store.js';
import { ReservationsStore } from './reservations.store.js';

const LOOK_MS = 1_000;
/** Leases that are charged in one transaction. */
const BATCH = 200;

/** Ends, renews and charges in time. Timers and events only wake it: every instant is the database's. */
@Injectable()
export class KeptClock implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(KeptClock.name);
  private readonly looks = new Repetition(
    LOOK_MS,
    () => this.look(),
    (error) => this.log.warn({ err: error }, 'reservations could not be looked after; trying again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: KeptLeasesStore,
    private readonly reservations: ReservationsStore,
    private readonly leases: KeptLeasesService,
    private readonly billing: BillingService,
    private readonly transactions: Transactions,
    private readonly auctions: AuctionsCommands,
    bus: EventBus,
  ) {
    bus.subscribe(KeptOfferChanged, () => this.takeBack());
    bus.subscribe(LimitsChanged, () => this.endUncovered());
    bus.subscribe(NodeRevoked, () => this.endLost());
    bus.subscribe(PayerBlocked, async ({ person_id }) => {
      for (const id of await this.reservations.liveOf(person_id)) await this.leases.finish(id, 'STOPPED', reserving('developer_frozen'));
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  async look(): Promise<void> {
    await this.takeBack();
    await this.endLost();
    await this.endUncovered();
    await this.leases.end(await this.store.noticeOver());
    for (const { id, deadline_passed, hours } of await this.reservations.overdue())
      await (deadline_passed
        ? this.leases.finish(id, 'STOPPED', reserving('deadline_passed'))
        : this.leases.finish(id, 'DONE', reserving('hours_over', { hours: hours ?? 0 })));
    await this.charge(this.config.kept_charge_seconds);
    for (const market of await this.store.due()) this.auctions.changed(market);
  }

  /** An owner may have a device back at any moment. */
  private async takeBack(): Promise<void> {
    const yielded = await this.store.yielded();
    await this.leases.end(yielded.map((lease_id) => ({ lease_id, reason: keptEnded('owner_yield') })));
  }

  private async endLost(): Promise<void> {
    const { lost, revoked } = await this.store.lost(this.config.max_disconnect_ms);
    await this.leases.end(lost.map((lease_id) => ({ lease_id, reason: keptEnded('node_lost') })));
    await this.leases.end(revoked.map((lease_id) => ({ lease_id, reason: keptEnded('node_revoked') })));
  }

  /** No lease runs into a cap: what its developer's day does not pay for ends while all it kept is paid. */
  private async endUncovered(): Promise<void> {
    const uncovered = await this.billing.uncovered();
    await this.leases.end(uncovered.map((lease_id) => ({ lease_id, reason: keptEnded('day_cap') })));
  }

  /** Charges what has not been for so long, in batches. */
  async charge(seconds: number): Promise<void> {
    for (;;) {
      const due = await this.billing.due(seconds, BATCH);
      if (due.length === 0) return;
      await this.transactions.run(async (tx) => this.billing.charge(tx, await this.store.lockOpen(tx, due)));
      if (due.length < BATCH || seconds === 0) return;
    }
  }
}
