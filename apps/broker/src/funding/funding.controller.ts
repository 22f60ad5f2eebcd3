import { Controller, Inject } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { BalancesQuery } from '../money/balances.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { FundingService } from './funding.service.js';

@Controller()
export class FundingController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly funding: FundingService,
    private readonly balances: BalancesQuery,
  ) {}

  @Endpoint(ROUTES.deposit)
  deposit(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.deposit>,
  ): Promise<Answer<typeof ROUTES.deposit>> {
    return this.funding.deposit(personOf(caller).person_id, key, BigInt(body.amount_micro));
  }

  @Endpoint(ROUTES.balance)
  async balance(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.balance>> {
    const { developer, owner } = await this.balances.ofPerson(personOf(caller).person_id);
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      developer: {
        available_micro: String(developer.available),
        held_micro: String(developer.held),
        promo_micro: String(developer.promo),
        spent_micro: String(developer.spent),
      },
      owner: {
        pending_micro: String(owner.pending),
        available_micro: String(owner.available),
        reserve_micro: String(owner.reserve),
        earned_micro: String(owner.earned),
      },
    };
  }
}
