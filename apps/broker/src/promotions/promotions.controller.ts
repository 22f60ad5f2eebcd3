import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { PromotionsService } from './promotions.service.js';

@Controller()
export class PromotionsController {
  constructor(private readonly promotions: PromotionsService) {}

  @Endpoint(ROUTES.redeemPromo)
  redeem(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.redeemPromo>): Promise<Answer<typeof ROUTES.redeemPromo>> {
    return this.promotions.redeem(personOf(caller).person_id, body.code);
  }

  @Endpoint(ROUTES.listPromos)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listPromos>> {
    return { grants: await this.promotions.grantsOf(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.createCampaign)
  create(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.createCampaign>,
  ): Promise<Answer<typeof ROUTES.createCampaign>> {
    return this.promotions.create(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.listCampaigns)
  async campaigns(): Promise<Answer<typeof ROUTES.listCampaigns>> {
    return { campaigns: await this.promotions.campaigns() };
  }
}
