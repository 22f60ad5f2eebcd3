import { Stripe } from 'stripe';

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
  /** Of connected accounts, or of the platform itself. */
  readonly connect: boolean;
}

const RETRIES = 20;
const RETRY_MS = 100;

/** Sends events with the signature that Stripe would give them. */
export class Webhooks {
  readonly targets: WebhookTarget[] = [];
  /** Deliver as soon as something happens. Switched off, events wait for `deliver`. */
  automatic = true;
  private readonly under_way = new Set<Promise<unknown>>();

  onEvent(event: Stripe.Event): void {
    if (this.automatic) this.track(this.deliver(event));
  }

  /** Sends an event once to each endpoint that is meant for it; what is not answered with success is sent again, as Stripe does. */
  async deliver(event: Stripe.Event): Promise<void> {
    for (const target of this.targets) if (target.connect === (event.account !== undefined)) await this.untilAccepted(target, event);
  }

  /** One attempt. @returns the status that was answered. */
  async send(
    target: WebhookTarget,
    event: Stripe.Event,
    more: { secret?: string; timestamp?: number; body?: string } = {},
  ): Promise<number> {
    const payload = JSON.stringify(event);
    const signature = Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: more.secret ?? target.secret,
      ...(more.timestamp !== undefined && { timestamp: more.timestamp }),
    });
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
    const response = await fetch(target.url, { method: 'POST', headers, body: more.body ?? payload });
    await response.arrayBuffer();
    return response.status;
  }

  /** Waits for what is being delivered. */
  async settled(): Promise<void> {
    while (this.under_way.size > 0) await Promise.allSettled(this.under_way);
  }

  private async untilAccepted(target: WebhookTarget, event: Stripe.Event): Promise<void> {
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      const status = await this.send(target, event).catch(() => 0);
      if (status >= 200 && status < 300) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.finally(() => this.under_way.delete(tracked));
    this.under_way.add(tracked);
    tracked.catch(() => {});
  }
}
