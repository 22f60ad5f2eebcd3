import { Controller, Headers } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { HeapError } from '#units';
import { type Answer, Endpoint } from '../http/endpoint.js';
import { Input, type InputOf } from '../http/input.js';
import type { WebhookEndpoint } from '../provider/money-provider.js';
import { ProviderFailure } from '../provider/provider-failure.js';
import { Inbox } from './inbox.service.js';

@Controller()
export class InboxController {
  constructor(private readonly inbox: Inbox) {}

  @Endpoint(ROUTES.stripePlatformWebhook)
  platform(
    @Input() { body }: InputOf<typeof ROUTES.stripePlatformWebhook>,
    @Headers('stripe-signature') signature?: string,
  ): Promise<Answer<typeof ROUTES.stripePlatformWebhook>> {
    return this.receive('platform', body, signature);
  }

  @Endpoint(ROUTES.stripeConnectWebhook)
  connect(
    @Input() { body }: InputOf<typeof ROUTES.stripeConnectWebhook>,
    @Headers('stripe-signature') signature?: string,
  ): Promise<Answer<typeof ROUTES.stripeConnectWebhook>> {
    return this.receive('connect', body, signature);
  }

  private async receive(endpoint: WebhookEndpoint, body: string, signature: string | undefined): Promise<{ received: true }> {
    try {
      await this.inbox.receive(endpoint, body, signature);
      return { received: true };
    } catch (error) {
      if (error instanceof ProviderFailure && error.outcome === 'forged')
        throw new HeapError('webhook.invalid_input', 'The signature of this webhook is not right, or it is too old.', 'provider');
      throw error;
    }
  }
}
