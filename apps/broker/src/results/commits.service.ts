import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { commitmentText } from '#protocol';
import { checkReveal, LEVEL_RULES } from '#verification';
import { WorkCommitted } from '../dispatch/dispatch.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { Gathered } from '../platform/gathered.js';
import { type Commitment, nothingOrdered, type Ordered, VerificationCommands } from '../verification/verification.commands.js';
import { broken } from './judge.js';
import { type Judged, keyOf, placeOf } from './judged.js';
import { ResultsStore } from './results.store.js';
import { TwinsStore } from './twins.store.js';

type Committed = typeof WorkCommitted.payload;

const GROUP_MAX = 100;
const RETRY_MS_MAX = 2_000;

/** What nodes commit to before they reveal it: noted when it comes, and held against the result when that does. */
@Injectable()
export class Commits {
  private readonly log = new Logger(Commits.name);
  private readonly gathered = new Gathered<Committed, [number, number][]>({
    most: GROUP_MAX,
    key: ({ lease_id }) => lease_id,
    serve: (reports) => this.note(reports),
  });

  constructor(
    private readonly transactions: Transactions,
    private readonly store: ResultsStore,
    private readonly twins: TwinsStore,
    private readonly verification: VerificationCommands,
    bus: EventBus,
  ) {
    bus.subscribe(WorkCommitted, (report) => this.take(report));
  }

  /** Until it is noted: the node waits, and nothing of its lease is lost. */
  private async take(report: Committed, wait_ms = 50): Promise<void> {
    try {
      report.reply(await this.gathered.ask(report));
    } catch (error) {
      this.log.warn({ err: error }, 'commitments could not be noted and are tried again');
      await new Promise((resolve) => setTimeout(resolve, wait_ms).unref());
      await this.take(report, Math.min(RETRY_MS_MAX, wait_ms * 2));
    }
  }

  private async note(reports: readonly Committed[]): Promise<[number, number][][]> {
    const { ordered, stale } = await this.transactions.run(async (tx) => {
      const ordered = nothingOrdered();
      const commits = await this.ofLeases(tx, reports);
      const firsts = commits.length > 0 ? await this.store.lockFirsts(tx, commits) : [];
      const twinned = new Map(firsts.map((first) => [placeOf(first), first.twinned]));
      const others = commits.filter((one) => !twinned.has(placeOf(one)));
      const twins = new Set(others.length > 0 ? (await this.twins.matching(tx, others)).map(placeOf) : []);
      const refused = await this.verification.committed(
        tx,
        commits.flatMap((one) => (twinned.has(placeOf(one)) ? [{ ...one, twinned: twinned.get(placeOf(one)) ?? false }] : [])),
        others.map((one) => ({ ...one, twin: twins.has(placeOf(one)) })),
        ordered,
      );
      const kept = new Set(commits.map(placeOf));
      for (const one of refused) kept.delete(placeOf(one));
      return {
        ordered,
        stale: reports.map((report) => report.commits.filter((one) => !kept.has(placeOf({ ...one, lease_id: report.lease_id })))),
      };
    });
    this.verification.announce(ordered);
    return stale.map((ones) => ones.map(({ index, epoch }): [number, number] => [index, epoch]));
  }

  /** Those of leases that are not over, of whoever has them. Of one said twice the last counts. */
  private async ofLeases(tx: Transaction, reports: readonly Committed[]): Promise<Commitment[]> {
    const leases = await this.store.lockLeases(tx, [...new Set(reports.map(({ lease_id }) => lease_id))]);
    const commits = reports.flatMap(({ node_id, lease_id, lease_epoch, commits: ones }) => {
      const lease = leases.get(lease_id);
      if (lease?.node_id !== node_id || lease.epoch !== lease_epoch || LEVEL_RULES[lease.level].replicas < 2) return [];
      const { job_id, owner_id, level } = lease;
      return ones.map((one): Commitment => ({ ...one, job_id, lease_id, lease_epoch, node_id, owner_id, level, twin: false }));
    });
    return [...new Map(commits.map((one) => [placeOf(one), one])).values()];
  }

  /** Holds what was committed to against what was revealed. @returns the results, those that broke a commitment refused. */
  async open(tx: Transaction, judged: readonly Judged[]): Promise<{ judged: Judged[]; broken: ReadonlySet<string> }> {
    const twice = judged.filter(({ lease }) => lease && LEVEL_RULES[lease.level].replicas > 1);
    if (twice.length === 0) return { judged: [...judged], broken: new Set() };
    const executions = twice.flatMap(({ lease, result: { index, epoch } }) =>
      lease ? [{ job_id: lease.job_id, lease_id: lease.id, index, epoch }] : [],
    );
    const commitments = await this.verification.revealed(tx, executions);
    const found = new Set<string>();
    const opened = judged.map((item): Judged => {
      const { lease, judgement, result } = item;
      const commitment = commitments.get(keyOf(item)) ?? null;
      if (!lease || !judgement || commitment === null || result.nonce === undefined) return item;
      const { job_id, node_id } = lease;
      const text = commitmentText({ ...result, job_id, node_id, nonce: result.nonce });
      const reason = checkReveal(commitment, createHash('sha256').update(text).digest('hex'));
      if (reason === null) return item;
      found.add(keyOf(item));
      return { ...item, judgement: broken(judgement, reason) };
    });
    return { judged: opened, broken: found };
  }

  /** Whoever broke a commitment to an execution that counts is punished. */
  async punish(tx: Transaction, judged: readonly Judged[], found: ReadonlySet<string>, ordered: Ordered): Promise<void> {
    const guilty = judged.filter((item) => found.has(keyOf(item)) && item.judgement?.kind === 'rejected');
    const evidence = guilty.flatMap(({ lease, result: { index, epoch } }) =>
      lease ? [{ job_id: lease.job_id, index, epoch, level: lease.level, node_id: lease.node_id, owner_id: lease.owner_id }] : [],
    );
    if (evidence.length > 0) await this.verification.breached(tx, evidence, ordered);
  }
}
