import { Inject, Injectable } from '@nestjs/common';
import { waiting } from '#lifecycle';
import type { ResponseOf, ROUTES } from '#protocol';
import { RefundableQuery } from '../funding/refundable.query.js';
import { BalancesQuery } from '../money/balances.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { FundsStore } from './funds.store.js';
import { LimitsService } from './limits.service.js';

type FundsView = ResponseOf<typeof ROUTES.funds>;

/** What a developer has, and where it is. */
@Injectable()
export class FundsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: FundsStore,
    private readonly balances: BalancesQuery,
    private readonly refundable: RefundableQuery,
    private readonly limits: LimitsService,
  ) {}

  async of(person_id: string): Promise<FundsView> {
    const { developer } = await this.balances.ofPerson(person_id);
    const [held, left, frozen, debt, cause, limits] = await Promise.all([
      this.store.held(person_id),
      this.refundable.ofPerson(person_id),
      this.balances.ofAccount(2030, person_id),
      this.balances.ofAccount(1110, person_id),
      this.store.blockedBy(person_id),
      this.limits.get(person_id),
    ]);
    const refundable = cause !== null ? 0n : left < developer.available ? left : developer.available;
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      available_micro: String(developer.available),
      promo_micro: String(developer.promo),
      held_micro: String(developer.held),
      held: held.map(({ job_id, name, amount }) => ({ job_id, name, amount_micro: String(amount), reason: waiting('held') })),
      frozen_micro: String(frozen),
      frozen: reasonOf(cause, frozen),
      debt_micro: String(debt),
      refundable_micro: String(refundable),
      job_cap_micro: limits.job_cap_micro,
      day_cap_micro: limits.day_cap_micro,
      spent_today_micro: limits.spent_today_micro,
      day_ends_at: limits.day_ends_at,
    };
  }
}

function reasonOf(cause: string | null, frozen: bigint): FundsView['frozen'] {
  if (cause !== null) return { code: 'payer_blocked', sentence: `Nothing new can be held and nothing goes back to a card: ${cause}.` };
  return frozen > 0n ? { code: 'refund_under_way', sentence: 'It is on its way back to a card.' } : null;
}
