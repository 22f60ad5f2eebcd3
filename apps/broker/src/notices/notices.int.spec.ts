import { randomUUID } from 'node:crypto';
import { call, signUp } from '../../../../test/support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { PushService } from '../../../../test/support/push-service.js';
import { WebhookReceiver } from '../../../../test/support/webhook-receiver.js';
import { MailCatcher } from '../platform/mail/mail-catcher.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveriesStore } from './deliveries.store.js';
import { WatchesService } from './watches.service.js';

let broker: TestBroker;
let ada: TestPerson;
let bob: TestPerson;
let receiver: WebhookReceiver;
let push: PushService;
beforeAll(async () => {
  // What looks and sends is called here by hand: without the role `worker` nothing does by itself.
  broker = await startBroker({ HEAP_ROLES: 'api,gateway,market', HEAP_OUTWARD_ALLOWED: '127.0.0.1' });
  await broker.sql(`INSERT INTO notice_watch (name, began_at, looked_at) SELECT name, now() - interval '1 hour', now() - interval '1 hour'
                    FROM unnest(ARRAY['sign_ins', 'credentials', 'api_keys', 'payout_accounts', 'webhooks', 'devices_lost', 'devices_back', 'devices_hot', 'penalties',
                      'first_earnings', 'released', 'threshold', 'payouts', 'objections_to_work', 'jobs_over', 'jobs_waiting', 'reservations', 'volumes', 'objections', 'deposits',
                      'funds', 'alerts', 'journals_by_hand']) AS name`);
  // One after the other: the first person of a heap is its admin, and Bob must be none.
  ada = await broker.person({ name: 'Ada' });
  bob = await broker.person({ name: 'Bob' });
  [receiver, push] = await Promise.all([WebhookReceiver.start(), PushService.start()]);
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.status = 200;
  push.pushed.length = 0;
  push.status = 201;
});
afterAll(async () => {
  receiver?.close();
  push?.close();
  await broker?.close();
});

const look = () => broker.app.get(WatchesService).look({ all: true });
const drain = () => broker.app.get(DeliveriesService).drain();
const feed = async (person: TestPerson, query = '') => (await person.call('GET', `/v1/notices${query}`)).body;
const kinds = async (person: TestPerson) => (await feed(person, '?limit=100')).notices.map(({ kind }: { kind: string }) => kind);
const due = () => broker.sql(`UPDATE notice_delivery SET next_at = now() WHERE state = 'PENDING'`);
const confirmed = ({ person_id }: TestPerson) => broker.sql('UPDATE person SET email_verified = true WHERE id = $1', [person_id]);
const choose = (person: TestPerson, ...choices: [group: string, channel: string, on: boolean][]) =>
  person.call('PUT', '/v1/notices/choices', { choices: choices.map(([group, channel, on]) => ({ group, channel, on })) });
const mailsTo = async (address: string) => {
  const catcher = broker.app.get(MailCatcher);
  const mails = await Promise.all((await catcher.list()).map((name) => catcher.read(name)));
  return mails.filter((mail) => mail?.to?.some((to) => to.address === address));
};
/** Something that happens to somebody: a payment that a bank disputes. */
async function disputed(person: TestPerson): Promise<string> {
  const id = randomUUID();
  await broker.sql(
    `INSERT INTO payment_dispute (id, dispute_ref, deposit_id, person_id, amount, unspent) VALUES ($1, $2, $3, $4, 1500000, 0)`,
    [id, `dp_${id}`, randomUUID(), person.person_id],
  );
  return id;
}
/** The end of a job, as far as notices look. */
async function jobEnds(person: TestPerson, state = 'DONE', code = 'all_tasks_done', failed = 0): Promise<string> {
  const id = randomUUID();
  await broker.sql(
    `INSERT INTO job (id, person_id, name, state, reason_code, reason_sentence, module_hash, codec, slot_class, slots, max_price_micro, budget_micro, fuel_limit,
       output_bytes_limit, wall_ms_limit, args, max_attempts, open, idempotency_key, request_hash, total, done, failed, finished_at)
     VALUES ($1, $2, 'primes', $3::job_state, $4, 'It is over.', 'x', 'json', 'nano', 1, 1, 1, 1, 1, 1, '{}', 1, false, $6, 'x', 1, 1 - $5::int, $5::int, now())`,
    [id, person.person_id, state, code, failed, id],
  );
  return id;
}

describe('the feed', () => {
  test('tells each cause once, newest first, to its person only, and counts what is unread', async () => {
    await look();
    const before = await feed(ada);
    expect(before.notices.map(({ kind }: { kind: string }) => kind)).toEqual(
      expect.arrayContaining(['security.api_key', 'deposit.arrived']),
    );
    await disputed(ada);
    await Promise.all([look(), look(), look()]);
    await look();
    const { notices, unread } = await feed(ada);
    expect(unread).toBe(before.unread + 1);
    expect(notices[0]).toMatchObject({
      kind: 'deposit.disputed',
      group: 'funds',
      severity: 'urgent',
      title: 'A payment of 1.50 USD is disputed at the bank',
      link: '/developer/balance',
      read_at: null,
    });
    expect(await kinds(bob)).not.toContain('deposit.disputed');
  });

  test('goes on page by page, and is read one by one or up to where somebody has looked', async () => {
    const { notices, next } = await feed(ada, '?limit=1');
    const second = await feed(ada, `?limit=1&before=${next}`);
    expect(second.notices[0].notice_id).not.toBe(notices[0].notice_id);
    const unread = (await feed(ada)).unread;
    const read = await ada.call('POST', '/v1/notices/read', { notice_ids: [notices[0].notice_id] });
    expect(read.body).toEqual({ unread: unread - 1 });
    expect((await bob.call('POST', '/v1/notices/read', { notice_ids: [second.notices[0].notice_id] })).status).toBe(200);
    expect((await feed(ada)).unread).toBe(unread - 1);
    expect((await ada.call('POST', '/v1/notices/read', { up_to: notices[0].notice_id })).body).toEqual({ unread: 0 });
    expect(await feed(ada, '?unread=true')).toMatchObject({ notices: [], unread: 0, next: null });
    expect((await ada.call('POST', '/v1/notices/read', {})).status).toBe(400);
  });

  test.each([
    ['DONE', 'all_tasks_done', 0, 'job.done'],
    ['DONE', 'some_tasks_failed', 1, 'job.failed'],
    ['STOPPED', 'deadline_passed', 0, 'job.failed'],
    ['STOPPED', 'budget_exhausted', 0, 'job.capped'],
  ])('of a job that is %s for %s', async (state, code, failed, kind) => {
    const id = await jobEnds(ada, state, code, failed);
    await look();
    expect((await feed(ada)).notices[0]).toMatchObject({ kind, link: `/developer/jobs/${id}` });
  });

  test('has nothing about what its person did themselves', async () => {
    await jobEnds(ada, 'CANCELLED', 'cancelled_by_developer');
    const before = await kinds(ada);
    await look();
    expect(await kinds(ada)).toEqual(before);
  });

  test('tells of a sign-in from a device that was never here, once, and of a new password', async () => {
    const eve = await signUp(broker.url, 'Eve');
    await broker.sql(`UPDATE person SET created_at = now() - interval '1 day' WHERE id = $1`, [eve.person_id]);
    await broker.sql(`UPDATE session SET created_at = now() - interval '23 hours 59 minutes 30 seconds' WHERE person_id = $1`, [
      eve.person_id,
    ]);
    const signIn = () =>
      call(broker.url, 'POST', '/api/auth/sign-in/email', {
        body: { email: eve.email, password: eve.password },
        headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
      });
    const { body } = await signIn();
    await look();
    await signIn();
    await look();
    const changed = await call(broker.url, 'POST', '/api/auth/change-password', {
      token: body.token,
      body: { currentPassword: eve.password, newPassword: 'another horse altogether' },
    });
    expect(changed.status).toBe(200);
    await look();
    const { notices } = (await call(broker.url, 'GET', '/v1/notices', { token: body.token })).body;
    expect(notices.map(({ title }: { title: string }) => title)).toEqual(['How you sign in was changed', 'A sign-in from a new device']);
    expect(notices[1].sentence).toContain('Firefox on Linux');
  });

  test('tells admins what is wrong with the heap, and the second of two admins what waits for them', async () => {
    const roles = ['admin'] as const;
    const [first, second] = await Promise.all([
      broker.person({ name: 'First', roles, funds_micro: 0n }),
      broker.person({ name: 'Second', roles, funds_micro: 0n }),
    ]);
    await broker.sql(
      `INSERT INTO heap_alert (id, code, severity, weight, sentence, link) VALUES
         (gen_random_uuid(), 'test_alarm', 'critical', 1, 'It does not add up.', '/admin/money'), (gen_random_uuid(), 'test_note', 'notice', 1, 'A trifle.', '/admin')`,
    );
    const proposed = await first.call('POST', '/v1/admin/journals', {
      reason: 'A gift of the operator, agreed by telephone.',
      entries: [
        { account: 3000, amount_micro: '1' },
        { account: 2000, person_id: ada.person_id, amount_micro: '-1' },
      ],
    });
    await look();
    expect(proposed.status).toBe(201);
    expect(await kinds(second)).toEqual(expect.arrayContaining(['heap.alarm', 'heap.journal_waits']));
    expect(await kinds(first)).not.toContain('heap.journal_waits');
    expect(await kinds(bob)).not.toContain('heap.alarm');
  });
});

describe('e-mail', () => {
  test('goes to a confirmed address, with a link that ends it for its group by one click', async () => {
    await confirmed(ada);
    await disputed(ada);
    await look();
    await drain();
    const mail = (await mailsTo(ada.email)).find((one) => one?.subject?.includes('disputed'));
    expect(mail?.text).toContain('Until the bank has decided');
    expect(mail?.html).toContain('href=');
    const header = (name: string) => mail?.headers.find(({ key }) => key === name)?.value ?? '';
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const link = new URL(/<(.*)>/.exec(header('list-unsubscribe'))?.[1] ?? '');
    const click = await fetch(`${broker.url}${link.pathname}${link.search}`, {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    });
    expect([click.status, await click.json()]).toEqual([200, { group: 'funds', title: 'Your balance' }]);
    const count = (await mailsTo(ada.email)).length;
    await disputed(ada);
    await look();
    await drain();
    expect(await mailsTo(ada.email)).toHaveLength(count);
    const forged = `${link.pathname}${link.search.slice(0, -2)}AA`;
    expect((await call(broker.url, 'POST', forged)).status).toBe(410);
  });

  test('about security cannot be switched off, and is all that an unconfirmed address gets', async () => {
    const eve = await broker.person({ name: 'Eve' });
    const { body } = await choose(eve, ['security', 'email', false], ['security', 'page', false]);
    const channels = body.groups.find(({ group }: { group: string }) => group === 'security').channels;
    expect(channels).toContainEqual({ channel: 'email', on: true, fixed: true });
    expect(body.email).toMatchObject({ confirmed: false, reason: { code: 'address_not_confirmed' } });
    await disputed(eve);
    await look();
    await due();
    await drain();
    expect((await mailsTo(eve.email)).map((mail) => mail?.subject)).toEqual(['An API key was made: test']);
    expect((await mailsTo(eve.email))[0]?.headers.some(({ key }) => key === 'list-unsubscribe')).toBe(false);
  });

  test('about several things that may be grouped comes as one', async () => {
    await confirmed(bob);
    await choose(bob, ['jobs', 'email', true]);
    for (let i = 0; i < 3; i++) await jobEnds(bob, 'STOPPED', 'deadline_passed');
    await look();
    await drain();
    expect((await mailsTo(bob.email)).filter((mail) => mail?.subject?.includes('primes'))).toEqual([]);
    await due();
    await drain();
    const mails = (await mailsTo(bob.email)).filter((mail) => mail?.subject?.includes('primes'));
    expect(mails.map((mail) => mail?.subject)).toEqual(['The job "primes" did not end as wanted, and 2 more']);
  });

  test('confirms an address by a link that works once it is opened, for this address only', async () => {
    const eve = await broker.person({ name: 'Eve' });
    for (let i = 0; i < 3; i++) expect((await eve.call('POST', '/v1/notices/address', {})).status).toBe(202);
    expect(await eve.call('POST', '/v1/notices/address', {})).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    const [mail] = await mailsTo(eve.email);
    const token = /token=([\w.-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
    expect((await call(broker.url, 'POST', '/v1/notices/address/confirmation', { body: { token: `${token}x` } })).status).toBe(410);
    expect((await call(broker.url, 'POST', '/v1/notices/address/confirmation', { body: { token } })).body).toEqual({ address: eve.email });
    expect((await eve.call('GET', '/v1/notices/choices')).body.email).toEqual({ address: eve.email, confirmed: true, reason: null });
    await broker.sql(`UPDATE person SET email = 'other-' || email, email_verified = false WHERE id = $1`, [eve.person_id]);
    expect((await call(broker.url, 'POST', '/v1/notices/address/confirmation', { body: { token } })).status).toBe(410);
    // A token made for one thing does nothing else.
    expect((await call(broker.url, 'POST', `/v1/notices/unsubscribe?token=${token}`)).status).toBe(410);
  });

  test('is limited for each address', async () => {
    const eve = await broker.person({ name: 'Eve', funds_micro: 0n });
    for (let i = 0; i < 12; i++) await eve.call('POST', '/v1/api-keys', { name: `key ${i}`, password: eve.password });
    await look();
    for (let round = 0; round < 4; round++) await drain();
    expect((await mailsTo(eve.email)).length).toBeLessThanOrEqual(13);
    const [limited] = await broker.sql<{ n: bigint }>(
      `SELECT count(*) AS n FROM notice_delivery WHERE person_id = $1 AND reason_code = 'mail_limit' AND state = 'FAILED'`,
      [eve.person_id],
    );
    expect(Number(limited?.n) + (await mailsTo(eve.email)).length).toBe(13);
    expect(Number(limited?.n)).toBeGreaterThan(0);
  });

  test('is shown at /dev/mail to this machine, as text that does nothing', async () => {
    const page = await fetch(`${broker.url}/dev/mail`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await page.text();
    const [, path] = /href="(\/dev\/mail\/[^"]+)"/.exec(html) ?? [];
    expect(await (await fetch(`${broker.url}${path}`)).text()).toContain('<pre>');
    expect((await fetch(`${broker.url}/dev/mail/..%2F..%2Fnotice-key`)).status).toBe(404);
    for (const headers of [{ 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }])
      expect((await fetch(`${broker.url}/dev/mail`, { headers: headers as unknown as Record<string, string> })).status).toBe(404);
  });
});

describe('web push', () => {
  test('reaches a browser, which alone can read it; quiet hours wait, unless it is urgent; a browser that is gone is forgotten', async () => {
    const { body } = await ada.call('POST', '/v1/notices/push', { ...push.subscription, name: 'Firefox on Linux' });
    expect((await ada.call('POST', '/v1/notices/push', { ...push.subscription, name: 'Firefox on Linux' })).body).toEqual(body);
    await disputed(ada);
    await look();
    await drain();
    await push.until(1);
    expect(push.pushed[0]?.payload).toMatchObject({
      title: 'A payment of 1.50 USD is disputed at the bank',
      url: '/developer/balance',
      severity: 'urgent',
    });
    expect(push.pushed[0]?.headers).toMatchObject({ urgency: 'high', ttl: '86400', 'content-encoding': 'aes128gcm' });
    expect(push.pushed[0]?.claims).toMatchObject({ aud: push.url, sub: 'mailto:heap@localhost' });

    await choose(ada, ['jobs', 'push', true]);
    const all_day = { from_minute: 0, until_minute: 1439, time_zone: 'UTC' };
    const [{ minute = 0 } = {}] = await broker.sql<{ minute: number }>(
      `SELECT extract(hour FROM now() AT TIME ZONE 'UTC')::int * 60 + extract(minute FROM now())::int AS minute`,
    );
    const quiet_hours = minute === 1439 ? { ...all_day, from_minute: 720, until_minute: 719 } : all_day;
    await ada.call('PUT', '/v1/notices/choices', { quiet_hours });
    await jobEnds(ada);
    await disputed(ada);
    await look();
    await drain();
    expect(push.pushed.map(({ payload }) => payload.severity)).toEqual(['urgent', 'urgent']);
    expect(
      await broker.sql(`SELECT reason_code FROM notice_delivery WHERE person_id = $1 AND channel = 'push' AND state = 'PENDING'`, [
        ada.person_id,
      ]),
    ).toEqual([{ reason_code: 'quiet_hours' }]);
    await ada.call('PUT', '/v1/notices/choices', { quiet_hours: null });
    await due();
    push.status = 410;
    await drain();
    expect((await ada.call('GET', '/v1/notices/choices')).body.push.browsers).toEqual([]);
  });

  test("does not go to a browser that is somebody else's now, nor to an address inside", async () => {
    const { body } = await ada.call('POST', '/v1/notices/push', { ...push.subscription, name: 'shared' });
    expect((await bob.call('DELETE', `/v1/notices/push/${body.push_id}`)).status).toBe(404);
    await disputed(ada);
    await look();
    await bob.call('POST', '/v1/notices/push', { ...push.subscription, name: 'shared' });
    await drain();
    expect(push.pushed).toEqual([]);
    const inside = { ...push.subscription, endpoint: 'https://169.254.169.254/latest', name: 'a trap' };
    expect(await ada.call('POST', '/v1/notices/push', inside)).toMatchObject({
      status: 400,
      body: { code: 'webhook_address.invalid_input' },
    });
  });
});

describe('webhooks', () => {
  let hook: { webhook: { webhook_id: string }; secret: string };
  const path = (more = '') => `/v1/notices/webhooks/${hook.webhook.webhook_id}${more}`;
  beforeAll(async () => {
    expect((await ada.call('POST', '/v1/notices/webhooks', { url: receiver.url })).status).toBe(403);
    const { status, body } = await ada.call('POST', '/v1/notices/webhooks', {
      url: receiver.url,
      kinds: ['deposit.disputed'],
      password: ada.password,
    });
    expect(status).toBe(201);
    hook = body;
  });

  test('get what they chose, signed, once for each notice', async () => {
    await disputed(ada);
    await jobEnds(ada);
    await look();
    await Promise.all([drain(), drain()]);
    const [notice, ...more] = await receiver.verified(hook.secret);
    expect(more).toEqual([]);
    expect(notice).toMatchObject({
      type: 'deposit.disputed',
      data: { title: 'A payment of 1.50 USD is disputed at the bank', params: { amount_micro: '1500000' } },
    });
    expect(receiver.received[0]?.headers['webhook-id']).toBe(notice?.data.notice_id);
    const { deliveries } = (await ada.call('GET', path('/deliveries'))).body;
    expect(deliveries[0]).toMatchObject({
      kind: 'deposit.disputed',
      state: 'SENT',
      attempts: 1,
      response_status: 200,
      response_start: 'thanks',
    });
  });

  test('are tried again under the same id when a sender died, was refused, or is asked to', async () => {
    await disputed(ada);
    await look();
    const died = await broker.app.get(DeliveriesStore).claim(randomUUID(), 100);
    expect(died.filter(({ channel }) => channel === 'webhook')).toHaveLength(1);
    await drain();
    expect(receiver.received).toEqual([]);
    await due();
    receiver.status = 500;
    await drain();
    const { deliveries } = (await ada.call('GET', path('/deliveries?limit=1'))).body;
    expect(deliveries[0]).toMatchObject({
      state: 'PENDING',
      attempts: 2,
      reason: { code: 'webhook_refused', sentence: 'It answered 500.' },
    });
    receiver.status = 204;
    await due();
    await drain();
    const again = await ada.call('POST', path(`/deliveries/${deliveries[0].delivery_id}`));
    expect(again.body).toMatchObject({ state: 'SENT', attempts: 1, response_status: 204 });
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('what a sender says after another took its place counts for nothing', async () => {
    await disputed(ada);
    await look();
    const store = broker.app.get(DeliveriesStore);
    const slow = randomUUID();
    const ids = (await store.claim(slow, 100)).filter(({ channel }) => channel === 'webhook').map(({ id }) => id);
    await due();
    await drain();
    expect(await store.settle(slow, ids, { state: 'FAILED', reason: { code: 'late', sentence: 'Too late.' } })).toBe(false);
    expect((await ada.call('GET', path('/deliveries?limit=1'))).body.deliveries[0]).toMatchObject({ state: 'SENT' });
  });

  test('can be tested, and say what was answered; redirects are not followed', async () => {
    receiver.status = 302;
    const { body } = await ada.call('POST', path('/test'), {});
    expect(body).toMatchObject({ kind: 'webhook.test', state: 'FAILED', response_status: 302, attempts: 1 });
    expect(body.reason.sentence).toContain('Redirects are not followed');
    expect(await kinds(ada)).not.toContain('webhook.test');
  });

  test('have a new secret beside the old one for a day', async () => {
    expect((await ada.call('POST', path('/secret'), {})).status).toBe(403);
    const { body } = await ada.call('POST', path('/secret'), { password: ada.password });
    expect(body.secret).not.toBe(hook.secret);
    await ada.call('POST', path('/test'), {});
    for (const secret of [hook.secret, body.secret]) expect(await receiver.verified(secret)).toHaveLength(1);
    await broker.sql(`UPDATE webhook SET old_until = now() WHERE id = $1`, [hook.webhook.webhook_id]);
    await ada.call('POST', path('/test'), {});
    await expect(receiver.verified(hook.secret)).rejects.toMatchObject({ code: 'webhook_forged' });
    expect(await receiver.verified(body.secret)).toHaveLength(2);
    hook = { ...hook, secret: body.secret };
  });

  test('that nothing reaches for a day are switched off, which their person is told, and go on when they are switched on', async () => {
    await disputed(ada);
    await look();
    receiver.status = 503;
    await drain();
    await broker.sql(`UPDATE webhook SET failing_since = now() - interval '21 hours'`);
    await broker.sql(`UPDATE notice_delivery SET attempts = 10, next_at = now() WHERE state = 'PENDING' AND channel = 'webhook'`);
    await drain();
    expect((await ada.call('GET', '/v1/notices/webhooks')).body.webhooks[0]).toMatchObject({
      state: 'DISABLED',
      reason: { code: 'webhook_unreachable' },
    });
    await look();
    expect((await feed(ada)).notices[0]).toMatchObject({ kind: 'webhook.disabled' });
    await disputed(ada);
    await look();
    receiver.received.length = 0;
    await drain();
    expect(receiver.received).toEqual([]);
    expect((await ada.call('PUT', path(), { active: true })).body).toMatchObject({ state: 'ACTIVE', reason: { code: 'active' } });
  });

  test("are nobody else's, and lead nowhere inside", async () => {
    for (const [method, more] of [
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/secret'],
      ['POST', '/test'],
      ['GET', '/deliveries'],
      ['POST', `/deliveries/${randomUUID()}`],
    ] as const)
      expect([method, more, (await bob.call(method, path(more), method === 'GET' ? undefined : {})).status]).toEqual([method, more, 404]);
    expect((await bob.call('GET', '/v1/notices/webhooks')).body).toEqual({ webhooks: [] });
    for (const url of ['https://10.0.0.1/', 'https://[::ffff:10.0.0.1]/', 'http://example.org/', 'https://u:p@example.org/'])
      expect(await ada.call('POST', '/v1/notices/webhooks', { url, password: ada.password })).toMatchObject({
        status: 400,
        body: { code: 'webhook_address.invalid_input' },
      });
    expect((await ada.call('DELETE', path())).status).toBe(204);
    expect((await ada.call('GET', path('/deliveries'))).status).toBe(404);
  });
});

test('who is not signed in has none of it', async () => {
  for (const [method, path] of [
    ['GET', '/v1/notices'],
    ['POST', '/v1/notices/read'],
    ['GET', '/v1/notices/choices'],
    ['PUT', '/v1/notices/choices'],
    ['POST', '/v1/notices/address'],
    ['POST', '/v1/notices/push'],
    ['GET', '/v1/notices/webhooks'],
    ['POST', '/v1/notices/webhooks'],
  ] as const)
    expect([path, (await call(broker.url, method, path, method === 'GET' ? {} : { body: {} })).status]).toEqual([path, 401]);
});
