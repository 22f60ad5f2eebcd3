import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { IdleService } from './idle.service.js';
import { ReserveAdviceService } from './reserve-advice.service.js';

@Controller()
export class IdleController {
  constructor(
    private readonly idle: IdleService,
    private readonly advice: ReserveAdviceService,
  ) {}

  @Endpoint(ROUTES.getReserveAdvice)
  reserve(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getReserveAdvice>,
  ): Promise<Answer<typeof ROUTES.getReserveAdvice>> {
    return this.advice.of(personOf(caller).person_id, params.node_id);
  }

  @Endpoint(ROUTES.listIdle)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listIdle>> {
    return { idle: await this.idle.of(personOf(caller).person_id) };
  }
}
