import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { FundsService } from './funds.service.js';
import { LimitsService } from './limits.service.js';

@Controller()
export class LimitsController {
  constructor(
    private readonly limits: LimitsService,
    private readonly funds: FundsService,
  ) {}

  @Endpoint(ROUTES.getLimits)
  get(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getLimits>> {
    return this.limits.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.funds)
  has(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.funds>> {
    return this.funds.of(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.putLimits)
  replace(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.putLimits>): Promise<Answer<typeof ROUTES.putLimits>> {
    return this.limits.replace(personOf(caller).person_id, body);
  }
}
