import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { verifierStopping } from '#verification';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { Repetition } from '../platform/repetition.js';
import { Turns } from '../platform/turns.js';
import { type OwnTold, OwnVerdicts } from './own-verdicts.service.js';
import { type Looked, OwnVerifierRunner } from './own-verifier-runner.js';
import { type DueVerifier, type OwnCheck, OwnVerifiersStore } from './own-verifiers.store.js';
import { OwnChecksWanted } from './verification.events.js';

const LOOK_MS = 1_000;
const AT_ONCE = 32;
/** What a verifier that rejects everything makes the heap run is bounded by this and a turn. */
const REJECTED_OPEN_MAX = 8;
/** A runner that died has its results taken by another after this. */
const HOLD_MS = 10 * 60_000;
const IDLE_MS = 30_000;
const STRANDED_AT_ONCE = 50;

/** Lets developers' verifiers look at results, a few of each job in turn. */
@Injectable()
export class OwnVerifiersService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(OwnVerifiersService.name);
  /** Taken and without a verdict. */
  private open: { readonly job_id: string; readonly checks: Set<OwnCheck> } | null = null;
  private readonly turns = new Turns({
    ...{ look_ms: LOOK_MS, idle_ms: IDLE_MS },
    turn: (signal) => this.turn(signal),
    idle: () => this.runner.close(),
    failed: (error) => this.log.warn({ err: error }, 'the runner of verifiers failed; the next look comes'),
  });
  private readonly stranded = new Repetition(
    LOOK_MS,
    () => this.skipStranded(),
    (error) => this.log.warn({ err: error }, 'results whose verifier has stopped could not be looked for; the next look comes'),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: OwnVerifiersStore,
    private readonly runner: OwnVerifierRunner,
    private readonly verdicts: OwnVerdicts,
    bus: EventBus,
  ) {
    bus.subscribe(OwnChecksWanted, () => this.turns.wake());
  }

  onApplicationBootstrap(): void {
    if (!this.config.roles.includes('worker')) return;
    this.turns.start();
    this.stranded.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.stranded.stop();
    await this.turns.stop();
    await this.giveBackOpen().catch(() => {});
    await this.runner.close();
  }

  private async turn(signal: AbortSignal): Promise<boolean> {
    await this.giveBackOpen();
    const verifier = await this.store.next(HOLD_MS, REJECTED_OPEN_MAX);
    if (!verifier) return false;
    const { job_id } = verifier;
    const affordable = runsLeft(verifier);
    if (affordable === 0n) {
      const reason = verifierStopping('verifier_budget', { budget_micro: verifier.budget });
      await this.tell((tx, told) => this.verdicts.exhausted(tx, job_id, reason, told));
      return true;
    }
    const checks = await this.store.take(job_id, HOLD_MS, affordable < AT_ONCE ? Number(affordable) : AT_ONCE);
    this.open = { job_id, checks: new Set(checks) };
    if (checks.length === 0 || signal.aborted) return true;
    const looked = await this.look(verifier, checks, signal);
    if (looked.length > 0) await this.tell((tx, told) => this.verdicts.decide(tx, job_id, looked, told));
    for (const { check, verdict } of looked) if (verdict !== null) this.open.checks.delete(check);
    await this.giveBackOpen();
    return true;
  }

  private async giveBackOpen(): Promise<void> {
    if (this.open) await this.store.giveBack(this.open.job_id, [...this.open.checks]);
    this.open = null;
  }

  /** A sandbox that cannot be had says nothing of any of them. */
  private async look(verifier: DueVerifier, checks: readonly OwnCheck[], signal: AbortSignal): Promise<Looked[]> {
    try {
      return await this.runner.look(verifier, checks, signal);
    } catch (error) {
      await this.runner.close();
      this.log.warn({ err: error, job_id: verifier.job_id }, 'a verifier could not be run');
      return checks.map((check) => ({ check, verdict: null, fuel: 0n }));
    }
  }

  private async skipStranded(): Promise<void> {
    for (const { job_id, over } of await this.store.stranded(STRANDED_AT_ONCE))
      await this.tell((tx, told) => this.verdicts.skip(tx, job_id, over ? 'job_over' : 'verifier_stopped', told));
  }

  private async tell(deed: (tx: Parameters<OwnVerdicts['skip']>[0], told: OwnTold) => Promise<void>): Promise<void> {
    const told = await this.transactions.run(async (tx) => {
      const consequences: OwnTold = { ended: [], reference: false, verify: false };
      await deed(tx, consequences);
      return consequences;
    });
    this.verdicts.announce(told);
  }
}

/** How many runs at the fuel limit what is left of its budget pays for. */
function runsLeft({ budget, charged, fuel, fuel_limit, price_micro }: DueVerifier): bigint {
  const most = fuel_limit + TASK_BASE_FUEL;
  if (price_micro === 0n) return BigInt(AT_ONCE);
  for (let runs = BigInt(AT_ONCE); runs > 0n; runs -= 1n)
    if (charge(fuel + runs * most, price_micro, FUEL_PER_PRICE_UNIT) <= budget && charged <= budget) return runs;
  return 0n;
}
