import { Inject, Injectable } from '@nestjs/common';
import { referenceRun, verifierCharged } from '#ledger';
import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { checking, decideRejected, ownChecking, verifierStop } from '#verification';
import { MoneyService } from '../money/money.service.js';
import { type EndedJob, OrdersCommands } from '../orders/orders.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { ChecksStore, type NewCheck } from './checks.store.js';
import type { Looked } from './own-verifier-runner.js';
import { type DecidedOwnCheck, type LockedVerifier, OwnVerifiersStore } from './own-verifiers.store.js';
import { StandingStore } from './standing.store.js';
import { OwnChecksWanted, ReferenceWanted } from './verification.events.js';

/** A result on which a verifier came to no verdict so often stands: something about this machine, for which nobody pays. */
export const LOOKS_MAX = 3;
const SKIPPED = { verifier_stopped: ownChecking('verifier_stopped'), job_over: ownChecking('job_over') };

/** What is told after the commit. */
export interface OwnTold {
  ended: EndedJob[];
  /** The reference runner has something to do. */
  reference: boolean;
  /** A verifier may have its next turn. */
  verify: boolean;
}

/**
 * What follows from what developers' verifiers say (docs/adr/0041): to accept ends the matter; to reject takes nothing from anybody, but has the heap run
 * the task itself, and only that decides; a verifier that fails, or rejects what is right, has no say any more.
 */
@Injectable()
export class OwnVerdicts {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: OwnVerifiersStore,
    private readonly checks: ChecksStore,
    private readonly standings: StandingStore,
    private readonly money: MoneyService,
    private readonly orders: OrdersCommands,
    private readonly bus: EventBus,
  ) {}

  /** Writes down what a verifier said of results that it had out, and bills it. */
  async decide(tx: Transaction, job_id: string, looked: readonly Looked[], told: OwnTold): Promise<void> {
    await this.lockStandings(tx, looked);
    await this.store.lockJob(tx, job_id);
    const verifier = await this.store.lock(tx, job_id);
    if (verifier?.state !== 'ACTIVE') return;
    const decisions = looked.flatMap((one) => decisionOf(one));
    const changed = await this.store.decide(tx, job_id, 'OUT', decisions);
    const now = decisions.filter(({ index, epoch }) => changed.has(`${index}/${epoch}`));
    await this.runAgain(
      tx,
      job_id,
      looked.filter(({ check }) => now.some((one) => one.state === 'REJECTED' && one.index === check.index && one.epoch === check.epoch)),
      told,
    );
    verifier.accepted += now.filter(({ state }) => state === 'ACCEPTED').length;
    verifier.failed += now.filter(({ reason }) => reason.code === 'verifier_failed').length;
    await this.bill(
      tx,
      verifier,
      looked.flatMap(({ verdict, fuel }) => (verdict && fuel > 0n ? [fuel + TASK_BASE_FUEL] : [])),
    );
    await this.end(tx, verifier, now.filter(({ state }) => state !== 'REJECTED').length, told);
  }

  /** It cannot pay for one more run. */
  async exhausted(tx: Transaction, job_id: string, reason: { code: string; sentence: string }, told: OwnTold): Promise<void> {
    await this.store.lockJob(tx, job_id);
    const verifier = await this.store.lock(tx, job_id);
    if (verifier?.state !== 'ACTIVE') return;
    await this.store.stop(tx, verifier.id, reason);
    await this.skip(tx, job_id, 'verifier_stopped', told);
  }

  /** What nobody will look at any more stands unverified. */
  async skip(tx: Transaction, job_id: string, code: keyof typeof SKIPPED, told: OwnTold): Promise<void> {
    await this.store.lockJob(tx, job_id);
    await this.store.release(tx, job_id, await this.store.skip(tx, job_id, SKIPPED[code]));
    told.ended.push(...(await this.orders.finish(tx, [job_id])));
  }

  /** After the commit. */
  announce({ ended, reference, verify }: OwnTold): void {
    this.orders.announceEnded(ended);
    if (reference) this.bus.publish(ReferenceWanted, {});
    if (verify) this.bus.publish(OwnChecksWanted, {});
  }

  /** For a decision on what a verifier rejected: after the standings of nodes, and before any money. */
  lock(tx: Transaction, job_id: string): Promise<void> {
    return this.store.lockJob(tx, job_id);
  }

  /**
   * The heap has run a task whose result was rejected; what follows for node and money is the caller's. @param right null where it could not
   * be run; `succeeded` of the result, as a failure that is no fault of the node is none of the verifier's either
   */
  async ran(
    tx: Transaction,
    of: { job_id: string; index: number; epoch: number },
    run: { right: boolean | null; succeeded: boolean; fuel: bigint },
    told: OwnTold,
  ): Promise<void> {
    const verifier = await this.store.lock(tx, of.job_id);
    const row = await this.store.rejected(tx, of.job_id, of.index, of.epoch);
    if (!verifier || !row) return;
    const decided =
      run.right === null
        ? { state: 'SKIPPED' as const, reason: ownChecking('rejection_undecided', row) }
        : decideRejected(run.right, row.why);
    await this.store.decide(tx, of.job_id, 'REJECTED', [{ ...of, ...decided, why: null }]);
    if (decided.state === 'UPHELD') verifier.upheld += 1;
    // Whose rejection was unfounded pays for what it cost to find that out.
    if (decided.state === 'OVERRULED') await this.bill(tx, verifier, [run.fuel + TASK_BASE_FUEL]);
    if (decided.state === 'OVERRULED' && run.succeeded) verifier.overruled += 1;
    told.verify = true;
    await this.end(tx, verifier, 1, told);
  }

  private async runAgain(tx: Transaction, job_id: string, rejected: readonly Looked[], told: OwnTold): Promise<void> {
    if (rejected.length === 0) return;
    const reason = checking('rejected_by_verifier');
    await this.checks.insert(
      tx,
      rejected.map(({ check: { index, epoch, node_id } }): NewCheck => {
        const of = { job_id, index, of_epoch: epoch, node_id };
        return { id: newId(), ...of, kind: 'verifier', by_reference: true, awaited: false, checker_confirmed: 0, reason };
      }),
    );
    await this.checks.addPending(
      tx,
      new Map(rejected.map(({ check: { node_id } }) => [node_id, rejected.filter(({ check }) => check.node_id === node_id).length])),
    );
    told.reference = true;
  }

  /**
   * Of nodes whose results are rejected, before the job: results are accepted in that order. A node of whom nothing was ever checked has no
   * standing yet, and what is proven of it must be remembered.
   */
  private async lockStandings(tx: Transaction, looked: readonly Looked[]): Promise<void> {
    const nodes = new Map(
      looked.flatMap(({ check: { node_id, owner_id }, verdict }) =>
        verdict?.kind === 'rejects' ? [[node_id, { node_id, owner_id, results: 0 }] as const] : [],
      ),
    );
    if (nodes.size > 0) await this.standings.count(tx, [...nodes.values()]);
  }

  /** By the sum of all its fuel, so that no rounding is lost, and never more than its budget. */
  private async bill(tx: Transaction, verifier: LockedVerifier, runs: readonly bigint[]): Promise<void> {
    const fuel = runs.reduce((sum, one) => sum + one, 0n);
    if (fuel === 0n) return;
    verifier.fuel += fuel;
    const due = charge(verifier.fuel, verifier.price_micro, FUEL_PER_PRICE_UNIT);
    const amount = (due < verifier.budget ? due : verifier.budget) - verifier.charged;
    const run_id = newId();
    const { id: _, job_id, hold_id, person_id: developer } = verifier;
    if (
      amount > 0n &&
      (await this.money.takeFromHold(tx, hold_id, amount, verifierCharged({ run_id, hold_id, job_id, developer, amount })))
    )
      verifier.charged += amount;
    const cost = charge(fuel, BigInt(this.config.reference_price_micro), FUEL_PER_PRICE_UNIT);
    if (cost > 0n) await this.money.record(tx, [referenceRun({ run_id, amount: cost })]);
  }

  private async end(tx: Transaction, verifier: LockedVerifier, decided: number, told: OwnTold): Promise<void> {
    const { id, job_id } = verifier;
    await this.store.save(tx, verifier);
    await this.store.release(tx, job_id, decided);
    const stop = verifier.state === 'ACTIVE' ? verifierStop(verifier) : null;
    if (stop) {
      await this.store.stop(tx, id, stop);
      await this.store.release(tx, job_id, await this.store.skip(tx, job_id, SKIPPED.verifier_stopped));
    }
    told.ended.push(...(await this.orders.finish(tx, [job_id])));
  }
}

/** Nothing of what came to no verdict and may be tried again. */
function decisionOf({ check: { index, epoch, tries }, verdict }: Looked): DecidedOwnCheck[] {
  const of = { index, epoch, why: null };
  if (verdict === null) return tries < LOOKS_MAX ? [] : [{ ...of, state: 'SKIPPED', reason: ownChecking('no_verdict') }];
  if (verdict.kind === 'accepts') return [{ ...of, state: 'ACCEPTED', reason: ownChecking('accepted_by_verifier') }];
  if (verdict.kind === 'fails') return [{ ...of, state: 'FAILED', reason: ownChecking('verifier_failed', verdict) }];
  return [{ ...of, state: 'REJECTED', reason: ownChecking('rejected_by_verifier', verdict), why: verdict.why }];
}
