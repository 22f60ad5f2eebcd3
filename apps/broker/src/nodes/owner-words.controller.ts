import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OwnerWordsService } from './owner-words.service.js';

type ForNode = InputOf<typeof ROUTES.getNodeRules>;

@Controller()
export class OwnerWordsController {
  constructor(private readonly words: OwnerWordsService) {}

  @Endpoint(ROUTES.getNewDeviceRules)
  async getNew(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.getNewDeviceRules>> {
    return { rules: await this.words.getNew(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.putNewDeviceRules)
  async putNew(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.putNewDeviceRules>,
  ): Promise<Answer<typeof ROUTES.putNewDeviceRules>> {
    await this.words.setNew(personOf(caller).person_id, body.rules);
    return body;
  }

  @Endpoint(ROUTES.getNodeRules)
  get(@CallerParam() caller: Caller, @Input() { params }: ForNode): Promise<Answer<typeof ROUTES.getNodeRules>> {
    return this.words.get(personOf(caller).person_id, params.node_id);
  }

  @Endpoint(ROUTES.putNodeRules)
  put(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.putNodeRules>,
  ): Promise<Answer<typeof ROUTES.putNodeRules>> {
    return this.words.setRules(personOf(caller).person_id, params.node_id, body.rules);
  }

  @Endpoint(ROUTES.holdNode)
  hold(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.holdNode>): Promise<Answer<typeof ROUTES.holdNode>> {
    return this.words.hold(personOf(caller).person_id, params.node_id, body.for_ms);
  }

  @Endpoint(ROUTES.releaseNode)
  release(@CallerParam() caller: Caller, @Input() { params }: ForNode): Promise<Answer<typeof ROUTES.releaseNode>> {
    return this.words.hold(personOf(caller).person_id, params.node_id, undefined);
  }

  @Endpoint(ROUTES.listYields)
  yields(@CallerParam() caller: Caller, @Input() { params }: ForNode): Promise<Answer<typeof ROUTES.listYields>> {
    return this.words.yields(personOf(caller).person_id, params.node_id);
  }

  @Endpoint(ROUTES.listReadings)
  readings(@CallerParam() caller: Caller, @Input() { params }: ForNode): Promise<Answer<typeof ROUTES.listReadings>> {
    return this.words.readings(personOf(caller).person_id, params.node_id);
  }
}
