import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { CorrectionsService } from './corrections.service.js';
import { ObjectionsService } from './objections.service.js';

@Controller()
export class ObjectionsController {
  constructor(
    private readonly objections: ObjectionsService,
    private readonly corrections: CorrectionsService,
  ) {}

  @Endpoint(ROUTES.object)
  object(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { params, body }: InputOf<typeof ROUTES.object>,
  ): Promise<Answer<typeof ROUTES.object>> {
    const scope = { job_id: params.job_id, lease_id: body.lease_id ?? null, tasks: body.tasks };
    return this.objections.raise(personOf(caller).person_id, key, scope, body.reason);
  }

  @Endpoint(ROUTES.listObjections)
  async list(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listObjections>,
  ): Promise<Answer<typeof ROUTES.listObjections>> {
    return { objections: await this.objections.list(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.listAllObjections)
  async listAll(@Input() { query }: InputOf<typeof ROUTES.listAllObjections>): Promise<Answer<typeof ROUTES.listAllObjections>> {
    return { objections: await this.objections.listAll(query) };
  }

  @Endpoint(ROUTES.decideObjection)
  decide(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.decideObjection>,
  ): Promise<Answer<typeof ROUTES.decideObjection>> {
    return this.objections.decide({
      objection_id: params.objection_id,
      outcome: body.outcome,
      ...(body.refund_micro !== undefined && { refund: BigInt(body.refund_micro) }),
      as: 'admin',
      by: personOf(caller).person_id,
      code: 'decided_by_admin',
      sentence: body.reason,
    });
  }

  @Endpoint(ROUTES.correct)
  async correct(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.correct>): Promise<Answer<typeof ROUTES.correct>> {
    const { refunded, clawed_back, debt } = await this.corrections.correct({ ...body, ordered_by: personOf(caller).person_id });
    return { refunded_micro: String(refunded), clawed_back_micro: String(clawed_back), debt_micro: String(debt) };
  }
}
