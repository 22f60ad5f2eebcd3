import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OrdersService } from './orders.service.js';
import { RetriesService } from './retries.service.js';

@Controller()
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly retries: RetriesService,
  ) {}

  @Endpoint(ROUTES.placeJob)
  place(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.placeJob>,
  ): Promise<Answer<typeof ROUTES.placeJob>> {
    return this.orders.place(personOf(caller).person_id, key, body);
  }

  @Endpoint(ROUTES.listJobs)
  async list(@CallerParam() caller: Caller, @Input() { query }: InputOf<typeof ROUTES.listJobs>): Promise<Answer<typeof ROUTES.listJobs>> {
    return { jobs: await this.orders.list(personOf(caller).person_id, query) };
  }

  @Endpoint(ROUTES.getJob)
  get(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getJob>): Promise<Answer<typeof ROUTES.getJob>> {
    return this.orders.get(personOf(caller).person_id, params.job_id);
  }

  @Endpoint(ROUTES.addTasks)
  async addTasks(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.addTasks>,
  ): Promise<Answer<typeof ROUTES.addTasks>> {
    return { total: await this.orders.addTasks(personOf(caller).person_id, params.job_id, body.first_index, body.inputs) };
  }

  @Endpoint(ROUTES.closeJob)
  close(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.closeJob>): Promise<Answer<typeof ROUTES.closeJob>> {
    return this.orders.close(personOf(caller).person_id, params.job_id);
  }

  @Endpoint(ROUTES.cancelJob)
  cancel(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.cancelJob>): Promise<Answer<typeof ROUTES.cancelJob>> {
    return this.orders.cancel(personOf(caller).person_id, params.job_id);
  }

  @Endpoint(ROUTES.retryTasks)
  retry(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { params, body }: InputOf<typeof ROUTES.retryTasks>,
  ): Promise<Answer<typeof ROUTES.retryTasks>> {
    return this.retries.retry(personOf(caller).person_id, key, params.job_id, body);
  }
}
