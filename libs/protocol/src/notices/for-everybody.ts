import * as z from 'zod';
import { id } from '../scalars.js';
import { deviceOf } from './device-of.js';
import { noticeKind } from './kind.js';

const ALL = ['page', 'email', 'push'] as const;
const security = { group: 'security', severity: 'urgent', by_default: ALL, grouped: false } as const;
const heap = { group: 'heap', severity: 'urgent', by_default: ALL, grouped: false } as const;
/** As operations/ found it: `code` says which of its rules, `link` the page that shows what it is made of. */
const alert = { code: z.string(), sentence: z.string(), link: z.string().startsWith('/admin') };
const NOT_YOU = 'If this was not you, change your password and end the sessions you do not know.';

export const securityNotices = {
  'security.sign_in': noticeKind({
    ...security,
    params: { device: z.string(), address: z.string() },
    title: () => 'A sign-in from a new device',
    sentence: (p) =>
      `Somebody signed in to your account with ${deviceOf(p.device)}${p.address === '' ? '' : ` from ${p.address}`}. ${NOT_YOU}`,
    link: () => '/account/security',
  }),
  'security.credentials': noticeKind({
    ...security,
    params: {},
    title: () => 'How you sign in was changed',
    sentence: () => `A password, passkey or the address of your account was changed. Payouts wait for a while after that. ${NOT_YOU}`,
    link: () => '/account/security',
  }),
  'security.api_key': noticeKind({
    ...security,
    params: { api_key_id: id, name: z.string() },
    title: (p) => `An API key was made: ${p.name}`,
    sentence: () => 'Programs that have it act in your name. If you did not make it, revoke it and change your password.',
    link: () => '/developer/keys',
  }),
  'security.payout_account': noticeKind({
    ...security,
    params: {},
    title: () => 'The bank account of your payouts was changed',
    sentence: () => `Payouts wait for a while after that, so that you can object. ${NOT_YOU}`,
    link: () => '/owner/payouts',
  }),
} as const;

export const webhookNotices = {
  'webhook.disabled': noticeKind({
    group: 'webhooks',
    severity: 'warning',
    by_default: ['page', 'email'],
    grouped: false,
    params: { webhook_id: id, host: z.string(), sentence: z.string() },
    title: (p) => `Your webhook to ${p.host} was switched off`,
    sentence: (p) => `${p.sentence} Mend it, then switch it on again; notices that were not delivered are in its log.`,
    link: () => '/account/webhooks',
  }),
  'webhook.test': noticeKind({
    group: 'webhooks',
    severity: 'info',
    by_default: [],
    grouped: false,
    params: {},
    title: () => 'A test',
    sentence: () => 'You asked for this notice to see whether your webhook takes it.',
    link: () => '/account/webhooks',
  }),
} as const;

export const adminNotices = {
  'heap.alarm': noticeKind({
    ...heap,
    params: alert,
    title: () => 'Something is wrong with the heap',
    sentence: (p) => p.sentence,
    link: (p) => p.link,
  }),
  'heap.warning': noticeKind({
    ...heap,
    severity: 'warning',
    by_default: ['page', 'email'],
    params: alert,
    title: () => 'Look at this in the heap',
    sentence: (p) => p.sentence,
    link: (p) => p.link,
  }),
  'heap.journal_waits': noticeKind({
    ...heap,
    severity: 'warning',
    by_default: ['page', 'email'],
    params: { manual_id: id, reason: z.string() },
    title: () => 'A journal by hand waits for a second admin',
    sentence: (p) => `Its reason: ${p.reason}`,
    link: () => '/admin/money',
  }),
} as const;
