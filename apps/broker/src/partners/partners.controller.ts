import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { PartnersService } from './partners.service.js';

@Controller()
export class PartnersController {
  constructor(private readonly partners: PartnersService) {}

  @Endpoint(ROUTES.getPartner)
  get(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getPartner>> {
    return this.partners.get(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.createPartner)
  create(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.createPartner>,
  ): Promise<Answer<typeof ROUTES.createPartner>> {
    return this.partners.create(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.createPartnerLink)
  createLink(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.createPartnerLink>,
  ): Promise<Answer<typeof ROUTES.createPartnerLink>> {
    return this.partners.createLink(personOf(caller).person_id, params.person_id, body);
  }

  @Endpoint(ROUTES.closePartnerLink)
  closeLink(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.closePartnerLink>): Promise<void> {
    return this.partners.closeLink(personOf(caller).person_id, params.link_id);
  }

  @Endpoint(ROUTES.listPartners)
  async list(): Promise<Answer<typeof ROUTES.listPartners>> {
    return { partners: await this.partners.all() };
  }
}
