import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { KeptOffersService } from './kept-offers.service.js';

@Controller()
export class KeptOffersController {
  constructor(private readonly offers: KeptOffersService) {}

  @Endpoint(ROUTES.putKeptPrice)
  async setPrice(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.putKeptPrice>): Promise<void> {
    await this.offers.setPrice(personOf(caller).person_id, params.node_id, params.market, body.price_micro);
  }
}
