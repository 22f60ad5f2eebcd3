import { randomUUID } from 'node:crypto';
import { call, signUp } from '../../../../test/support/api.js';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';

let broker: TestBroker;
let url: string;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api' });
  url = broker.url;
});
afterAll(() => broker?.close());

const signIn = async ({ email, password }: { email: string; password: string }) =>
  (await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } })).body.token as string;
const list = async (token: string) =>
  (await call(url, 'GET', '/v1/sessions', { token })).body.sessions as { session_id: string; current: boolean; last_used_at: string }[];
const status = async (token: string) => (await call(url, 'GET', '/v1/me', { token })).status;
const long_ago = (person_id: string) =>
  broker.sql("UPDATE session SET created_at = now() - interval '1 hour', proven_at = NULL WHERE person_id = $1", [person_id]);

describe('sign-ins', () => {
  test('are listed with where and when, the own one marked, and nobody else’s', async () => {
    const [ada, eve] = [await signUp(url), await signUp(url, 'Eve')];
    const other = await signIn(ada);
    const sessions = await list(ada.token);
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((s) => s.current)).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ address: '127.0.0.1', user_agent: expect.any(String) });
    expect((await list(other)).find((s) => s.current)?.session_id).not.toBe(sessions.find((s) => s.current)?.session_id);
    expect(await list(eve.token)).toHaveLength(1);
  });

  test('are noted as used, to the minute', async () => {
    const ada = await signUp(url);
    await broker.sql("UPDATE session SET last_used_at = now() - interval '1 hour' WHERE person_id = $1", [ada.person_id]);
    await list(ada.token);
    const [session] = await list(ada.token);
    expect(Date.now() - Date.parse(session?.last_used_at ?? '')).toBeLessThan(60_000);
  });

  test('end one by one at once; of somebody else’s and of one that is over nothing is told', async () => {
    const [ada, eve] = [await signUp(url), await signUp(url, 'Eve')];
    const other = await signIn(ada);
    const id = (await list(other)).find((s) => s.current)?.session_id;
    const end = (token: string, session_id: unknown) => call(url, 'DELETE', `/v1/sessions/${session_id}`, { token });
    expect((await end(eve.token, id)).status).toBe(404);
    expect(await status(other)).toBe(200);
    expect((await end(ada.token, id)).status).toBe(204);
    expect(await status(other)).toBe(401);
    expect((await end(ada.token, id)).status).toBe(404);
    expect((await end(ada.token, randomUUID())).status).toBe(404);
  });

  test.each([
    ['others', 2, 200],
    ['all', 3, 401],
  ])('%s end together', async (which, ended, own) => {
    const ada = await signUp(url);
    const others = [await signIn(ada), await signIn(ada)];
    expect((await call(url, 'POST', '/v1/sessions/end', { token: ada.token, body: { which } })).body).toEqual({ ended });
    expect(await Promise.all([ada.token, ...others].map(status))).toEqual([own, 401, 401]);
  });
});

describe('a fresh proof', () => {
  test('is asked for before an API key is made: by the request’s password, a step-up, or a sign-in of this moment', async () => {
    const ada = await signUp(url);
    const make = (more = {}) => call(url, 'POST', '/v1/api-keys', { token: ada.token, body: { name: 'laptop', ...more } });
    expect((await make()).status).toBe(201);
    await long_ago(ada.person_id);
    expect((await make()).body).toMatchObject({ status: 403, code: 'step_up.forbidden' });
    expect((await make({ password: 'wrong' })).body.code).toBe('step_up.forbidden');
    expect((await make({ password: ada.password })).status).toBe(201);
    expect((await make()).status).toBe(403);
    const prove = (password: string) => call(url, 'POST', '/v1/step-up', { token: ada.token, body: { password } });
    expect((await prove('wrong')).body.code).toBe('step_up.forbidden');
    expect((await prove(ada.password)).body).toEqual({ good_for_minutes: 10 });
    expect((await make()).status).toBe(201);
  });

  test('of one sign-in is none of another', async () => {
    const ada = await signUp(url);
    const other = await signIn(ada);
    await long_ago(ada.person_id);
    expect((await call(url, 'POST', '/v1/step-up', { token: other, body: { password: ada.password } })).status).toBe(200);
    expect((await call(url, 'POST', '/v1/api-keys', { token: ada.token, body: { name: 'x' } })).status).toBe(403);
  });

  test('is nothing that an API key can have: a key alone makes no key', async () => {
    const ada = await broker.person({ funds_micro: 0n });
    expect((await ada.call('POST', '/v1/step-up', { password: ada.password })).body.code).toBe('forbidden');
    expect((await ada.call('POST', '/v1/api-keys', { name: 'another' })).body.code).toBe('step_up.forbidden');
    expect((await ada.call('POST', '/v1/api-keys', { name: 'another', password: ada.password })).status).toBe(201);
  });

  test.each([
    ['GET', '/api/auth/passkey/generate-register-options'],
    ['POST', '/api/auth/passkey/verify-registration'],
    ['POST', '/api/auth/passkey/delete-passkey'],
  ])('is asked for by %s %s, and a sign-in before it', async (method, path) => {
    const body = method === 'POST' ? { id: randomUUID(), response: {} } : undefined;
    expect((await call(url, method, path, { body })).status).toBe(401);
    const ada = await signUp(url);
    await long_ago(ada.person_id);
    expect((await call(url, method, path, { token: ada.token, body })).body.code).toBe('step_up.forbidden');
  });

  test('is none when five wrong passwords came before it', async () => {
    const ada = await signUp(url);
    const prove = (password: string) => call(url, 'POST', '/v1/step-up', { token: ada.token, body: { password } });
    for (let i = 0; i < 5; i++) await prove(`wrong ${i}`);
    expect((await prove(ada.password)).body.code).toBe('rate_limited');
  });
});

describe('a profile', () => {
  test('has another name, and the roles that somebody wants, without those that they cannot have', async () => {
    const ada = await signUp(url);
    const put = (body: unknown) => call(url, 'PUT', '/v1/me', { token: ada.token, body });
    expect((await put({ name: ' Ada L ' })).body).toMatchObject({ name: 'Ada L' });
    expect((await put({ roles: ['owner'] })).body.roles.filter((r: string) => r !== 'admin')).toEqual(['owner']);
    expect((await call(url, 'GET', '/v1/jobs', { token: ada.token })).status).toBe(403);
    expect((await put({ roles: ['admin'] })).status).toBe(400);
    expect((await put({ roles: [] })).status).toBe(400);
    expect((await put({ email: 'x@example.org' })).status).toBe(400);
    expect((await put({})).body.name).toBe('Ada L');
  });

  test('of an admin keeps that role', async () => {
    const admin = await broker.person({ roles: ['owner', 'developer', 'admin'], funds_micro: 0n });
    const { body } = await admin.call('PUT', '/v1/me', { roles: ['developer'] });
    expect(body.roles).toEqual(['developer', 'admin']);
  });
});

test('a passkey that is added or taken away makes payouts wait, as another password does', async () => {
  const ada = await signUp(url);
  const changed = async () =>
    (await broker.sql<{ at: Date | null }>('SELECT credentials_changed_at AS at FROM person WHERE id = $1', [ada.person_id]))[0]?.at;
  expect(await changed()).toBeNull();
  await broker.sql(
    `INSERT INTO passkey (id, public_key, person_id, credential_id, counter, device_type, backed_up) VALUES ($1, 'k', $2, 'c', 0, 'singleDevice', false)`,
    [randomUUID(), ada.person_id],
  );
  expect(await changed()).toEqual(expect.any(Date));
  await broker.sql('UPDATE person SET credentials_changed_at = NULL WHERE id = $1', [ada.person_id]);
  await broker.sql('DELETE FROM passkey WHERE person_id = $1', [ada.person_id]);
  expect(await changed()).toEqual(expect.any(Date));
});
