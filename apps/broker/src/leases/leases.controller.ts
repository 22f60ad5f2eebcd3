import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OwnerLeasesService } from './owner-leases.service.js';

@Controller()
export class LeasesController {
  constructor(private readonly leases: OwnerLeasesService) {}

  @Endpoint(ROUTES.listLeases)
  async list(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listLeases>,
  ): Promise<Answer<typeof ROUTES.listLeases>> {
    return { leases: await this.leases.list(personOf(caller).person_id, query.before, query.limit) };
  }
}
