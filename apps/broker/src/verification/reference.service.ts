import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { referenceRun } from '#ledger';
import { isDeterministic, type RunOutcome } from '#sandbox';
import { charge, FUEL_PER_PRICE_UNIT } from '#units';
import { checking, confirmed, endedWell, LEVEL_RULES, prove, sameClaim } from '#verification';
import { MoneyService } from '../money/money.service.js';
import { BansCommands } from '../nodes/bans.commands.js';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Turns } from '../platform/turns.js';
import { AppealsService } from './appeals.service.js';
import { CheckPay } from './check-pay.service.js';
import { type CheckKind, ChecksStore } from './checks.store.js';
import { OwnVerdicts } from './own-verdicts.service.js';
import { type Consequences, noConsequences, ProofsService } from './proofs.service.js';
import { ProofsStore, type RightResult } from './proofs.store.js';
import { type Executed, type ReferenceCheck, type ReferenceJob, ReferenceStore } from './reference.store.js';
import { ReferenceRunner } from './reference-runner.js';
import { StandingStore } from './standing.store.js';
import { ObjectionsRerun, ReferenceWanted, ResultsRefuted } from './verification.events.js';

const LOOK_MS = 1_000;
const AT_ONCE = 32;
/** A runner that died has its checks taken by another after this. */
const HOLD_MS = 10 * 60_000;
/** A task that says nothing about its program here so often is given up: its result stays as the node reported it. */
const TRIES_MAX = 3;
const IDLE_MS = 30_000;
/** Checks of which nobody hears when they confirm a result. */
const QUIET: ReadonlySet<CheckKind> = new Set(['check', 'reference', 'replica', 'reverify', 'closing']);
const INLINE_BYTES = 32 * 1024;

/** The heap's own executions: of a share of all results, of every mismatch, of what no other cluster could check. */
@Injectable()
export class ReferenceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(ReferenceService.name);
  /** Taken and not decided, by id. */
  private readonly open = new Set<string>();
  private readonly turns = new Turns({
    ...{ look_ms: LOOK_MS, idle_ms: IDLE_MS },
    turn: (signal) => this.turn(signal),
    idle: () => this.runner.close(),
    failed: (error) => this.log.warn({ err: error }, 'the reference runner failed; the next look comes'),
  });

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: ReferenceStore,
    private readonly checks: ChecksStore,
    private readonly standings: StandingStore,
    private readonly runner: ReferenceRunner,
    private readonly proofs: ProofsService,
    private readonly evidence: ProofsStore,
    private readonly appeals: AppealsService,
    private readonly verdicts: OwnVerdicts,
    private readonly money: MoneyService,
    private readonly pay: CheckPay,
    private readonly nodes: BansCommands,
    private readonly blobs: BlobStore,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(ReferenceWanted, () => this.turns.wake());
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('worker')) this.turns.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.turns.stop();
    await this.giveBackOpen().catch(() => {});
    await this.runner.close();
  }

  private async turn(signal: AbortSignal): Promise<boolean> {
    await this.giveBackOpen();
    const checks = await this.store.take(AT_ONCE, HOLD_MS, this.config.reference_fuel_per_day);
    if (checks.length === 0) return false;
    for (const { id } of checks) this.open.add(id);
    await this.runAll(checks, signal);
    return this.open.size === 0;
  }

  /** What a database out of reach left undecided says nothing of the tasks: it is taken again at the next look, not when a hold ends. */
  private async giveBackOpen(): Promise<void> {
    await this.store.giveBack([...this.open], 'untried');
    this.open.clear();
  }

  private async runAll(checks: readonly ReferenceCheck[], signal: AbortSignal): Promise<void> {
    const [first] = checks;
    const job = first && (await this.store.job(first.job_id));
    if (!job || signal.aborted) return;
    let outcomes: RunOutcome[] = [];
    let failure = 'The sandbox stopped early.';
    // An appeal is not to be decided by the very process that spoke against the node.
    if (first.kind === 'appeal') await this.runner.close();
    try {
      outcomes = await this.runner.run(job, checks, signal);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      await this.runner.close();
      this.log.warn({ err: error, job_id: job.id }, 'the reference runner could not run a job');
    }
    const confirmed_ids = await this.confirmTogether(job, checks, outcomes);
    for (const id of confirmed_ids) this.open.delete(id);
    for (const [i, check] of checks.entries()) {
      const outcome = outcomes[i] ?? null;
      if (confirmed_ids.has(check.id) || (outcome === null && signal.aborted)) continue;
      try {
        await this.decide(job, check, outcome, failure);
        this.open.delete(check.id);
      } catch (error) {
        this.log.warn({ err: error, job_id: job.id, check_id: check.id }, 'a check could not be decided; it is run again');
      }
    }
    await this.account(outcomes);
  }

  /** What it cost, at the price that the operator has set for own computing. */
  private async account(outcomes: readonly RunOutcome[]): Promise<void> {
    const fuel = outcomes.reduce((sum, { fuel_used }) => sum + fuel_used, 0n);
    const amount = charge(fuel, BigInt(this.config.reference_price_micro), FUEL_PER_PRICE_UNIT);
    if (fuel === 0n) return;
    const drafts = amount === 0n ? [] : [referenceRun({ run_id: newId(), amount })];
    await this.transactions.run(async (tx) => {
      await this.store.addFuel(tx, fuel);
      if (drafts.length > 0) await this.money.record(tx, drafts);
    });
  }

  /** What everybody who ran it said as the heap does, as most is, follows in one transaction. @returns the checks that are decided by that. */
  private async confirmTogether(
    job: ReferenceJob,
    checks: readonly ReferenceCheck[],
    outcomes: readonly RunOutcome[],
  ): Promise<ReadonlySet<string>> {
    const ran = checks.flatMap((check, i) => {
      const right = outcomes[i];
      return right && isDeterministic(right.verdict) && QUIET.has(check.kind) ? [{ check, right }] : [];
    });
    if (ran.length === 0) return new Set();
    return this.transactions
      .run((tx) => this.confirmIn(tx, job.id, ran))
      .catch((error: unknown) => {
        this.log.warn({ err: error, job_id: job.id }, 'checks could not be decided together; each is decided alone');
        return new Set();
      });
  }

  private async confirmIn(
    tx: Transaction,
    job_id: string,
    ran: readonly { check: ReferenceCheck; right: RunOutcome }[],
  ): Promise<ReadonlySet<string>> {
    const ours = await this.store.lock(
      tx,
      ran.map(({ check }) => check.id),
    );
    const claims = await this.store.claims(
      tx,
      job_id,
      ran.map(({ check }) => check.index),
    );
    const agreed = ran.filter(({ check, right }) => {
      const of_task = claims.filter(({ index }) => index === check.index);
      return (
        ours.has(check.id) && of_task.some(({ epoch }) => epoch === check.of_epoch) && of_task.every((claim) => sameClaim(claim, right))
      );
    });
    if (agreed.length === 0) return new Set();
    const standings = await this.standings.lock(tx, [...new Set(agreed.map(({ check }) => check.node_id))]);
    for (const { check } of agreed) {
      const standing = standings.get(check.node_id);
      if (standing) Object.assign(standing, confirmed(standing), { pending: Math.max(0, standing.pending - 1) });
    }
    const reason = checking('reference_agrees');
    await this.checks.decide(
      tx,
      agreed.map(({ check }) => ({ id: check.id, state: 'AGREED', ...reason })),
    );
    await this.standings.save(tx, [...standings.values()]);
    return new Set(agreed.map(({ check }) => check.id));
  }

  private async decide(job: ReferenceJob, check: ReferenceCheck, outcome: RunOutcome | null, failure: string): Promise<void> {
    if (!outcome || !isDeterministic(outcome.verdict)) {
      if (check.tries < TRIES_MAX) return this.store.giveBack([check.id], 'tried');
      return this.giveUp(check, outcome ? `It ended as ${outcome.verdict} here.` : failure);
    }
    const { verdict, exit_code, fuel_used, output_hash, output } = outcome;
    const large = output.length > INLINE_BYTES;
    if (large) await this.blobs.put(output);
    const right = { verdict, exit_code, fuel_used, output_hash, output: large ? null : Buffer.from(output), output_bytes: output.length };
    const told = await this.transactions.run(async (tx) => {
      const consequences = noConsequences();
      await this.decideIn(tx, job, check, right, consequences);
      return consequences;
    });
    this.nodes.announce([...told.banned]);
    this.verdicts.announce(told);
    if (told.rerun_jobs.size > 0) this.bus.publish(ObjectionsRerun, { job_ids: [...told.rerun_jobs] });
    if (told.refuted_jobs.size > 0) {
      this.bus.publish(ResultsRefuted, { job_ids: [...told.refuted_jobs] });
      this.turns.wake();
    }
  }

  private async decideIn(tx: Transaction, job: ReferenceJob, check: ReferenceCheck, right: RightResult, told: Consequences): Promise<void> {
    if (!(await this.store.lock(tx, [check.id])).has(check.id)) return;
    const executions = await this.store.executions(tx, check.job_id, check.index, check.kind === 'appeal' ? check.of_epoch : null);
    const judged = executions.find(({ epoch }) => epoch === check.of_epoch);
    const agrees = judged !== undefined && sameClaim(judged, right);
    const reason = checking(agrees ? 'reference_agrees' : 'reference_disagrees');
    await this.checks.decide(tx, [{ id: check.id, state: agrees ? 'AGREED' : 'DIFFERED', ...reason }]);
    if (check.kind === 'objection') told.rerun_jobs.add(check.job_id);
    if (check.kind === 'appeal') return this.appeals.decide(tx, check.id, agrees, told);
    const standings = await this.standings.lock(tx, [...new Set([check.node_id, ...executions.map(({ node_id }) => node_id)])]);
    if (check.kind === 'verifier') await this.verdicts.lock(tx, check.job_id);
    const standing = standings.get(check.node_id);
    if (standing) standing.pending = Math.max(0, standing.pending - 1);
    const proof = prove(
      executions.map((executed) => ({ node: executed, claim: executed })),
      right,
    );
    await this.confirm(tx, check, proof.right, standings);
    for (const executed of [...proof.lied, ...proof.wrong]) {
      const offence = proof.lied.includes(executed) ? ('agreed_on_a_lie' as const) : ('wrong' as const);
      const { job_id, index, id: check_id } = check;
      // A proof is a proof: what the heap does not check by itself counts as at the level that is checked least.
      const level = LEVEL_RULES[job.level].by === 'nodes' ? job.level : 'L1';
      await this.proofs.refute(tx, { check_id, job_id, index, level, executed, offence, right }, standings, told);
    }
    await this.standings.save(tx, [...standings.values()]);
    if (check.kind === 'verifier')
      await this.verdicts.ran(
        tx,
        { job_id: check.job_id, index: check.index, epoch: check.of_epoch },
        { right: agrees, succeeded: judged !== undefined && endedWell(judged), fuel: right.fuel_used },
        told,
      );
  }

  /** Whose result was checked is confirmed by it; where two differed, so is who was right against the other, and paid. */
  private async confirm(
    tx: Transaction,
    check: ReferenceCheck,
    right: readonly Executed[],
    standings: Parameters<ProofsService['refute']>[2],
  ): Promise<void> {
    for (const { epoch, node_id } of right) {
      const standing = standings.get(node_id);
      if (standing && (epoch === check.of_epoch || check.kind === 'mismatch')) Object.assign(standing, confirmed(standing));
    }
    if (check.kind !== 'mismatch') return;
    const epochs = right.filter(({ outcome }) => outcome === 'checked').map(({ epoch }) => epoch);
    const unpaid = await this.evidence.unpaidChecks(tx, check.job_id, check.index, epochs);
    await this.pay.earn(tx, unpaid);
  }

  private async giveUp(check: ReferenceCheck, why: string): Promise<void> {
    const sentence = `The heap could not run the task itself: ${why} The result stands as it was reported.`;
    const told = noConsequences();
    await this.transactions.run(async (tx) => {
      told.ended = [];
      if (!(await this.store.lock(tx, [check.id])).has(check.id)) return;
      await this.checks.decide(tx, [{ id: check.id, state: 'DROPPED', code: 'no_verdict', sentence }]);
      const standings = await this.standings.lock(tx, [check.node_id]);
      for (const standing of standings.values()) standing.pending = Math.max(0, standing.pending - 1);
      await this.standings.save(tx, [...standings.values()]);
      if (check.kind !== 'verifier') return;
      const { job_id, index, of_epoch: epoch } = check;
      await this.verdicts.lock(tx, job_id);
      await this.verdicts.ran(tx, { job_id, index, epoch }, { right: null, succeeded: false, fuel: 0n }, told);
    });
    this.verdicts.announce(told);
    if (check.kind === 'objection') this.bus.publish(ObjectionsRerun, { job_ids: [check.job_id] });
  }
}
