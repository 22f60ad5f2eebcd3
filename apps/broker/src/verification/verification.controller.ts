import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { ViewsService } from './views.service.js';

@Controller()
export class VerificationController {
  constructor(private readonly views: ViewsService) {}

  @Endpoint(ROUTES.listLevels)
  levels(): Answer<typeof ROUTES.listLevels> {
    return this.views.levels();
  }

  @Endpoint(ROUTES.getJobVerification)
  job(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getJobVerification>,
  ): Promise<Answer<typeof ROUTES.getJobVerification>> {
    return this.views.job(personOf(caller).person_id, params.job_id);
  }

  @Endpoint(ROUTES.getReputation)
  reputation(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getReputation>,
  ): Promise<Answer<typeof ROUTES.getReputation>> {
    return this.views.reputation(personOf(caller).person_id, params.node_id);
  }

  @Endpoint(ROUTES.listPenalties)
  async penalties(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listPenalties>,
  ): Promise<Answer<typeof ROUTES.listPenalties>> {
    return { penalties: await this.views.ofOwner(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.appealPenalty)
  appeal(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.appealPenalty>,
  ): Promise<Answer<typeof ROUTES.appealPenalty>> {
    return this.views.appeal(personOf(caller).person_id, params.penalty_id, body.reason);
  }

  @Endpoint(ROUTES.listAllPenalties)
  async allPenalties(@Input() { query }: InputOf<typeof ROUTES.listAllPenalties>): Promise<Answer<typeof ROUTES.listAllPenalties>> {
    return { penalties: await this.views.all(query) };
  }

  @Endpoint(ROUTES.listSuspects)
  suspects(): Promise<Answer<typeof ROUTES.listSuspects>> {
    return this.views.suspects();
  }

  @Endpoint(ROUTES.banNode)
  ban(@CallerParam() caller: Caller, @Input() { params, body }: InputOf<typeof ROUTES.banNode>): Promise<Answer<typeof ROUTES.banNode>> {
    return this.views.ban(personOf(caller).person_id, params.node_id, body.reason);
  }

  @Endpoint(ROUTES.liftPenalty)
  lift(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.liftPenalty>,
  ): Promise<Answer<typeof ROUTES.liftPenalty>> {
    return this.views.lift(personOf(caller).person_id, params.penalty_id, body.reason, body.pay_back);
  }
}
