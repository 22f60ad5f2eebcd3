import { Inject, Injectable } from '@nestjs/common';
import type { JobReceipt } from '#protocol';
import { HeapError, joulesEstimate } from '#units';
import { MoneyService } from '../money/money.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { SettlementStore } from './settlement.store.js';

const RELEASE_BATCH = 500;

@Injectable()
export class SettlementService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: SettlementStore,
    private readonly money: MoneyService,
  ) {}

  /** Releases every capture whose holdback is over. @returns how many. */
  async releaseDue(): Promise<number> {
    for (let total = 0; ; ) {
      const released = await this.transactions.run((tx) => this.money.releaseDue(tx, RELEASE_BATCH));
      total += released;
      if (released < RELEASE_BATCH) return total;
    }
  }

  /** What a job paid for, lease by lease; the lines add up to the charge. @throws HeapError `not_found`. */
  async receipt(person_id: string, job_id: string): Promise<JobReceipt> {
    const job = await this.store.job(job_id, person_id);
    if (!job) throw new HeapError('not_found', 'There is no such job among yours.', 'user');
    const lines = await this.store.lines(job_id);
    return {
      job_id,
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      budget_micro: String(job.budget_micro),
      charged_micro: String(job.charged_micro),
      returned_micro: String(job.returned),
      fee_micro: String(job.fee),
      fuel_charged: String(lines.reduce((sum, line) => sum + line.fuel, 0n)),
      tasks_charged: lines.reduce((sum, line) => sum + line.tasks, 0),
      energy_joules_estimate: joulesEstimate(lines),
      lines: lines.map(({ kind, speed_fuel_per_ms, ...line }) => ({
        ...line,
        price_micro: String(line.price_micro),
        fuel: String(line.fuel),
        charge_micro: String(line.charge_micro),
        energy_joules_estimate: joulesEstimate([{ fuel: line.fuel, kind, speed_fuel_per_ms }]),
      })),
    };
  }
}
