import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdleService } from './idle.service.js';

@Controller()
export class IdleController {
  constructor(private readonly idle: IdleService) {}

  @Endpoint(ROUTES.listIdle)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listIdle>> {
    return { idle: await this.idle.of(personOf(caller).person_id) };
  }
}
