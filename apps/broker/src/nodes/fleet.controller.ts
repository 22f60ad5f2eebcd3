import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { FleetService } from './fleet.service.js';
import { NodesService } from './nodes.service.js';

@Controller()
export class FleetController {
  constructor(
    private readonly nodes: NodesService,
    private readonly fleet: FleetService,
  ) {}

  @Endpoint(ROUTES.putNode)
  patch(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.putNode>): Promise<Answer<typeof ROUTES.putNode>> {
    return this.nodes.patch(personOf(caller).person_id, params.node_id, body);
  }

  @Endpoint(ROUTES.fleet)
  async do(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.fleet>): Promise<Answer<typeof ROUTES.fleet>> {
    return { results: await this.fleet.do(personOf(caller).person_id, body.node_ids, body.deed) };
  }
}
