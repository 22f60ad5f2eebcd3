import { createHmac } from 'node:crypto';
import { verifyWebhook } from './webhook.js';

// The key, id, time and body of the example in the specification's own libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const at = 1614265330;
const body = '{"test": 2432232314}';
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const now_ms = at * 1000;
const headers = (more: Record<string, string> = {}) => ({
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': signature,
  ...more,
});
const sign = (text: string, key = secret) =>
  `v1,${createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${at}.${text}`)
    .digest('base64')}`;

test('takes what was signed with its secret, however it is given', async () => {
  for (const given of [headers(), new Headers(headers()), { ...headers(), 'webhook-signature': [signature] }])
    expect(await verifyWebhook({ secret, headers: given, body, now_ms })).toEqual({ test: 2432232314 });
  expect(await verifyWebhook({ secret, headers: headers(), body: new TextEncoder().encode(body), now_ms })).toEqual({ test: 2432232314 });
});

test('takes either of two signatures while a secret is replaced', async () => {
  const both = headers({ 'webhook-signature': `${sign(body, 'whsec_b3RoZXI=')} ${signature}` });
  expect(await verifyWebhook({ secret, headers: both, body, now_ms })).toEqual({ test: 2432232314 });
});

test.each<[string, Partial<Parameters<typeof verifyWebhook>[0]>]>([
  ['another body', { body: '{"test": 1}' }],
  ['another secret', { secret: 'whsec_b3RoZXI=' }],
  ['another id', { headers: headers({ 'webhook-id': 'msg_2' }) }],
  ['another time', { headers: headers({ 'webhook-timestamp': String(at + 1) }) }],
  ['too old', { now_ms: now_ms + 301_000 }],
  ['from the future', { now_ms: now_ms - 301_000 }],
  ['no headers', { headers: {} }],
  ['a signature of another kind only', { headers: headers({ 'webhook-signature': signature.replace('v1,', 'v1a,') }) }],
  ['no base64', { headers: headers({ 'webhook-signature': 'v1,***' }) }],
])('refuses %s', async (_, wrong) => {
  await expect(verifyWebhook({ secret, headers: headers(), body, now_ms, ...wrong })).rejects.toMatchObject({ code: 'webhook_forged' });
});

test('says so of a secret that is none', async () => {
  await expect(verifyWebhook({ secret: 'whsec_***', headers: headers(), body, now_ms })).rejects.toMatchObject({ code: 'invalid_input' });
});
