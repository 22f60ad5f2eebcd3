import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOSE_AFTER_MS, closingChecks, closingReason, LEVEL_RULES, LEVELS } from '#verification';
import { BansCommands } from '../nodes/bans.commands.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Repetition } from '../platform/repetition.js';
import { AppealsService } from './appeals.service.js';
import { CheckPay } from './check-pay.service.js';
import { ChecksStore, type NewCheck } from './checks.store.js';
import { Draws } from './draws.js';
import { noConsequences, ProofsService } from './proofs.service.js';
import { type OpenResult, ProofsStore } from './proofs.store.js';
import { ReferenceStore } from './reference.store.js';
import { budgetLeft } from './reference-budget.js';
import { Reveals } from './reveals.service.js';
import { StandingStore } from './standing.store.js';
import { ReferenceWanted } from './verification.events.js';

const SWEEP_MS = 500;
/** A check that no node on its job may run is the reference runner's after this: nodes come. */
const NODE_PATIENCE_MS = 2_000;
/** … and any after this, whatever a node that may run it is busy with. */
const BUSY_PATIENCE_MS = 10 * 60_000;
/** Who waits for the reference runner; beyond it checks go on waiting for nodes, and their results stay provisional. */
const QUEUE_MAX = 2_000;
const NODES_AT_ONCE = 50;

const CHECKED_LEVELS = LEVELS.filter((level) => LEVEL_RULES[level].by === 'nodes');
const WINDOWS = new Map(CHECKED_LEVELS.map((level) => [level, LEVEL_RULES[level].window_results] as const));

/** What time does to checks: those that no node takes go to the heap itself, and what a quiet node has open is closed. */
@Injectable()
export class ChecksService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(ChecksService.name);
  private readonly sweeps = new Repetition(
    SWEEP_MS,
    () => this.sweep(),
    (error) => this.log.warn({ err: error }, 'checks could not be moved on; the next sweep comes'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly checks: ChecksStore,
    private readonly standings: StandingStore,
    private readonly reference: ReferenceStore,
    private readonly evidence: ProofsStore,
    private readonly proofs: ProofsService,
    private readonly bans: BansCommands,
    private readonly pay: CheckPay,
    private readonly appeals: AppealsService,
    private readonly orders: OrdersCommands,
    private readonly reveals: Reveals,
    private readonly draws: Draws,
    private readonly bus: EventBus,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('worker')) this.sweeps.start();
  }

  onModuleDestroy(): void {
    this.sweeps.stop();
  }

  async sweep(): Promise<void> {
    await this.handOver();
    await this.reveals.sweep();
    await this.close();
    await this.appeals.lapse();
    await this.banFollowers();
    await this.transactions.run((tx) => this.proofs.voidLate(tx));
    await this.transactions.run((tx) => this.pay.releaseDue(tx));
  }

  private async banFollowers(): Promise<void> {
    const { banned } = await this.transactions.run(async (tx) => {
      const told = noConsequences();
      await this.proofs.banFollowers(tx, told);
      return told;
    });
    this.bans.announce([...banned]);
  }

  private async handOver(): Promise<void> {
    const { fuel, waiting } = await this.reference.today();
    // What it may not run today stays with the nodes: one of them may come.
    const room = budgetLeft(this.config, fuel) ? QUEUE_MAX - waiting : 0;
    if (room <= 0) return;
    const { handed_over, ended } = await this.transactions.run(async (tx) => {
      const { handed_over, job_ids } = await this.checks.handOver(tx, NODE_PATIENCE_MS, BUSY_PATIENCE_MS, room);
      return { handed_over, ended: job_ids.length > 0 ? await this.orders.finish(tx, job_ids) : [] };
    });
    this.orders.announceEnded(ended);
    if (handed_over > 0) this.bus.publish(ReferenceWanted, {});
  }

  /** A node that reports no more does not keep its results provisional for ever, nor unchecked. */
  private async close(): Promise<void> {
    const after_ms = Math.min(CLOSE_AFTER_MS, this.config.holdback_seconds * 1000);
    const window = Math.max(...WINDOWS.values());
    let ordered = 0;
    for (const node_id of await this.standings.quiet(after_ms, window, NODES_AT_ONCE))
      ordered += await this.transactions.run(async (tx) => {
        const standing = (await this.standings.lock(tx, [node_id])).get(node_id);
        if (!standing || standing.closing !== null) return 0;
        const checks = this.drawClosing(await this.evidence.open(tx, node_id, WINDOWS)).map((check) => ({ ...check, node_id }));
        await this.checks.insert(tx, checks);
        standing.pending += checks.length;
        standing.closing = standing.results;
        await this.standings.save(tx, [standing]);
        return checks.length;
      });
    if (ordered > 0) this.bus.publish(ReferenceWanted, {});
    for (const node_id of await this.standings.closable(NODES_AT_ONCE))
      await this.transactions.run(async (tx) => {
        const standing = (await this.standings.lock(tx, [node_id])).get(node_id);
        if (!standing || standing.closing === null) return;
        standing.closed = standing.closing;
        standing.closing = null;
        await this.standings.save(tx, [standing]);
      });
  }

  private drawClosing(open: readonly OpenResult[]): Omit<NewCheck, 'node_id'>[] {
    return CHECKED_LEVELS.flatMap((level) => {
      const of_level = open.filter((result) => result.level === level);
      const unconfirmed = of_level.filter(({ confirmed_by }) => confirmed_by !== 'reference');
      const count = closingChecks(LEVEL_RULES[level], unconfirmed.length);
      const drawn = unconfirmed.map((result) => ({ result, draw: this.draws.next() })).sort((a, b) => a.draw - b.draw);
      const reason = closingReason(count, of_level.length);
      return drawn.slice(0, count).map(({ result: { job_id, index, of_epoch } }) => ({
        ...{ id: newId(), job_id, index, of_epoch, kind: 'closing' as const },
        ...{ by_reference: true, awaited: false, checker_confirmed: 0, reason },
      }));
    });
  }
}
