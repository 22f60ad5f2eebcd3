import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { RoundsService } from './rounds.service.js';

@Controller()
export class AuctionsController {
  constructor(private readonly rounds: RoundsService) {}

  @Endpoint(ROUTES.estimate)
  estimate(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.estimate>): Promise<Answer<typeof ROUTES.estimate>> {
    return this.rounds.estimate(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.getRound)
  round(@Input() { params }: InputOf<typeof ROUTES.getRound>): Promise<Answer<typeof ROUTES.getRound>> {
    return this.rounds.receipt(params.round_id);
  }
}
