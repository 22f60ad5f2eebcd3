import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { HeapKey } from '../platform/heap-key.js';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { EnrolmentService } from './enrolment.service.js';
import { joinLink } from './join-link.js';
import { NodesService } from './nodes.service.js';

const SOCKET_PATH = '/v1/socket';

@Controller()
export class NodesController {
  constructor(
    private readonly address: OwnAddress,
    private readonly enrolment: EnrolmentService,
    private readonly nodes: NodesService,
    private readonly key: HeapKey,
  ) {}

  @Endpoint(ROUTES.createEnrolmentCode)
  async createCode(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.createEnrolmentCode>,
  ): Promise<Answer<typeof ROUTES.createEnrolmentCode>> {
    const { code, expires_at } = await this.enrolment.createCode(personOf(caller).person_id, body.partner);
    const url = this.address.url();
    return { code, expires_at: expires_at.toISOString(), command: `npx heap agent ${code} --url ${url}`, ...joinLink(url, code) };
  }

  @Endpoint(ROUTES.enrolNode)
  async enrol(@Input() { body }: InputOf<typeof ROUTES.enrolNode>): Promise<Answer<typeof ROUTES.enrolNode>> {
    return { node_id: await this.enrolment.enrol(body), heap_public_key: this.key.public_key, socket_path: SOCKET_PATH };
  }

  @Endpoint(ROUTES.listNodes)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listNodes>> {
    return { nodes: await this.nodes.list(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.getNode)
  async get(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getNode>): Promise<Answer<typeof ROUTES.getNode>> {
    return this.nodes.get(personOf(caller).person_id, params.node_id);
  }

  @Endpoint(ROUTES.revokeNode)
  async revoke(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.revokeNode>): Promise<void> {
    await this.nodes.revoke(personOf(caller).person_id, params.node_id);
  }
}
