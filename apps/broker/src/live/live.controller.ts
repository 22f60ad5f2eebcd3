import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { LiveTickets } from './tickets.service.js';

@Controller()
export class LiveController {
  constructor(private readonly tickets: LiveTickets) {}

  @Endpoint(ROUTES.createLiveTicket)
  async create(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.createLiveTicket>> {
    const { ticket, expires_at } = await this.tickets.create(personOf(caller));
    return { ticket, expires_at: expires_at.toISOString() };
  }
}
