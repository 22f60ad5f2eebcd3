import { Controller, Inject } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { BalancesQuery } from '../money/balances.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { DepositsService } from './deposits.service.js';
import { RefundsService } from './refunds.service.js';
import { TopUpsService } from './top-ups.service.js';

@Controller()
export class FundingController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly deposits: DepositsService,
    private readonly refunds: RefundsService,
    private readonly top_ups: TopUpsService,
    private readonly balances: BalancesQuery,
  ) {}

  @Endpoint(ROUTES.deposit)
  deposit(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.deposit>,
  ): Promise<Answer<typeof ROUTES.deposit>> {
    return this.deposits.deposit(personOf(caller).person_id, key, BigInt(body.amount_micro));
  }

  @Endpoint(ROUTES.listDeposits)
  async listDeposits(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listDeposits>,
  ): Promise<Answer<typeof ROUTES.listDeposits>> {
    return { deposits: await this.deposits.list(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.getDeposit)
  getDeposit(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getDeposit>,
  ): Promise<Answer<typeof ROUTES.getDeposit>> {
    return this.deposits.get(personOf(caller).person_id, params.deposit_id);
  }

  @Endpoint(ROUTES.refundDeposit)
  refund(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { params, body }: InputOf<typeof ROUTES.refundDeposit>,
  ): Promise<Answer<typeof ROUTES.refundDeposit>> {
    const amount = body.amount_micro === undefined ? undefined : BigInt(body.amount_micro);
    return this.refunds.refund(personOf(caller).person_id, key, params.deposit_id, amount);
  }

  @Endpoint(ROUTES.listRefunds)
  async listRefunds(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listRefunds>,
  ): Promise<Answer<typeof ROUTES.listRefunds>> {
    return { refunds: await this.refunds.list(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.getTopUp)
  getTopUp(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getTopUp>> {
    return this.top_ups.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.setTopUp)
  setTopUp(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.setTopUp>): Promise<Answer<typeof ROUTES.setTopUp>> {
    return this.top_ups.set(personOf(caller).person_id, {
      enabled: body.enabled,
      below: BigInt(body.below_micro),
      amount: BigInt(body.amount_micro),
      monthly_cap: BigInt(body.monthly_cap_micro),
    });
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
