import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { ModulesService } from './modules.service.js';

/** Code and large inputs and outputs, by content hash. */
@Controller()
export class ModulesController {
  constructor(private readonly modules: ModulesService) {}

  @Endpoint(ROUTES.putModule)
  putModule(
    @CallerParam() caller: Caller,
    @Input() { query, body }: InputOf<typeof ROUTES.putModule>,
  ): Promise<Answer<typeof ROUTES.putModule>> {
    return this.modules.put(personOf(caller).person_id, query.kind, body);
  }

  @Endpoint(ROUTES.listModules)
  async listModules(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listModules>> {
    return { modules: await this.modules.list(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.getModule)
  getModule(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getModule>,
  ): Promise<Answer<typeof ROUTES.getModule>> {
    return this.modules.get(personOf(caller).person_id, params.hash);
  }

  @Endpoint(ROUTES.getBlob)
  getBlob(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getBlob>): Promise<Answer<typeof ROUTES.getBlob>> {
    return this.modules.read(caller, params.hash);
  }

  @Endpoint(ROUTES.putBlob)
  async putBlob(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.putBlob>): Promise<void> {
    await this.modules.write(caller, params.hash, body);
  }
}
