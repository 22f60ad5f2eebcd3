import { Injectable } from '@nestjs/common';
import { jobEnded } from '#lifecycle';
import type { Micro } from '#units';
import { MoneyService } from '../money/money.service.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { JobEnded } from './orders.events.js';
import { OrdersStore, type WaitingReason } from './orders.store.js';
import { VerifiersStore } from './verifiers.store.js';

export interface EndedJob {
  job_id: string;
  developer_id: string;
}

/** What later stations do to a job. */
@Injectable()
export class OrdersCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: OrdersStore,
    private readonly verifiers: VerifiersStore,
    private readonly money: MoneyService,
    private readonly bus: EventBus,
  ) {}

  /** Ends those of the jobs that have nothing left to do and gives their rest back. @returns the ended ones: announce them after commit. */
  async finish(tx: Transaction, job_ids: readonly string[]): Promise<EndedJob[]> {
    const finished = await this.store.finishJobs(tx, job_ids);
    for (const job of finished) {
      const reason = job.failed
        ? jobEnded('some_tasks_failed', { failed: job.failed, tasks: job.total })
        : jobEnded('all_tasks_done', { tasks: job.total });
      await this.store.setReason(tx, job.id, reason);
      await this.money.resolveHold(tx, job.id);
    }
    await this.closeVerifiers(
      tx,
      finished.map(({ id }) => id),
    );
    return finished.map(({ id, person_id }) => ({ job_id: id, developer_id: person_id }));
  }

  announceEnded(jobs: readonly EndedJob[]): void {
    for (const job of jobs) this.bus.publish(JobEnded, { ...job, reason: { code: 'job_done' } });
  }

  /** What the market says of orders that wait; a job that runs has better news of its own. */
  explainWaiting(reasons: readonly WaitingReason[]): Promise<void> {
    return this.store.setWaitingReasons(reasons);
  }

  /** Stops a job whose budget cannot pay for one more task, once nothing of it runs any more. */
  async stopIfBudgetExhausted(job_id: string, task_max_micro: Micro, budget_micro: Micro): Promise<boolean> {
    if (!(await this.store.isStuckOnBudget(job_id, task_max_micro))) return false;
    return this.endEarly(job_id, 'STOPPED', jobEnded('budget_exhausted', { budget_micro }), 'job_stopped');
  }

  async endEarly(
    job_id: string,
    state: 'CANCELLED' | 'STOPPED',
    reason: { code: string; sentence: string },
    lease_reason: 'job_cancelled' | 'job_stopped',
  ): Promise<boolean> {
    const ended = await this.transactions.run(async (tx) => {
      const changed = await this.store.endEarly(tx, job_id, state, reason);
      if (changed) await this.money.resolveHold(tx, job_id);
      if (changed) await this.closeVerifiers(tx, [job_id]);
      return changed;
    });
    if (ended) this.bus.publish(JobEnded, { job_id, developer_id: ended.person_id, reason: { code: lease_reason } });
    return ended !== null;
  }

  /** What is left of their money goes back with that of their jobs. */
  private async closeVerifiers(tx: Transaction, job_ids: readonly string[]): Promise<void> {
    if (job_ids.length === 0) return;
    for (const verifier_id of await this.verifiers.close(tx, job_ids)) await this.money.resolveHold(tx, verifier_id);
  }
}
