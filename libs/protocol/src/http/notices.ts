import * as z from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { NOTICE_KIND_NAMES } from '../notices/catalogue.js';
import { NOTICE_CHANNELS, NOTICE_GROUP_NAMES, NOTICE_SEVERITIES } from '../notices/kind.js';
import { id, instant, text } from '../scalars.js';
import { route } from './route.js';

const minute = z
  .number()
  .int()
  .min(0)
  .max(24 * 60 - 1);

export const notice = z.object({
  notice_id: id,
  kind: z.enum(NOTICE_KIND_NAMES),
  group: z.enum(NOTICE_GROUP_NAMES),
  severity: z.enum(NOTICE_SEVERITIES),
  title: z.string(),
  sentence: z.string(),
  /** A path of the console. */
  link: z.string(),
  /** What the sentences are made of. */
  params: z.record(z.string(), z.unknown()),
  created_at: instant,
  read_at: instant.nullable(),
});

const choice = z.strictObject({ group: z.enum(NOTICE_GROUP_NAMES), channel: z.enum(NOTICE_CHANNELS), on: z.boolean() });
/** Minutes since midnight in `time_zone`; from 22:00 until 7:00 is 1320 until 420. */
const quietHours = z.strictObject({
  from_minute: minute,
  until_minute: minute,
  time_zone: text(64).refine(isTimeZone, 'name a time zone as IANA does: Europe/Berlin'),
});

export const noticeChoices = z.object({
  groups: z.array(
    z.object({
      group: z.enum(NOTICE_GROUP_NAMES),
      title: z.string(),
      /** The titles of what belongs to it, as examples. */
      kinds: z.array(z.enum(NOTICE_KIND_NAMES)),
      channels: z.array(
        z.object({
          channel: z.enum(NOTICE_CHANNELS),
          on: z.boolean(),
          /** It cannot be switched off. */
          fixed: z.boolean(),
        }),
      ),
    }),
  ),
  quiet_hours: quietHours.nullable(),
  email: z.object({
    address: z.string(),
    confirmed: z.boolean(),
    /** Why no e-mail can go there; null when it can. */
    reason: z.object({ code: z.string(), sentence: z.string() }).nullable(),
  }),
  push: z.object({
    /** Of the heap's key for web push: what a browser subscribes with, in base64url. */
    public_key: z.string(),
    browsers: z.array(z.object({ push_id: id, name: z.string(), created_at: instant, last_sent_at: instant.nullable() })),
  }),
});

const cursor = z.strictObject({
  before: id.optional(),
  unread: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20),
});

export const noticeRoutes = {
  listNotices: route({
    method: 'GET',
    path: '/v1/notices',
    summary: 'What the heap has to tell the caller, newest first',
    access: 'person',
    status: 200,
    query: cursor,
    response: z.object({
      notices: z.array(notice),
      unread: z.number().int(),
      /** Goes on with `before`; null at the end. */
      next: id.nullable(),
    }),
  }),
  readNotices: route({
    method: 'POST',
    path: '/v1/notices/read',
    summary: 'Mark notices as read: these, or all up to and with one',
    access: 'person',
    status: 200,
    body: z
      .strictObject({ notice_ids: z.array(id).max(HTTP_LIMITS.array_items).optional(), up_to: id.optional() })
      .refine((body) => (body.notice_ids === undefined) !== (body.up_to === undefined), 'give either notice_ids or up_to'),
    response: z.object({ unread: z.number().int() }),
  }),
  noticeChoices: route({
    method: 'GET',
    path: '/v1/notices/choices',
    summary: 'Which notices reach the caller by which channels',
    access: 'person',
    status: 200,
    response: noticeChoices,
  }),
  chooseNotices: route({
    method: 'PUT',
    path: '/v1/notices/choices',
    summary: 'Choose channels for groups of notices, and quiet hours for push (null: none). What is not named stays',
    access: 'person',
    status: 200,
    body: z.strictObject({ choices: z.array(choice).max(100).default([]), quiet_hours: quietHours.nullable().optional() }),
    response: noticeChoices,
  }),
  askToConfirmAddress: route({
    method: 'POST',
    path: '/v1/notices/address',
    summary: "Send a link to the caller's address that confirms it: before that only notices about security go there",
    access: 'person',
    status: 202,
    response: z.object({ address: z.string() }),
  }),
  confirmAddress: route({
    method: 'POST',
    path: '/v1/notices/address/confirmation',
    summary: 'Confirm an address with the token of the link that was sent there',
    access: 'public',
    status: 200,
    body: z.strictObject({ token: text(512) }),
    response: z.object({ address: z.string() }),
  }),
  unsubscribe: route({
    method: 'POST',
    path: '/v1/notices/unsubscribe',
    summary: 'Switch e-mail off for one group of notices with the token of a mail (RFC 8058: one click)',
    access: 'public',
    status: 200,
    query: z.strictObject({ token: text(512) }),
    body: 'form',
    response: z.object({ group: z.enum(NOTICE_GROUP_NAMES), title: z.string() }),
  }),
  subscribeToPush: route({
    method: 'POST',
    path: '/v1/notices/push',
    summary: "Have notices pushed to this browser: what its PushManager's subscription says",
    access: 'person',
    status: 201,
    body: z.strictObject({
      endpoint: z.url({ protocol: /^https?$/ }).max(2048),
      p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}=?$/, 'the public key of a subscription is 65 bytes in base64url'),
      auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, 'the secret of a subscription is 16 bytes in base64url'),
      name: text(100).min(1),
    }),
    response: z.object({ push_id: id }),
  }),
  endPush: route({
    method: 'DELETE',
    path: '/v1/notices/push/:push_id',
    summary: 'Push nothing to this browser any more',
    access: 'person',
    status: 204,
    params: z.strictObject({ push_id: id }),
  }),
} as const;

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export type NoticeView = z.output<typeof notice>;
export type NoticeChoicesView = z.output<typeof noticeChoices>;
export type QuietHours = z.output<typeof quietHours>;
