import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { AuctionsCommands } from '../auctions/auctions.commands.js';
import { RoundCleared } from '../auctions/auctions.events.js';
import { NodeRevoked } from '../nodes/nodes.events.js';
import { JobEnded } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { newId } from '../platform/ids.js';
import { taskCostMax } from '../platform/task-price.js';
import { LeasesCommands } from './leases.commands.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver } from './leases.events.js';
import { LeasesStore, type NewLease } from './leases.store.js';

const SWEEP_MS = 1_000;

/** Turns awards into leases and ends leases in time. Timers only wake it: every instant is the database's. */
@Injectable()
export class LeasesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(LeasesService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: LeasesStore,
    private readonly commands: LeasesCommands,
    private readonly bus: EventBus,
    auctions: AuctionsCommands,
  ) {
    bus.subscribe(LeaseEnded, ({ slot_class }) => auctions.slotsFreed(slot_class));
    bus.subscribe(RoundCleared, (round) => this.grant(round));
    bus.subscribe(JobEnded, ({ job_id, reason }) => this.commands.endAllOf({ job_id }, leaseEnded(reason.code)));
    bus.subscribe(NodeRevoked, ({ node_id }) => this.commands.endAllOf({ node_id }, leaseEnded('node_revoked')));
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.schedule();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.sweep()
        .catch((error: unknown) => this.log.warn({ err: error }, 'the sweep of leases failed and is tried again'))
        .finally(() => this.timer && this.schedule());
    }, SWEEP_MS);
  }

  async sweep(): Promise<void> {
    const { lost, orphaned, capped, drained } = await this.store.overdue(this.config.max_disconnect_ms);
    await this.commands.end(lost, leaseEnded('node_lost'));
    await this.commands.end(orphaned, leaseEnded('job_done'));
    await this.commands.end(capped, leaseEnded('day_cap'));
    await this.commands.end(drained, leaseEnded('term_over'));
    for (const { id, node_id, state } of await this.store.renewOrDrain(this.config.lease_term_ms))
      this.bus.publish(LeaseTermOver, { lease_id: id, node_id, state });
  }

  private async grant({ tx, round_id, slot_class, awards, after_commit }: typeof RoundCleared.payload): Promise<void> {
    const used = await this.store.usedSlots(tx, slot_class, [...new Set(awards.map((award) => award.node_id))]);
    const leases: NewLease[] = awards.flatMap((award) =>
      freeSlots(used, award.node_id, award.slots).map((slot_no) => ({
        id: newId(),
        slot_class,
        slot_no,
        node_id: award.node_id,
        owner_id: award.owner_id,
        job_id: award.job_id,
        round_id,
        price_micro: award.price_micro,
        task_max_micro: taskCostMax(award.fuel_limit, award.price_micro),
      })),
    );
    const granted = new Set(await this.store.insert(tx, leases, this.config.lease_term_ms));
    after_commit.push(() => {
      for (const { id, node_id, job_id } of leases) if (granted.has(id)) this.bus.publish(LeaseGranted, { lease_id: id, node_id, job_id });
    });
  }
}

/** The lowest free slot numbers of a node; marks them used. */
function freeSlots(used: Map<string, Set<number>>, node_id: string, count: number): number[] {
  const taken = used.get(node_id) ?? new Set<number>();
  used.set(node_id, taken);
  const slots: number[] = [];
  for (let slot = 0; slots.length < count; slot++) if (!taken.has(slot)) slots.push(slot);
  for (const slot of slots) taken.add(slot);
  return slots;
}
