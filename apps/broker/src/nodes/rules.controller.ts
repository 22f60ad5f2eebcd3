import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { RulesService } from './rules.service.js';

@Controller()
export class RulesController {
  constructor(private readonly rules: RulesService) {}

  @Endpoint(ROUTES.getRules)
  get(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getRules>> {
    return this.rules.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.putRules)
  replace(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.putRules>): Promise<Answer<typeof ROUTES.putRules>> {
    return this.rules.replace(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.listOffers)
  async offers(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listOffers>> {
    return { offers: await this.rules.offers(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.putOfferTerms)
  async setOfferTerms(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.putOfferTerms>): Promise<void> {
    await this.rules.setOfferTerms(personOf(caller).person_id, params.node_id, body);
  }
}
