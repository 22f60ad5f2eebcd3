import { Injectable } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import { checking } from '#verification';
import { LeasesCommands } from '../leases/leases.commands.js';
import { OrdersCommands } from '../orders/orders.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { type Asked, CommitmentsStore } from './commitments.store.js';
import { StandingStore } from './standing.store.js';
import { RevealWanted } from './verification.events.js';

/** A node that is there is asked again after so long, so often, and then withholds: its lease ends. */
const ASK_AGAIN_MS = 5_000;
const ASKS_MAX = 12;

/** Asks nodes for results that they committed to, when nothing can be learned from them any more that another could use. */
@Injectable()
export class Reveals {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: CommitmentsStore,
    private readonly standings: StandingStore,
    private readonly leases: LeasesCommands,
    private readonly orders: OrdersCommands,
    private readonly bus: EventBus,
  ) {}

  /** Of these tasks what may be revealed now; the nodes are told after the commit. */
  async ask(tx: Transaction, tasks: readonly { job_id: string; index: number }[] | 'all'): Promise<void> {
    const asked = await this.store.ask(tx, tasks);
    tx.afterCommit(() => this.tell(asked));
  }

  /** What no event has moved on: replicas of what is gone, results that no node will run again, nodes that do not answer. */
  async sweep(): Promise<void> {
    const { withheld, ended } = await this.transactions.run(async (tx) => {
      const over = await this.dropOrphans(tx);
      const dropped = await this.store.drop(tx);
      await this.ask(tx, 'all');
      const late = await this.store.askAgain(tx, ASK_AGAIN_MS, ASKS_MAX);
      tx.afterCommit(() => this.tell([...dropped, ...late.asked]));
      return { withheld: late.withheld, ended: over.length > 0 ? await this.orders.finish(tx, over) : [] };
    });
    this.orders.announceEnded(ended);
    await this.leases.end(withheld, leaseEnded('withheld'));
  }

  /** @returns jobs that may be over. */
  private async dropOrphans(tx: Transaction): Promise<string[]> {
    const { code, sentence } = checking('first_is_gone');
    const orphans = await this.store.dropOrphans(tx, code, sentence);
    const standings = await this.standings.lock(tx, [...new Set(orphans.map(({ node_id }) => node_id))]);
    for (const { node_id } of orphans) {
      const standing = standings.get(node_id);
      if (standing) standing.pending = Math.max(0, standing.pending - 1);
    }
    await this.standings.save(tx, [...standings.values()]);
    return [...new Set(orphans.filter(({ waited }) => waited).map(({ job_id }) => job_id))];
  }

  /** Several at a time for each lease. */
  tell(asked: readonly Asked[]): void {
    const leases = new Map<string, typeof RevealWanted.payload>();
    for (const { node_id, lease_id, lease_epoch, index, epoch } of asked) {
      const wanted = leases.get(lease_id) ?? { node_id, lease_id, lease_epoch, tasks: [] };
      leases.set(lease_id, wanted);
      wanted.tasks.push([index, epoch]);
    }
    for (const wanted of leases.values())
      for (let i = 0; i < wanted.tasks.length; i += TOGETHER)
        this.bus.publish(RevealWanted, { ...wanted, tasks: wanted.tasks.slice(i, i + TOGETHER) });
  }
}

/** An event between processes is small. */
const TOGETHER = 128;
