import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { HeapError } from '#units';
import { AuctionsCommands } from '../auctions/auctions.commands.js';
import { RoundCleared } from '../auctions/auctions.events.js';
import { NodeRevoked } from '../nodes/nodes.events.js';
import { JobEnded } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { newId } from '../platform/ids.js';
import { Repetition } from '../platform/repetition.js';
import { taskCostMax } from '../platform/task-price.js';
import { LeasesCommands } from './leases.commands.js';
import { LeaseEnded, LeaseGranted, LeaseTermOver } from './leases.events.js';
import { LeasesStore, type NewLease } from './leases.store.js';
import { RenewalsStore } from './renewals.store.js';

const SWEEP_MS = 1_000;

/** Turns awards into leases and ends leases in time. Timers only wake it: every instant is the database's. */
@Injectable()
export class LeasesService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(LeasesService.name);
  private readonly sweeps = new Repetition(
    SWEEP_MS,
    () => this.sweep(),
    (error) => this.log.warn({ err: error }, 'the sweep of leases failed and is tried again'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: LeasesStore,
    private readonly renewals: RenewalsStore,
    private readonly commands: LeasesCommands,
    private readonly bus: EventBus,
    private readonly auctions: AuctionsCommands,
  ) {
    bus.subscribe(LeaseEnded, ({ slot_class, node_id }) => auctions.slotsFreed(slot_class, [node_id]));
    bus.subscribe(LeaseGranted, ({ node_id }) => auctions.slotsTaken(node_id));
    bus.subscribe(LeaseTermOver, ({ node_id }) => auctions.slotsTaken(node_id));
    bus.subscribe(RoundCleared, (round) => this.cleared(round));
    bus.subscribe(JobEnded, ({ job_id, reason }) => this.commands.endAllOf({ job_id }, leaseEnded(reason.code)));
    bus.subscribe(NodeRevoked, ({ node_id }) => this.commands.endAllOf({ node_id }, leaseEnded('node_revoked')));
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('market')) this.sweeps.start();
  }

  onModuleDestroy(): void {
    this.sweeps.stop();
  }

  async sweep(): Promise<void> {
    const { lost, capped, ...of_ended_jobs } = await this.store.overdue(this.config.max_disconnect_ms);
    await this.commands.end(lost, leaseEnded('node_lost'));
    for (const code of ['job_done', 'job_cancelled', 'job_stopped'] as const)
      await this.commands.end(of_ended_jobs[code], leaseEnded(code));
    await this.commands.end(capped, leaseEnded('day_cap'));
    for (const lease of await this.renewals.noticeOver()) this.bus.publish(LeaseTermOver, lease);
    await this.commands.endLeft();
    for (const slot_class of await this.renewals.due()) this.auctions.slotsFreed(slot_class);
  }

  private async cleared(round: typeof RoundCleared.payload): Promise<void> {
    const { tx, round_id, renewed, leaving, awards, after_commit } = round;
    const terms = [...(await this.renewals.renew(tx, renewed)), ...(await this.renewals.leave(tx, leaving, round_id))];
    after_commit.push(() => {
      for (const lease of terms) this.bus.publish(LeaseTermOver, lease);
    });
    if (leaving.length > 0) after_commit.push(() => this.letGo(leaving.map((lease) => lease.lease_id)));
    if (round_id !== null && awards.length > 0) await this.grant(round, round_id);
  }

  /** Those with nothing more to do need not wait for the sweep. */
  private letGo(lease_ids: readonly string[]): void {
    this.commands
      .endLeft(lease_ids)
      .catch((error: unknown) => this.log.warn({ err: error }, 'leases that lost their slots could not be ended; the sweep tries again'));
  }

  private async grant({ tx, slot_class, awards, after_commit }: typeof RoundCleared.payload, round_id: string): Promise<void> {
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
    const { granted: ids, refused } = await this.store.insert(tx, leases, this.config.lease_term_ms);
    if (refused.length > 0) throw slotsGone(refused.length);
    const granted = new Set(ids);
    after_commit.push(() => {
      for (const { id, node_id, owner_id, job_id } of leases)
        if (granted.has(id)) this.bus.publish(LeaseGranted, { lease_id: id, node_id, owner_id, job_id });
    });
  }
}

/** The book was wrong about the device: the round must not have happened. */
const slotsGone = (slots: number) =>
  new HeapError('slots_gone', `${slots} of the slots that a round sold are not there any more: the round changed nothing.`, 'platform');

/** The lowest free slot numbers of a node; marks them used. */
function freeSlots(used: Map<string, Set<number>>, node_id: string, count: number): number[] {
  const taken = used.get(node_id) ?? new Set<number>();
  used.set(node_id, taken);
  const slots: number[] = [];
  for (let slot = 0; slots.length < count; slot++) if (!taken.has(slot)) slots.push(slot);
  for (const slot of slots) taken.add(slot);
  return slots;
}
