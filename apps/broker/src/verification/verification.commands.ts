import { Inject, Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import {
  type Claim,
  checking,
  confirmed,
  type Decision,
  decideOnAgreement,
  decideOnReplicas,
  decideOnReport,
  LEVEL_RULES,
  type Level,
  type LevelRules,
} from '#verification';
import { BansCommands } from '../nodes/bans.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { CheckPay } from './check-pay.service.js';
import { type CheckOut, ChecksStore, type Decided, type NewCheck, type Reruns, type SentTask } from './checks.store.js';
import { CommitmentsStore } from './commitments.store.js';
import { Draws } from './draws.js';
import { OwnVerifiersStore } from './own-verifiers.store.js';
import { type Broken, type Consequences, noConsequences, ProofsService } from './proofs.service.js';
import { Reveals } from './reveals.service.js';
import { StandingStore } from './standing.store.js';
import { objectionsUnfounded, objectionTooLarge } from './verification.errors.js';
import { ChecksWanted, OwnChecksWanted, ReferenceWanted } from './verification.events.js';

export type { SentTask } from './checks.store.js';

/** The heap runs so many results again for one objection, and in so many days so many that were right for one developer, or a day's fuel of its own. */
const OBJECTED_MAX = 1_000;
const OBJECTED_DAYS = 30;

/** A result that was just accepted. */
export interface AcceptedResult {
  job_id: string;
  index: number;
  epoch: number;
  node_id: string;
  owner_id: string;
  level: Level;
}

/** What a node committed to. */
export interface Commitment extends AcceptedResult {
  lease_id: string;
  lease_epoch: number;
  /** Of `commitmentText`. */
  commitment: string;
  /** It is the second execution of a task that was late. */
  twin: boolean;
}

/** What a node reported that is no execution of a waiting task: perhaps one that checks. */
export interface MaybeCheck {
  job_id: string;
  lease_id: string;
  index: number;
  epoch: number;
  /** Who checks. */
  node_id: string;
  owner_id: string;
  price_micro: Micro;
  /** Null where it says nothing about the program. */
  claim: Claim | null;
}

/** Checks that a transaction ordered; told after it is committed. */
export interface Ordered {
  /** Results that verifiers of developers are to look at. */
  own: boolean;
  /** Replicas that jobs wait for from now on, or no longer, by job. */
  awaited: Map<string, number>;
  jobs: Set<string>;
  reference: boolean;
  /** What became of nodes that broke their commitments. */
  consequences: Consequences;
}

export const nothingOrdered = (): Ordered => ({
  awaited: new Map(),
  jobs: new Set(),
  reference: false,
  own: false,
  consequences: noConsequences(),
});

/** What dispatch and results ask of verification, inside their transactions. */
@Injectable()
export class VerificationCommands {
  constructor(
    private readonly checks: ChecksStore,
    private readonly own: OwnVerifiersStore,
    private readonly standings: StandingStore,
    private readonly draws: Draws,
    private readonly pay: CheckPay,
    private readonly commitments: CommitmentsStore,
    private readonly reveals: Reveals,
    private readonly proofs: ProofsService,
    private readonly bans: BansCommands,
    private readonly bus: EventBus,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A device proved to have other bytes than it was given to keep; too often, and it is banned. */
  async wrongBytes(tx: Transaction, node: { node_id: string; owner_id: string }, too_often: boolean): Promise<void> {
    const told = noConsequences();
    await this.proofs.wrongBytes(tx, node, too_often, told);
    tx.afterCommit(() => this.bans.announce([...told.banned]));
  }

  /** Decides which results are checked, now that they are here. @returns the how many'th of its node each is; of unchecked ones nothing. */
  async accepted(tx: Transaction, results: readonly AcceptedResult[], ordered: Ordered): Promise<Map<AcceptedResult, bigint>> {
    const nth = new Map<AcceptedResult, bigint>();
    const checked = results.filter(({ level }) => LEVEL_RULES[level].by === 'nodes');
    if (checked.length === 0) return nth;
    const standings = await this.standings.count(tx, countsOf(checked));
    const places = new Map([...standings].map(([id, { results: total }]) => [id, total]));
    for (const { node_id } of checked) places.set(node_id, (places.get(node_id) ?? 0n) - 1n);
    const replicated = await this.replicated(tx, checked);
    const checks: NewCheck[] = [];
    for (const result of checked) {
      const place = (places.get(result.node_id) ?? 0n) + 1n;
      places.set(result.node_id, place);
      nth.set(result, place);
      const standing = standings.get(result.node_id);
      if (!standing || replicated.has(taskOf(result))) continue;
      const decision = decideOnReport(LEVEL_RULES[result.level], standing, this.draws.next(), standing.pending);
      if (decision.kind === 'accept') continue;
      standing.pending += 1;
      checks.push(checkOf({ ...result, of_epoch: result.epoch }, decision));
    }
    await this.order(tx, checks, ordered);
    // What was hidden until now: its replica's node may reveal too.
    if (replicated.size > 0) await this.reveals.ask(tx, checked);
    return nth;
  }

  /** Has the verifiers of their developers look at results; their jobs wait for that. */
  async verify(
    tx: Transaction,
    results: readonly { job_id: string; index: number; epoch: number; node_id: string; owner_id: string }[],
    ordered: Ordered,
  ): Promise<void> {
    if (results.length === 0) return;
    await this.own.want(tx, results);
    for (const { job_id } of results) add(ordered.awaited, job_id, 1);
    ordered.own = true;
  }

  private async replicated(tx: Transaction, results: readonly AcceptedResult[]): Promise<Set<string>> {
    const twice = results.filter(({ level }) => LEVEL_RULES[level].replicas > 1);
    return new Set(twice.length > 0 ? (await this.checks.replicated(tx, twice)).map(taskOf) : []);
  }

  /**
   * Nodes committed to results: notes it, orders the replicas of those that nothing is known of yet, and asks for what may be revealed.
   * @param firsts executions that their tasks wait for; @param others any others, of which those count that check @returns which are nobody's
   */
  async committed(
    tx: Transaction,
    firsts: readonly (Commitment & { twinned: boolean })[],
    others: readonly Commitment[],
    ordered: Ordered,
  ): Promise<Commitment[]> {
    const checks = new Set(others.length > 0 ? (await this.checks.seal(tx, others)).map(keyOf) : []);
    const wanted = [...firsts, ...others.filter((other) => other.twin || checks.has(keyOf(other)))];
    const kept = new Map((await this.commitments.put(tx, wanted)).map((row) => [taskOf(row), row.asks]));
    const alone = firsts.filter((first) => kept.get(taskOf(first)) === 0 && !first.twinned);
    const known = new Set(alone.length > 0 ? (await this.checks.replicated(tx, alone)).map(taskOf) : []);
    const fresh = alone.filter((first) => !known.has(taskOf(first)));
    if (fresh.length > 0) {
      await this.standings.count(
        tx,
        countsOf(fresh).map((count) => ({ ...count, results: 0 })),
      );
      const reason = checking('replica_due');
      await this.order(
        tx,
        fresh.map((first) => checkOf({ ...first, of_epoch: first.epoch }, { kind: 'replica', reason })),
        ordered,
      );
      await this.checks.await(tx, ordered.awaited);
    }
    await this.reveals.ask(tx, wanted);
    // Who says it again in a new session may not have heard that it was asked.
    tx.afterCommit(() => this.reveals.tell(wanted.filter((one) => (kept.get(taskOf(one)) ?? 0) > 0)));
    return [...firsts, ...others].filter((one) => !kept.has(taskOf(one)));
  }

  /** What executions had been committed to, by lease, index and epoch; they are revealed now, whatever comes of it. */
  async revealed(
    tx: Transaction,
    executions: readonly { job_id: string; index: number; epoch: number; lease_id: string }[],
  ): Promise<Map<string, string>> {
    return new Map((await this.commitments.open(tx, executions)).map((row) => [keyOf(row), row.commitment]));
  }

  /** Punishes nodes that revealed other results than they had committed to. */
  async breached(tx: Transaction, broken: readonly Broken[], ordered: Ordered): Promise<void> {
    for (const one of broken) await this.proofs.breach(tx, one, ordered.consequences);
    ordered.reference ||= broken.length > 0;
  }

  /** Index and epoch of what a lease has committed to and not revealed. */
  committedOf(lease_id: string): Promise<Map<number, number>> {
    return this.commitments.ofLease(lease_id);
  }

  /**
   * Takes reported executions that check others: compares them, and orders the reference run where two differ. @returns of those that were
   * checks how each came out: a replica is the developer's to pay, an agreeing check is paid here. What came in the open while the other result was
   * hidden is not counted.
   */
  async reported(
    tx: Transaction,
    reports: readonly MaybeCheck[],
    ordered: Ordered,
  ): Promise<Map<MaybeCheck, { awaited: boolean; counted: boolean }>> {
    const out = await this.checks.matching(tx, reports);
    const byKey = new Map(out.map((check) => [keyOf(check), check]));
    const found = reports.flatMap((report) => {
      const check = byKey.get(keyOf(report));
      return check ? [{ report, check }] : [];
    });
    if (found.length === 0) return new Map();
    const silent = found.filter(({ report, check }) => report.claim === null || check.verdict === null).map(({ check }) => check.id);
    if (silent.length > 0) await this.checks.toReference(tx, silent);
    ordered.reference ||= silent.length > 0;
    const compared = found.flatMap(({ report, check }) =>
      report.claim && check.verdict !== null
        ? [{ report, check, claim: report.claim, firm: check.kind !== 'replica' || check.sealed, ...decideOnReplicas(check, report.claim) }]
        : [],
    );
    await this.decide(tx, compared, ordered);
    for (const { check } of found) if (check.awaited) add(ordered.awaited, check.job_id, -1);
    return new Map(found.map(({ report, check }) => [report, { awaited: check.awaited, counted: check.verdict !== null }]));
  }

  /** Tells whoever looks for checks; after the commit. */
  announce({ jobs, reference, own, consequences }: Ordered): void {
    if (consequences.banned.size > 0) this.bans.announce([...consequences.banned]);
    if (own) this.bus.publish(OwnChecksWanted, {});
    if (jobs.size > 0) this.bus.publish(ChecksWanted, { job_ids: [...jobs] });
    if (reference) this.bus.publish(ReferenceWanted, {});
  }

  /**
   * Has the heap itself run again what a developer objects to, where it checks results at all. @param tasks none are all of the job, or of one of its leases
   * @returns how many runs it ordered; 0 where nobody can say what is right.
   * @throws HeapError `objection.too_many.conflict`, and `objection.unfounded.conflict`: nobody has the heap run work for nothing, nor holds back what owners
   * have earned, as long as they like.
   */
  async rerunFor(
    tx: Transaction,
    scope: { job_id: string; lease_id: string | null; tasks: readonly number[] },
    ordered: Ordered,
  ): Promise<number> {
    const results = await this.checks.accepted(tx, scope, OBJECTED_MAX + 1);
    const checked = results.filter(({ level }) => LEVEL_RULES[level].by === 'nodes');
    if (checked.length === 0) return 0;
    if (results.length > OBJECTED_MAX) throw objectionTooLarge(OBJECTED_MAX);
    const before = await this.checks.unfounded(tx, scope.job_id, OBJECTED_DAYS);
    const fuel = checked.reduce((sum, { fuel_used }) => sum + fuel_used, before.fuel);
    const fuel_most = BigInt(this.config.reference_fuel_per_day);
    if (before.runs + checked.length > OBJECTED_MAX || (fuel_most > 0n && fuel > fuel_most)) throw objectionsUnfounded(OBJECTED_DAYS);
    await this.order(
      tx,
      checked.map((of) => checkOf(of, { kind: 'reference', reason: checking('objected') }, 'objection')),
      ordered,
    );
    return checked.length;
  }

  /** How far the runs for an objection are. */
  rerunsOf(tx: Transaction, scope: { job_id: string; lease_id: string | null; tasks: readonly number[] }): Promise<Reruns> {
    return this.checks.reruns(tx, scope);
  }

  outstanding(lease_id: string): Promise<SentTask[]> {
    return this.checks.outstanding(lease_id);
  }

  private async decide(tx: Transaction, compared: readonly Compared[], ordered: Ordered): Promise<void> {
    const agreed = compared.filter(({ kind }) => kind === 'agreed');
    const decided = compared.map(
      ({ check, kind, reason }): Decided => ({ id: check.id, state: kind === 'agreed' ? 'AGREED' : 'DIFFERED', ...reason }),
    );
    if (decided.length > 0) await this.checks.decide(tx, decided);
    const nodes = new Set(compared.flatMap(({ check, report }) => [check.node_id, report.node_id]));
    const standings = await this.standings.lock(tx, [...nodes]);
    for (const { check, report, kind, firm } of compared) {
      const [judged, checker] = [standings.get(check.node_id), standings.get(report.node_id)];
      if (judged) judged.pending = Math.max(0, judged.pending - 1);
      if (kind !== 'agreed' || !firm) continue;
      for (const standing of [judged, checker]) if (standing) Object.assign(standing, confirmed(standing));
    }
    const more = compared.flatMap(({ check, kind, firm, reason }): NewCheck[] => {
      if (kind === 'reference') return [checkOf(check, { kind: 'reference', reason }, 'mismatch')];
      if (check.kind !== 'replica') return [];
      if (!firm) return [checkOf(check, { kind: 'reference', reason: checking('uncommitted') })];
      const next = decideOnAgreement(LEVEL_RULES[check.level], this.draws.next());
      return next.kind === 'accept' ? [] : [checkOf(check, next)];
    });
    for (const { node_id } of more) {
      const standing = standings.get(node_id);
      if (standing) standing.pending += 1;
    }
    await this.standings.save(tx, [...standings.values()]);
    await this.order(tx, more, ordered, false);
    const paid = agreed.filter(({ check }) => !check.awaited);
    await this.pay.earn(
      tx,
      paid.map(({ check, report: { job_id, lease_id, node_id, owner_id, price_micro }, claim }) => ({
        ...{ check_id: check.id, job_id, lease_id, node_id, owner_id, price_micro, fuel_used: claim.fuel_used },
        of: check.reason_code === 'probation' ? ('newcomer' as const) : ('drawn' as const),
      })),
    );
  }

  private async order(tx: Transaction, checks: readonly NewCheck[], ordered: Ordered, count = true): Promise<void> {
    if (checks.length === 0) return;
    await this.checks.insert(tx, checks);
    const pending = new Map<string, number>();
    for (const { node_id, job_id, awaited, by_reference } of checks) {
      add(pending, node_id, 1);
      if (awaited) add(ordered.awaited, job_id, 1);
      if (by_reference) ordered.reference = true;
      else ordered.jobs.add(job_id);
    }
    if (count) await this.checks.addPending(tx, pending);
  }
}

type Compared = {
  report: MaybeCheck;
  check: CheckOut;
  claim: Claim;
  /** Not a replica, or one that was committed to before the other result was known. */
  firm: boolean;
  kind: 'agreed' | 'reference';
  reason: { code: string; sentence: string };
};

const taskOf = ({ job_id, index, epoch }: { job_id: string; index: number; epoch: number }): string => `${job_id}/${index}/${epoch}`;
const keyOf = ({ lease_id, index, epoch }: { lease_id: string; index: number; epoch: number }): string => `${lease_id}/${index}/${epoch}`;

function add(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

function countsOf(
  results: readonly Pick<AcceptedResult, 'node_id' | 'owner_id'>[],
): { node_id: string; owner_id: string; results: number }[] {
  const counts = new Map<string, { node_id: string; owner_id: string; results: number }>();
  for (const { node_id, owner_id } of results) {
    const count = counts.get(node_id) ?? { node_id, owner_id, results: 0 };
    counts.set(node_id, count);
    count.results += 1;
  }
  return [...counts.values()];
}

function checkOf(
  of: { job_id: string; index: number; of_epoch: number; node_id: string; level: Level },
  { kind, reason }: { kind: Decision['kind']; reason: { code: string; sentence: string } },
  as?: 'mismatch' | 'objection',
): NewCheck {
  const rules: LevelRules = LEVEL_RULES[of.level];
  return {
    id: newId(),
    job_id: of.job_id,
    index: of.index,
    of_epoch: of.of_epoch,
    node_id: of.node_id,
    kind: as ?? (kind === 'accept' ? 'check' : kind),
    by_reference: kind === 'reference',
    awaited: kind === 'replica',
    checker_confirmed: rules.checker_confirmed,
    reason: as === 'mismatch' ? checking('results_differ') : reason,
  };
}
