import * as z from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { NOTICE_KIND_NAMES } from '../notices/catalogue.js';
import { code, id, instant } from '../scalars.js';
import { route } from './route.js';

export const DELIVERY_STATES = ['PENDING', 'SENT', 'FAILED'] as const;
const password = z.string().min(1).max(1024).optional();
const target = z.url({ protocol: /^https?$/, error: 'write a whole address: https://example.org/hook' }).max(2048);
/** Empty: every kind. */
const kinds = z.array(z.enum(NOTICE_KIND_NAMES)).max(NOTICE_KIND_NAMES.length);

export const webhook = z.object({
  webhook_id: id,
  url: z.string(),
  kinds,
  state: z.enum(['ACTIVE', 'DISABLED']),
  reason: z.object({ code, sentence: z.string() }),
  /** Until then what is sent is signed with the secret before the last rotation as well. */
  old_secret_until: instant.nullable(),
  created_at: instant,
});

export const webhookDelivery = z.object({
  delivery_id: id,
  /** The `webhook-id` it is sent with, however often. */
  notice_id: id,
  kind: z.enum(NOTICE_KIND_NAMES),
  state: z.enum(DELIVERY_STATES),
  reason: z.object({ code, sentence: z.string() }),
  attempts: z.number().int(),
  /** When it is tried again. */
  next_at: instant.nullable(),
  created_at: instant,
  sent_at: instant.nullable(),
  response_status: z.number().int().nullable(),
  /** The first bytes of what was answered. */
  response_start: z.string().nullable(),
});

const params = z.strictObject({ webhook_id: id });
const withSecret = z.object({ webhook, secret: z.string() });

export const webhookRoutes = {
  createWebhook: route({
    method: 'POST',
    path: '/v1/notices/webhooks',
    summary: 'Have notices sent to an address of yours; its secret is in this answer and never again. Takes your password again',
    access: 'person',
    status: 201,
    body: z.strictObject({ url: target, kinds: kinds.default([]), password }),
    response: withSecret,
  }),
  listWebhooks: route({
    method: 'GET',
    path: '/v1/notices/webhooks',
    summary: 'The webhooks of the caller',
    access: 'person',
    status: 200,
    response: z.object({ webhooks: z.array(webhook) }),
  }),
  changeWebhook: route({
    method: 'PUT',
    path: '/v1/notices/webhooks/:webhook_id',
    summary: 'Choose the kinds of a webhook, and switch it off or on again',
    access: 'person',
    status: 200,
    params,
    body: z.strictObject({ kinds: kinds.optional(), active: z.boolean().optional() }),
    response: webhook,
  }),
  deleteWebhook: route({
    method: 'DELETE',
    path: '/v1/notices/webhooks/:webhook_id',
    summary: 'Send nothing there any more; its log goes as well',
    access: 'person',
    status: 204,
    params,
  }),
  rotateWebhook: route({
    method: 'POST',
    path: '/v1/notices/webhooks/:webhook_id/secret',
    summary: 'A new secret for a webhook; for a day the old one signs as well. Takes your password again',
    access: 'person',
    status: 200,
    params,
    body: z.strictObject({ password }),
    response: withSecret,
  }),
  testWebhook: route({
    method: 'POST',
    path: '/v1/notices/webhooks/:webhook_id/test',
    summary: 'Send a test now and say what was answered',
    access: 'person',
    status: 200,
    params,
    response: webhookDelivery,
  }),
  listDeliveries: route({
    method: 'GET',
    path: '/v1/notices/webhooks/:webhook_id/deliveries',
    summary: 'What was sent to a webhook and what it answered, newest first',
    access: 'person',
    status: 200,
    params,
    query: z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) }),
    response: z.object({ deliveries: z.array(webhookDelivery) }),
  }),
  redeliver: route({
    method: 'POST',
    path: '/v1/notices/webhooks/:webhook_id/deliveries/:delivery_id',
    summary: 'Send one again, under the id it had',
    access: 'person',
    status: 200,
    params: z.strictObject({ webhook_id: id, delivery_id: id }),
    response: webhookDelivery,
  }),
} as const;

/** What a webhook is sent. */
export interface WebhookPayload {
  /** The kind of the notice. */
  type: (typeof NOTICE_KIND_NAMES)[number];
  /** When the notice was written. */
  timestamp: string;
  data: {
    notice_id: string;
    title: string;
    sentence: string;
    severity: string;
    /** A page of the console. */
    url: string;
    params: Record<string, unknown>;
  };
}
export type WebhookView = z.output<typeof webhook>;
export type WebhookDeliveryView = z.output<typeof webhookDelivery>;
