import { type ResponseOf, ROUTES, type WebhookDeliveryView, type WebhookView } from '#protocol';
import type { HttpClient } from './http.js';

/** Something that the heap had to tell you. `link` is a path of its console. */
export type NoticeInfo = ResponseOf<typeof ROUTES.listNotices>['notices'][number];
/** By its name, as `job.done`. */
export type NoticeKind = NoticeInfo['kind'];
/** An address of yours to which notices are sent, signed. */
export type WebhookInfo = WebhookView;
/** One sending to a webhook, and what it answered. */
export type DeliveryInfo = WebhookDeliveryView;

/** What the heap tells you, and where else it shall say it. */
export class Notices {
  constructor(private readonly http: HttpClient) {}

  /** Newest first; `before` a notice's id gives the page behind it. */
  async list(page: { limit?: number; before?: string; unread?: boolean } = {}): Promise<NoticeInfo[]> {
    const query = { before: page.before, limit: page.limit ?? 20, ...(page.unread && { unread: 'true' as const }) };
    return (await this.http.call(ROUTES.listNotices, { query })).notices;
  }

  /** Marks all up to this notice as read; resolves to how many are unread after that. */
  async read(upTo: string): Promise<number> {
    return (await this.http.call(ROUTES.readNotices, { body: { up_to: upTo }, repeatable: true })).unread;
  }

  async webhooks(): Promise<WebhookInfo[]> {
    return (await this.http.call(ROUTES.listWebhooks)).webhooks;
  }

  /**
   * Has notices sent to an address, of all kinds when none is named. The secret by which `verifyWebhook` knows them is in this answer and never
   * again. @throws HeapError `step_up.forbidden` until the password is right, `webhook_address.invalid_input` where nothing may be sent
   */
  addWebhook(url: string, { kinds = [], password }: { kinds?: NoticeKind[]; password?: string } = {}) {
    return this.http.call(ROUTES.createWebhook, { body: { url, kinds, ...(password !== undefined && { password }) } });
  }

  /** Switches one off, or on again; chooses its kinds. */
  changeWebhook(webhookId: string, changes: { active?: boolean; kinds?: NoticeKind[] }): Promise<WebhookInfo> {
    return this.http.call(ROUTES.changeWebhook, { params: { webhook_id: webhookId }, body: changes, repeatable: true });
  }

  /** A new secret; for a day the old one signs as well. @throws HeapError `step_up.forbidden` until the password is right */
  renewSecret(webhookId: string, { password }: { password?: string } = {}) {
    const body = { ...(password !== undefined && { password }) };
    return this.http.call(ROUTES.rotateWebhook, { params: { webhook_id: webhookId }, body });
  }

  /** Sends a test now; resolves to what was answered. */
  testWebhook(webhookId: string): Promise<DeliveryInfo> {
    return this.http.call(ROUTES.testWebhook, { params: { webhook_id: webhookId } });
  }

  /** What was sent to it, newest first, and what it answered. */
  async deliveries(webhookId: string, page: { limit?: number; before?: string } = {}): Promise<DeliveryInfo[]> {
    const query = { before: page.before, limit: page.limit ?? 20 };
    return (await this.http.call(ROUTES.listDeliveries, { params: { webhook_id: webhookId }, query })).deliveries;
  }

  /** Sends one again, under the id it had. */
  redeliver(webhookId: string, deliveryId: string): Promise<DeliveryInfo> {
    return this.http.call(ROUTES.redeliver, { params: { webhook_id: webhookId, delivery_id: deliveryId } });
  }

  /** Sends nothing there any more; its log goes as well. */
  removeWebhook(webhookId: string): Promise<void> {
    return this.http.call(ROUTES.deleteWebhook, { params: { webhook_id: webhookId } });
  }
}
