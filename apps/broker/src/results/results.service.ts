import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HeapError } from '#units';
import { type ReportOutcome, WorkReported, WorkSuperseded } from '../dispatch/dispatch.events.js';
import { MoneyService } from '../money/money.service.js';
import { type EndedJob, OrdersCommands } from '../orders/orders.commands.js';
import { WorkQueued } from '../orders/orders.events.js';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { nothingOrdered, type Ordered, VerificationCommands } from '../verification/verification.commands.js';
import { CheckedStore } from './checked.store.js';
import { ResultChecks } from './checks.service.js';
import { Commits } from './commits.service.js';
import { fuelBilled, type SettledTask, settle } from './group-commit.js';
import { judge } from './judge.js';
import { attemptOf, type Judged, keyOf, placeOf, type Report } from './judged.js';
import { TasksSettled } from './results.events.js';
import { type LockedLease, ResultsStore, type SettledState, type TaskKey } from './results.store.js';
import { type Superseded, TwinsStore } from './twins.store.js';

const GROUP_MAX = 500;
const RETRY_MS_MAX = 2_000;

interface Verdicts {
  outcomes: Map<Report, ReportOutcome>;
  settled: Map<string, { settled_seq: number; developer_id: string }>;
  ended_jobs: EndedJob[];
  requeued_jobs: Map<string, LockedLease>;
  superseded: Superseded[];
  ordered: Ordered;
}

/**
 * Decides on reported results, many at a time: one transaction accepts them, charges them and captures the money, and
 * only then are the nodes told. While one group commits the next gathers.
 */
@Injectable()
export class ResultsService implements BeforeApplicationShutdown {
  private readonly log = new Logger(ResultsService.name);
  private waiting: Report[] = [];
  private committing = false;
  private stopping = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly store: ResultsStore,
    private readonly twins: TwinsStore,
    private readonly money: MoneyService,
    private readonly orders: OrdersCommands,
    private readonly blobs: BlobStore,
    private readonly checks: ResultChecks,
    private readonly commits: Commits,
    private readonly evidence: CheckedStore,
    private readonly verification: VerificationCommands,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(WorkReported, (report) => {
      this.waiting.push(report);
      if (this.committing) return;
      this.committing = true;
      // What arrives in this turn of the event loop goes together; under load the commit itself is the wait.
      setImmediate(() => void this.commitAll());
    });
  }

  /** After the gateway has drained: until then nodes bring what they have finished. */
  beforeApplicationShutdown(): void {
    // What is not decided is not acknowledged: the nodes keep it and bring it again.
    this.stopping = true;
  }

  private async commitAll(): Promise<void> {
    let wait_ms = 50;
    while (this.waiting.length > 0 && !this.stopping) {
      const group = this.takeGroup();
      const undecided = await this.decideAll(group);
      if (undecided.length === 0) wait_ms = 50;
      else {
        // Behind what came meanwhile: one report that cannot be decided must not keep the others waiting.
        this.waiting.push(...undecided);
        await new Promise((resolve) => setTimeout(resolve, wait_ms));
        wait_ms = Math.min(RETRY_MS_MAX, wait_ms * 2);
      }
    }
    this.committing = false;
  }

  /** Together, and one by one when that fails for a reason that lies in one of them. @returns what is still undecided. */
  private async decideAll(group: readonly Report[]): Promise<readonly Report[]> {
    try {
      this.tell(group, await this.decide(group));
      return [];
    } catch (error) {
      this.log.warn({ err: error, reports: group.length }, 'a group of results could not be committed and is tried again');
      if (group.length === 1 || (error instanceof HeapError && error.code === 'unavailable')) return group;
    }
    const undecided: Report[] = [];
    for (const report of group) undecided.push(...(await this.decideAll([report])));
    return undecided;
  }

  private takeGroup(): Report[] {
    let tasks = 0;
    let reports = 0;
    for (const report of this.waiting) {
      tasks += report.results.length;
      if (reports > 0 && tasks > GROUP_MAX) break;
      reports += 1;
    }
    return this.waiting.splice(0, reports);
  }

  private tell(group: readonly Report[], verdicts: Verdicts): void {
    const { outcomes, settled, ended_jobs, requeued_jobs, superseded } = verdicts;
    for (const report of group) {
      const outcome = outcomes.get(report);
      if (outcome) report.reply(outcome);
    }
    for (const { node_id, lease_id, lease_epoch, index, epoch } of superseded)
      this.bus.publish(WorkSuperseded, { node_id, lease_id, lease_epoch, tasks: [[index, epoch]] });
    for (const [job_id, { settled_seq, developer_id }] of settled) this.bus.publish(TasksSettled, { job_id, developer_id, settled_seq });
    for (const [job_id, lease] of requeued_jobs)
      this.bus.publish(WorkQueued, { job_id, developer_id: lease.developer_id, slot_class: lease.slot_class });
    this.verification.announce(verdicts.ordered);
    this.orders.announceEnded(ended_jobs);
  }

  private async decide(group: readonly Report[]): Promise<Verdicts> {
    const blobs = await this.presentBlobs(group);
    return this.transactions.run((tx) => this.decideIn(tx, group, blobs));
  }

  private async presentBlobs(group: readonly Report[]): Promise<ReadonlySet<string>> {
    const named = new Set(group.flatMap((report) => report.results.flatMap((r) => ('hash' in r.output ? [r.output.hash] : []))));
    const checked = await Promise.all([...named].map(async (hash) => ((await this.blobs.has(hash)) ? [hash] : [])));
    return new Set(checked.flat());
  }

  private async decideIn(tx: Transaction, group: readonly Report[], blobs: ReadonlySet<string>): Promise<Verdicts> {
    const leases = await this.store.lockLeases(tx, [...new Set(group.map((report) => report.lease_id))]);
    const judged = group.flatMap((report) => {
      const lease = leases.get(report.lease_id);
      const own = lease?.node_id === report.node_id && lease.epoch === report.lease_epoch ? lease : undefined;
      return report.results.map((result) => ({
        report,
        result,
        lease: own,
        judgement: own && judge(result, own, (hash) => blobs.has(hash)),
      }));
    });
    const { judged: first, broken } = await this.commits.open(tx, firstOfEach(judged));
    const { changed, superseded } = await this.changeTasks(tx, first);
    const ordered = nothingOrdered();
    const checked = await this.checks.take(
      tx,
      first.filter((item) => !changed.has(keyOf(item))),
      ordered,
    );
    const settled = [...first.flatMap((item) => asSettled(item, changed)), ...checked.replicas];
    for (const item of checked.taken) changed.set(keyOf(item), 'LEASED');
    await this.checks.order(tx, settled, ordered);
    await this.commits.punish(
      tx,
      first.filter((item) => changed.has(keyOf(item))),
      broken,
      ordered,
    );
    const verdicts: Verdicts = {
      outcomes: await this.outcomes(tx, withOpened(judged, first), changed),
      settled: new Map(),
      ended_jobs: [],
      superseded,
      ordered,
      requeued_jobs: new Map(settled.filter((s) => s.state === 'QUEUED').map((s) => [s.lease.job_id, s.lease])),
    };
    if (checked.attempts.length > 0) await this.evidence.insert(tx, checked.attempts);
    if (settled.length === 0) return verdicts;
    const { captures, ...settlement } = settle(settled);
    for (const { job_id, task_max_micro } of superseded)
      for (const job of settlement.jobs) if (job.job_id === job_id) job.unreserved_micro += task_max_micro;
    for (const job of settlement.jobs) job.checking = ordered.awaited.get(job.job_id) ?? 0;
    const jobs = await this.store.record(tx, settlement);
    const developers = new Map(settled.map(({ lease }) => [lease.job_id, lease.developer_id]));
    verdicts.settled = new Map(jobs.map(({ id, settled_seq }) => [id, { settled_seq, developer_id: developers.get(id) ?? '' }]));
    await this.money.capture(tx, captures);
    const emptied = jobs.filter((job) => job.emptied).map((job) => job.id);
    if (emptied.length > 0) verdicts.ended_jobs = await this.orders.finish(tx, emptied);
    return verdicts;
  }

  /** Decides tasks by their first executions, then by second ones where a result is of one. @returns by key where each task goes. */
  private async changeTasks(
    tx: Transaction,
    judged: readonly Judged[],
  ): Promise<{ changed: Map<string, SettledState>; superseded: Superseded[] }> {
    const asked = judged.flatMap(({ result, lease, judgement }) => {
      if (!lease || !judgement) return [];
      const { id: lease_id, job_id, max_attempts, node_id } = lease;
      const state = judgement.kind === 'settles' ? judgement.state : ('QUEUED' as const);
      return [{ job_id, lease_id, index: result.index, epoch: result.epoch, state, max_attempts, node_id }];
    });
    if (asked.length === 0) return { changed: new Map(), superseded: [] };
    const rows = await this.store.settleTasks(tx, asked);
    const changed = new Map(rows.map((t) => [placeOf(t), t.state]));
    const twinned = rows.filter((t) => t.twinned);
    const superseded = await this.endTwins(tx, twinned, changed);
    const left = asked.filter((t) => !changed.has(placeOf(t)));
    if (left.length > 0) superseded.push(...(await this.changeByTwins(tx, left, changed)));
    return { changed, superseded };
  }

  /** Of tasks that were decided by their first execution. */
  private async endTwins(
    tx: Transaction,
    twinned: readonly { job_id: string; lease_id: string; index: number; epoch: number; state: SettledState }[],
    changed: Map<string, SettledState>,
  ): Promise<Superseded[]> {
    if (twinned.length === 0) return [];
    const again = twinned.filter((t) => t.state === 'QUEUED');
    await this.twins.adopt(tx, again);
    for (const task of again) changed.set(placeOf(task), 'LEASED');
    return this.twins.supersede(
      tx,
      twinned.filter((t) => t.state !== 'QUEUED'),
    );
  }

  private async changeByTwins(
    tx: Transaction,
    asked: readonly { job_id: string; lease_id: string; index: number; epoch: number; state: SettledState; node_id: string }[],
    changed: Map<string, SettledState>,
  ): Promise<Superseded[]> {
    const matching = new Set((await this.twins.matching(tx, asked)).map(placeOf));
    const ours = asked.filter((t) => matching.has(placeOf(t)));
    if (ours.length === 0) return [];
    await this.twins.drop(
      tx,
      ours.filter((t) => t.state === 'QUEUED'),
    );
    for (const task of ours) changed.set(placeOf(task), task.state === 'QUEUED' ? 'LEASED' : task.state);
    return this.twins.win(
      tx,
      ours.flatMap(({ job_id, index, state }) => (state === 'DONE' || state === 'FAILED' ? [{ job_id, index, state }] : [])),
    );
  }

  /** A result reported twice in one group counts once: the second is a duplicate. */
  private async outcomes(
    tx: Transaction,
    judged: readonly Judged[],
    changed: ReadonlyMap<string, string>,
  ): Promise<Map<Report, ReportOutcome>> {
    const unchanged = judged.filter((item) => !changed.has(keyOf(item)));
    const keys = unchanged.map(({ report, result }): TaskKey => [report.lease_id, result.index, result.epoch]);
    const recorded = keys.length > 0 ? await this.store.recorded(tx, keys) : new Set<string>();
    const taken = new Set<string>();
    const outcomes = new Map<Report, ReportOutcome>();
    for (const item of judged) {
      const key = keyOf(item);
      const pair: [number, number] = [item.result.index, item.result.epoch];
      const outcome = outcomes.get(item.report) ?? { accepted: [], duplicate: [], stale: [], rejected: [] };
      outcomes.set(item.report, outcome);
      if (!changed.has(key)) (recorded.has(key) ? outcome.duplicate : outcome.stale).push(pair);
      else if (taken.has(key)) outcome.duplicate.push(pair);
      else if (item.judgement?.kind === 'rejected')
        outcome.rejected.push({ index: pair[0], epoch: pair[1], code: item.judgement.code, sentence: item.judgement.sentence });
      else outcome.accepted.push(pair);
      taken.add(key);
    }
    return outcomes;
  }
}

function firstOfEach(judged: readonly Judged[]): Judged[] {
  const byKey = new Map<string, Judged>();
  for (const item of judged) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item);
  return [...byKey.values()];
}

/** Those that were held against a commitment in their place. */
function withOpened(judged: readonly Judged[], opened: readonly Judged[]): Judged[] {
  const byKey = new Map(opened.map((item) => [keyOf(item), item]));
  return judged.map((item) => ({ ...item, judgement: byKey.get(keyOf(item))?.judgement ?? item.judgement }));
}

function asSettled(item: Judged, changed: ReadonlyMap<string, SettledState>): SettledTask[] {
  const { lease, judgement } = item;
  const state = changed.get(keyOf(item));
  if (!lease || !judgement || !state) return [];
  const settles = judgement.kind === 'settles';
  // A task whose attempts are used up settles as failed: the last attempt is the one on record, unpaid.
  const outcome = settles || state === 'FAILED' ? 'accepted' : 'retried';
  return [
    {
      lease,
      state,
      fuel_billed: settles ? fuelBilled(judgement.fuel_used) : undefined,
      attempt: attemptOf(item, lease, judgement, outcome),
    },
  ];
}
