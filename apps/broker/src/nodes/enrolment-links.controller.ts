import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { EnrolmentLinksService } from './enrolment-links.service.js';
import { joinLink } from './join-link.js';

@Controller()
export class EnrolmentLinksController {
  constructor(
    private readonly address: OwnAddress,
    private readonly links: EnrolmentLinksService,
  ) {}

  @Endpoint(ROUTES.createEnrolmentLink)
  async create(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.createEnrolmentLink>,
  ): Promise<Answer<typeof ROUTES.createEnrolmentLink>> {
    const { code, link } = await this.links.create(personOf(caller).person_id, body);
    const url = this.address.url();
    return { link, code, command: `npx heap agent ${code} --url ${url}`, ...joinLink(url, code) };
  }

  @Endpoint(ROUTES.listEnrolmentLinks)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listEnrolmentLinks>> {
    return { links: await this.links.list(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.closeEnrolmentLink)
  async close(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.closeEnrolmentLink>): Promise<void> {
    await this.links.close(personOf(caller).person_id, params.link_id);
  }

  @Endpoint(ROUTES.takeEnrolmentLink)
  async use(@Input() { body }: InputOf<typeof ROUTES.takeEnrolmentLink>): Promise<Answer<typeof ROUTES.takeEnrolmentLink>> {
    const { code, expires_at } = await this.links.use(body.code);
    return { code, expires_at: expires_at.toISOString() };
  }
}
