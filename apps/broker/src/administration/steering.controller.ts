import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { AdminNodesService } from './admin-nodes.service.js';
import { AdminPeopleService } from './admin-people.service.js';

/** Devices and accounts: looked at, and steered with a reason. */
@Controller()
export class SteeringController {
  constructor(
    private readonly nodes: AdminNodesService,
    private readonly people: AdminPeopleService,
  ) {}

  @Endpoint(ROUTES.searchNodes)
  searchNodes(@Input() { query }: InputOf<typeof ROUTES.searchNodes>): Promise<Answer<typeof ROUTES.searchNodes>> {
    return this.nodes.search(query);
  }

  @Endpoint(ROUTES.inspectNode)
  inspectNode(@Input() { params }: InputOf<typeof ROUTES.inspectNode>): Promise<Answer<typeof ROUTES.inspectNode>> {
    return this.nodes.inspect(params.node_id);
  }

  @Endpoint(ROUTES.drainNode)
  drain(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.drainNode>,
  ): Promise<Answer<typeof ROUTES.drainNode>> {
    return this.nodes.drain(personOf(caller).person_id, params.node_id, body.reason);
  }

  @Endpoint(ROUTES.fillNode)
  fill(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.fillNode>): Promise<Answer<typeof ROUTES.fillNode>> {
    return this.nodes.fill(personOf(caller).person_id, params.node_id, body.reason);
  }

  @Endpoint(ROUTES.revokeNodeByAdmin)
  revoke(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.revokeNodeByAdmin>,
  ): Promise<Answer<typeof ROUTES.revokeNodeByAdmin>> {
    return this.nodes.revoke(personOf(caller).person_id, params.node_id, body.reason);
  }

  @Endpoint(ROUTES.searchPeople)
  searchPeople(@Input() { query }: InputOf<typeof ROUTES.searchPeople>): Promise<Answer<typeof ROUTES.searchPeople>> {
    return this.people.search(query);
  }

  @Endpoint(ROUTES.inspectPerson)
  inspectPerson(@Input() { params }: InputOf<typeof ROUTES.inspectPerson>): Promise<Answer<typeof ROUTES.inspectPerson>> {
    return this.people.inspect(params.person_id);
  }

  @Endpoint(ROUTES.suspendPerson)
  suspend(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.suspendPerson>,
  ): Promise<Answer<typeof ROUTES.suspendPerson>> {
    return this.people.suspend(personOf(caller), params.person_id, body);
  }

  @Endpoint(ROUTES.reinstatePerson)
  reinstate(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.reinstatePerson>,
  ): Promise<Answer<typeof ROUTES.reinstatePerson>> {
    return this.people.reinstate(personOf(caller), params.person_id, body);
  }

  @Endpoint(ROUTES.setPersonRoles)
  setRoles(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.setPersonRoles>,
  ): Promise<Answer<typeof ROUTES.setPersonRoles>> {
    return this.people.setRoles(personOf(caller), params.person_id, body);
  }

  @Endpoint(ROUTES.endPersonSessions)
  endSessions(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.endPersonSessions>,
  ): Promise<Answer<typeof ROUTES.endPersonSessions>> {
    return this.people.endSessions(personOf(caller), params.person_id, body);
  }
}
