import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError, type Micro } from '#units';
import { StepUp } from '../accounts/accounts.commands.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { type PayoutSchedule, PayoutTermsStore } from './payout-terms.store.js';

export type PayoutTermsView = ResponseOf<typeof ROUTES.getPayoutTerms>;

/** When an owner is paid without asking, and from how much on. */
@Injectable()
export class PayoutTermsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PayoutTermsStore,
    private readonly step_up: StepUp,
  ) {}

  async get(person_id: string): Promise<PayoutTermsView> {
    const row = await this.store.get(person_id);
    return {
      schedule: row?.schedule ?? 'manual',
      minimum_micro: String(row?.minimum ?? this.config.payout_minimum_micro),
      next_at: row?.next_at?.toISOString() ?? null,
    };
  }

  /** @throws HeapError `invalid_input` below the heap's own minimum, `step_up.forbidden`. */
  async set(
    caller: PersonCaller,
    schedule: PayoutSchedule,
    minimum: Micro | undefined,
    password: string | undefined,
  ): Promise<PayoutTermsView> {
    const least = BigInt(this.config.payout_minimum_micro);
    if (minimum !== undefined && minimum < least)
      throw new HeapError(
        'invalid_input',
        `The heap pays out from ${least} micro-units on: choose a minimum that is not below it.`,
        'owner',
      );
    await this.step_up.assert(caller, password);
    const { person_id } = caller;
    await this.transactions.run(async (tx) => {
      const known = await this.store.lock(tx, person_id);
      await this.store.set(tx, person_id, schedule, minimum ?? known.minimum);
    });
    return this.get(person_id);
  }
}
