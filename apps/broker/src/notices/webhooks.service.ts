import { Injectable } from '@nestjs/common';
import type { WebhookDeliveryView, WebhookView } from '#protocol';
import { StepUp } from '../accounts/accounts.commands.js';
import { Transactions } from '../platform/database/transactions.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { newId } from '../platform/ids.js';
import { OutwardClient } from '../platform/outward/outward-client.js';
import { OutwardFailure } from '../platform/outward/outward-failure.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveriesStore, type DeliveryRow } from './deliveries.store.js';
import { FewAWhile } from './few-a-while.js';
import { NoticeKey } from './notice-key.js';
import { addressRefused, askedTooOften, deliveryUnderWay, deliveryUnknown, tooManyWebhooks, webhookUnknown } from './notices.errors.js';
import { NoticesStore } from './notices.store.js';
import { type WebhookRow, WebhooksStore } from './webhooks.store.js';

const WEBHOOKS_MAX = 20;
const ACTIVE = { code: 'active', sentence: 'Notices of its kinds are sent there.' } as const;
const SWITCHED_OFF = { code: 'switched_off', sentence: 'You switched it off.' } as const;
const ASKED = { code: 'asked_again', sentence: 'You asked for it to be sent.' } as const;

/** Webhooks of a person. */
@Injectable()
export class WebhooksService {
  /** Nobody makes the heap call somebody else's server as fast as it can. */
  private readonly sent = new FewAWhile(20, 60_000);

  constructor(
    private readonly step_up: StepUp,
    private readonly transactions: Transactions,
    private readonly outward: OutwardClient,
    private readonly store: WebhooksStore,
    private readonly notices: NoticesStore,
    private readonly log: DeliveriesStore,
    private readonly deliveries: DeliveriesService,
    private readonly key: NoticeKey,
  ) {}

  /** @throws HeapError `step_up.forbidden`, `conflict` at the limit, `webhook_address.invalid_input` where nothing may be sent. */
  async create(
    caller: PersonCaller,
    { url, kinds, password }: { url: string; kinds: readonly string[]; password?: string | undefined },
  ): Promise<{ webhook: WebhookView; secret: string }> {
    await this.step_up.assert(caller, password);
    await this.outward.check(url).catch((error: unknown) => {
      throw error instanceof OutwardFailure ? addressRefused(error.message) : error;
    });
    const id = newId();
    if (!(await this.store.insert(caller.person_id, { id, url, kinds, reason: ACTIVE }, WEBHOOKS_MAX))) throw tooManyWebhooks(WEBHOOKS_MAX);
    return { webhook: await this.get(caller.person_id, id), secret: this.key.webhookSecret(id, 1) };
  }

  async list(person_id: string): Promise<WebhookView[]> {
    return (await this.store.list(person_id)).map(viewOf);
  }

  async change(
    person_id: string,
    id: string,
    { kinds, active }: { kinds?: readonly string[] | undefined; active?: boolean | undefined },
  ): Promise<WebhookView> {
    if (kinds) await this.store.setKinds(person_id, id, kinds);
    if (active === true) await this.store.setState(person_id, id, 'ACTIVE', ACTIVE);
    if (active === false) await this.store.setState(person_id, id, 'DISABLED', SWITCHED_OFF);
    return this.get(person_id, id);
  }

  async delete(person_id: string, id: string): Promise<void> {
    if (!(await this.store.delete(person_id, id))) throw webhookUnknown();
  }

  async rotate(caller: PersonCaller, id: string, password: string | undefined): Promise<{ webhook: WebhookView; secret: string }> {
    await this.get(caller.person_id, id);
    await this.step_up.assert(caller, password);
    const generation = await this.store.rotate(caller.person_id, id);
    if (generation === null) throw webhookUnknown();
    return { webhook: await this.get(caller.person_id, id), secret: this.key.webhookSecret(id, generation) };
  }

  /** Also of one that is switched off: to see whether it works again. */
  async test(person_id: string, webhook_id: string): Promise<WebhookDeliveryView> {
    await this.get(person_id, webhook_id);
    this.assertSeldom(person_id);
    const [notice_id, id] = [newId(), newId()];
    await this.transactions.run(async (tx) => {
      await this.notices.insert(tx, [
        { id: notice_id, person_id, kind: 'webhook.test', cause: `test:${notice_id}`, params: {}, shown: false },
      ]);
      const to = { id, notice_id, person_id, channel: 'webhook' as const, webhook_id, push_id: null };
      await this.log.insert(tx, [{ ...to, grouped: false, reason: ASKED, wait_ms: 0 }]);
    });
    await this.deliveries.sendNow(id);
    return this.delivery(webhook_id, id);
  }

  async listDeliveries(
    person_id: string,
    webhook_id: string,
    { before, limit }: { before?: string | undefined; limit: number },
  ): Promise<WebhookDeliveryView[]> {
    await this.get(person_id, webhook_id);
    return (await this.log.ofWebhook(webhook_id, before ?? null, limit)).map(deliveryView);
  }

  async redeliver(person_id: string, webhook_id: string, id: string): Promise<WebhookDeliveryView> {
    await this.get(person_id, webhook_id);
    await this.delivery(webhook_id, id);
    this.assertSeldom(person_id);
    if (!(await this.log.again(webhook_id, id, ASKED))) throw deliveryUnderWay();
    await this.deliveries.sendNow(id);
    return this.delivery(webhook_id, id);
  }

  private assertSeldom(person_id: string): void {
    if (!this.sent.take(person_id)) throw askedTooOften();
  }

  private async get(person_id: string, id: string): Promise<WebhookView> {
    const row = await this.store.find(person_id, id);
    if (!row) throw webhookUnknown();
    return viewOf(row);
  }

  private async delivery(webhook_id: string, id: string): Promise<WebhookDeliveryView> {
    const row = await this.log.one(webhook_id, id);
    if (!row) throw deliveryUnknown();
    return deliveryView(row);
  }
}

const viewOf = ({ id, url, kinds, state, reason_code, reason, old_until, created_at }: WebhookRow): WebhookView => ({
  webhook_id: id,
  url,
  kinds,
  state,
  reason: { code: reason_code, sentence: reason },
  old_secret_until: old_until?.toISOString() ?? null,
  created_at: created_at.toISOString(),
});

const deliveryView = ({ id, reason_code, reason, next_at, created_at, sent_at, ...row }: DeliveryRow): WebhookDeliveryView => ({
  delivery_id: id,
  ...row,
  reason: { code: reason_code, sentence: reason },
  next_at: row.state === 'PENDING' ? next_at.toISOString() : null,
  created_at: created_at.toISOString(),
  sent_at: sent_at?.toISOString() ?? null,
});
