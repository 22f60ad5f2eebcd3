import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { EarningsService } from './earnings.service.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import { PayoutTermsService } from './payout-terms.service.js';
import { PayoutsService } from './payouts.service.js';

@Controller()
export class PayoutsController {
  constructor(
    private readonly payouts: PayoutsService,
    private readonly accounts: PayoutAccountsService,
    private readonly terms: PayoutTermsService,
    private readonly earnings: EarningsService,
  ) {}

  @Endpoint(ROUTES.earnings)
  earned(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.earnings>> {
    return this.earnings.of(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.earningsHistory)
  history(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.earningsHistory>> {
    return this.earnings.history(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.getPayoutAccount)
  account(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getPayoutAccount>> {
    return this.accounts.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.openPayoutAccount)
  open(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.openPayoutAccount>,
  ): Promise<Answer<typeof ROUTES.openPayoutAccount>> {
    return this.accounts.open(personOf(caller), body.password);
  }

  @Endpoint(ROUTES.requestPayout)
  request(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.requestPayout>,
  ): Promise<Answer<typeof ROUTES.requestPayout>> {
    const amount = body.amount_micro === undefined ? undefined : BigInt(body.amount_micro);
    return this.payouts.request(personOf(caller), key, amount, body.password, body.of);
  }

  @Endpoint(ROUTES.listPayouts)
  async list(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listPayouts>,
  ): Promise<Answer<typeof ROUTES.listPayouts>> {
    return { payouts: await this.payouts.list(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.getPayout)
  get(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getPayout>): Promise<Answer<typeof ROUTES.getPayout>> {
    return this.payouts.get(personOf(caller).person_id, params.payout_id);
  }

  @Endpoint(ROUTES.getPayoutTerms)
  getTerms(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getPayoutTerms>> {
    return this.terms.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.setPayoutTerms)
  setTerms(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.setPayoutTerms>,
  ): Promise<Answer<typeof ROUTES.setPayoutTerms>> {
    const minimum = body.minimum_micro === undefined ? undefined : BigInt(body.minimum_micro);
    return this.terms.set(personOf(caller), body.schedule, minimum, body.password);
  }
}
