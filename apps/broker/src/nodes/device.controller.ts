import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, nodeOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { NodesService } from './nodes.service.js';

/** For devices, about themselves. */
@Controller()
export class DeviceController {
  constructor(private readonly nodes: NodesService) {}

  @Endpoint(ROUTES.getDevice)
  get(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getDevice>> {
    return this.nodes.device(nodeOf(caller).node_id);
  }

  @Endpoint(ROUTES.putDevice)
  put(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.putDevice>): Promise<void> {
    return this.nodes.describe(nodeOf(caller).node_id, body.name, body.kind);
  }

  @Endpoint(ROUTES.leaveHeap)
  leave(@CallerParam() caller: Caller): Promise<void> {
    return this.nodes.leave(nodeOf(caller).node_id);
  }
}
