import { Inject, Injectable } from '@nestjs/common';
import { type CheckPayStep, checkPaid, checkReleased, checkVoided, type Holdback, penaltyOverturned } from '#ledger';
import { charge, FUEL_PER_PRICE_UNIT, fee, type Micro, TASK_BASE_FUEL } from '#units';
import { MoneyService } from '../money/money.service.js';
import { NewcomersService } from '../money/newcomers.service.js';
import { OwnerDebts } from '../money/owner-debts.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { CheckPayStore, type EarnedPay, type PaidCheck } from './check-pay.store.js';

const BATCH = 500;

/**
 * What checks earn, held as long as any earning of their owner: what a developer's task would have brought, the fee taken off, where they are drawn by
 * chance; of a newcomer's result the fee; and what the heap's own run costs where they were right against another.
 */
@Injectable()
export class CheckPay {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: CheckPayStore,
    private readonly money: MoneyService,
    private readonly newcomers: NewcomersService,
    private readonly debts: OwnerDebts,
  ) {}

  /**
   * Never more than the heap may expect to have from the developer for what is checked: whoever has both sides, and the developer's, could else name any
   * price and be paid it by the heap. Work below a micro-unit moves nothing.
   */
  async earn(tx: Transaction, checks: readonly PaidCheck[]): Promise<void> {
    const earned = checks.flatMap(({ fuel_used, price_micro, of, ...check }) => {
      const fuel = fuel_used + TASK_BASE_FUEL;
      const gross = charge(fuel, price_micro, FUEL_PER_PRICE_UNIT);
      const taken = fee(gross, BigInt(this.config.fee_basis_points));
      // Of a newcomer each result is checked, and of a wrong one the fee goes back, too.
      const own = charge(fuel, BigInt(this.config.reference_price_micro), FUEL_PER_PRICE_UNIT);
      const amount = { drawn: gross - taken, newcomer: taken, wrong: own < gross - taken ? own : gross - taken }[of];
      return amount > 0n ? [{ ...check, amount }] : [];
    });
    await this.hold(tx, earned);
    await this.money.record(tx, earned.map(stepOf).map(checkPaid));
  }

  /** What was taken because of penalties that are overturned: as it would have been held had it not been taken, from now on. */
  async giveBack(
    tx: Transaction,
    penalties: readonly { id: string; job_id: string | null; node_id: string; owner_id: string; voided: Micro }[],
  ): Promise<void> {
    const taken = penalties.filter(({ voided }) => voided > 0n);
    await this.hold(
      tx,
      taken.map(({ id, job_id, node_id, owner_id, voided }) => ({
        check_id: id,
        job_id,
        lease_id: null,
        node_id,
        owner_id,
        amount: voided,
      })),
    );
    await this.money.record(
      tx,
      taken.map(({ id, owner_id, voided }) => penaltyOverturned({ penalty_id: id, owner: owner_id, amount: voided })),
    );
  }

  private async hold(tx: Transaction, earned: readonly EarnedPay[]): Promise<void> {
    if (earned.length === 0) return;
    const holdbacks = await this.newcomers.ownersHoldbacks(
      tx,
      earned.map(({ owner_id }) => owner_id),
    );
    await this.store.insert(
      tx,
      earned.map((pay, i) => ({ ...pay, holdback: holdbacks[i] as Holdback })),
    );
  }

  /** @returns how many were released. */
  async releaseDue(tx: Transaction): Promise<number> {
    const due = await this.store.takeDue(tx, BATCH, this.config.reserve_days);
    if (due.length === 0) return 0;
    const reserve_bps = BigInt(this.config.reserve_basis_points);
    await this.money.record(
      tx,
      due.map((pay) => checkReleased({ ...stepOf(pay), ...(pay.in_reserve && { reserve: fee(pay.amount, reserve_bps) }) })),
    );
    await this.debts.netFromEarnings(tx, [...new Set(due.map((pay) => pay.owner_id))]);
    return due.length;
  }

  /** What banned nodes hold of it. @returns what was voided. */
  async voidOf(tx: Transaction, node_ids: readonly string[]): Promise<Micro> {
    return this.undo(tx, await this.store.voidOf(tx, node_ids));
  }

  /** What one wrong execution had brought. @returns what was voided. */
  async voidExecution(tx: Transaction, job_id: string, index: number, epoch: number): Promise<Micro> {
    return this.undo(tx, await this.store.voidExecution(tx, job_id, index, epoch));
  }

  private async undo(tx: Transaction, pay: readonly EarnedPay[]): Promise<Micro> {
    if (pay.length > 0) await this.money.record(tx, pay.map(stepOf).map(checkVoided));
    return pay.reduce((sum, { amount }) => sum + amount, 0n);
  }
}

const stepOf = ({ check_id, job_id, owner_id, amount }: EarnedPay): CheckPayStep => ({ check_id, job_id, owner: owner_id, amount });
