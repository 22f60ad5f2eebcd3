import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { WebhooksService } from './webhooks.service.js';

@Controller()
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Endpoint(ROUTES.createWebhook)
  create(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.createWebhook>,
  ): Promise<Answer<typeof ROUTES.createWebhook>> {
    return this.webhooks.create(personOf(caller), body);
  }

  @Endpoint(ROUTES.listWebhooks)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listWebhooks>> {
    return { webhooks: await this.webhooks.list(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.changeWebhook)
  change(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.changeWebhook>,
  ): Promise<Answer<typeof ROUTES.changeWebhook>> {
    return this.webhooks.change(personOf(caller).person_id, params.webhook_id, body);
  }

  @Endpoint(ROUTES.deleteWebhook)
  delete(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.deleteWebhook>): Promise<void> {
    return this.webhooks.delete(personOf(caller).person_id, params.webhook_id);
  }

  @Endpoint(ROUTES.rotateWebhook)
  rotate(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.rotateWebhook>,
  ): Promise<Answer<typeof ROUTES.rotateWebhook>> {
    return this.webhooks.rotate(personOf(caller), params.webhook_id, body.password);
  }

  @Endpoint(ROUTES.testWebhook)
  test(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.testWebhook>): Promise<Answer<typeof ROUTES.testWebhook>> {
    return this.webhooks.test(personOf(caller).person_id, params.webhook_id);
  }

  @Endpoint(ROUTES.listDeliveries)
  async deliveries(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.listDeliveries>,
  ): Promise<Answer<typeof ROUTES.listDeliveries>> {
    return { deliveries: await this.webhooks.listDeliveries(personOf(caller).person_id, params.webhook_id, query) };
  }

  @Endpoint(ROUTES.redeliver)
  redeliver(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.redeliver>,
  ): Promise<Answer<typeof ROUTES.redeliver>> {
    return this.webhooks.redeliver(personOf(caller).person_id, params.webhook_id, params.delivery_id);
  }
}
