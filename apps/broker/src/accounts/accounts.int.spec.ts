import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '#database';
import { call, signUp } from '../../../../test/support/api.js';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { bootstrapLocal } from '../bootstrap-local.js';
import { PeopleQuery } from './accounts.query.js';

let broker: TestBroker;
let url: string;
let database: Database;
beforeAll(async () => {
  broker = await startBroker();
  url = broker.url;
  database = broker.app.get(Database);
});
afterAll(() => broker?.close());

const newKey = async (token: string, body: object = { name: 'laptop' }) => {
  const answer = await call(url, 'POST', '/v1/api-keys', { token, body });
  expect(answer.status).toBe(201);
  return answer.body as { api_key: { id: string; start: string; expires_at: string | null; last_used_at: string | null }; secret: string };
};

describe('people', () => {
  test('the first of a heap is an admin, the next are not', async () => {
    const [first, second] = [await signUp(url, 'Ada'), await signUp(url, 'Grace')];
    expect((await call(url, 'GET', '/v1/me', { token: first.token })).body).toEqual({
      id: first.person_id,
      name: 'Ada',
      email: first.email,
      roles: ['owner', 'developer', 'admin'],
    });
    expect((await call(url, 'GET', '/v1/me', { token: second.token })).body.roles).toEqual(['owner', 'developer']);
  });

  test('sign up at the same time and never both become the first', async () => {
    await database.query('DELETE FROM founder');
    const people = await Promise.all(['A', 'B', 'C', 'D'].map((name) => signUp(url, name)));
    const { rows } = await database.query<{ id: string }>("SELECT id FROM person WHERE 'admin' = ANY (roles) AND id = ANY ($1)", [
      people.map((p) => p.person_id),
    ]);
    expect(rows).toHaveLength(1);
  });

  test('have one account for one address, however it is written', async () => {
    const { email, password } = await signUp(url);
    const again = await call(url, 'POST', '/api/auth/sign-up/email', { body: { email: email.toUpperCase(), name: 'Eve', password } });
    expect(again.status).toBe(422);
    expect(again.body).toMatchObject({ code: 'user_already_exists_use_another_email', fault: 'user', title: 'Cannot be processed' });
    expect((await broker.app.get(PeopleQuery).byEmail(email.toUpperCase()))?.name).toBe('Ada');
  });

  test('are told that it is our fault when they could not be stored', async () => {
    await broker.sql(`ALTER TABLE person ADD CONSTRAINT nobody_new CHECK (false) NOT VALID`);
    const body = { email: `${randomUUID()}@example.org`, name: 'Ada', password: 'long enough indeed' };
    const answer = await call(url, 'POST', '/api/auth/sign-up/email', { body });
    await broker.sql('ALTER TABLE person DROP CONSTRAINT nobody_new');
    expect([answer.status, answer.body]).toMatchObject([503, { status: 503, code: 'unavailable', fault: 'platform' }]);
    expect((await call(url, 'POST', '/api/auth/sign-up/email', { body })).status).toBe(200);
  });

  test('sign up although every connection is taken for longer than Prisma waits by itself', async () => {
    const body = { email: `${randomUUID()}@example.org`, name: 'Patient', password: 'long enough indeed' };
    let letGo = () => {};
    const over = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // Some are kept for locks and notices: who gets none stands in the line before the sign-up.
    const takers = Array.from({ length: broker.config.database_pool }, async () => {
      const client = await database.pool.connect();
      await over;
      client.release();
    });
    const answer = call(url, 'POST', '/api/auth/sign-up/email', { body });
    await sleep(2_500);
    letGo();
    await Promise.all(takers);
    expect((await answer).body).toMatchObject({ user: { name: 'Patient' } });
  });

  test.each([
    ['a short password', { email: 'short@example.org', name: 'S', password: 'ninechars' }, 'password_too_short'],
    ['no address', { email: 'nobody', name: 'S', password: 'long enough indeed' }, 'validation_error'],
    ['no password', { email: 'none@example.org', name: 'S' }, 'validation_error'],
  ])('are refused with %s', async (_, body, code) => {
    const answer = await call(url, 'POST', '/api/auth/sign-up/email', { body });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe(code);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('cannot give themselves roles', async () => {
    const body = {
      email: `mallory-${randomUUID()}@example.org`,
      name: 'Mallory',
      password: 'long enough indeed',
      roles: ['admin'],
      role: 'admin',
    };
    const { status, body: answer } = await call(url, 'POST', '/api/auth/sign-up/email', { body });
    const roles = status === 200 ? (await call(url, 'GET', '/v1/me', { token: answer.token })).body.roles : [];
    expect(roles).not.toContain('admin');
  });

  test('have their password kept as Argon2id only', async () => {
    const { person_id } = await signUp(url);
    const { rows } = await database.query<{ password: string }>('SELECT password FROM credential WHERE person_id = $1', [person_id]);
    expect(rows.map((r) => r.password)).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)]);
  });
});

describe('a session', () => {
  test('opens with the right password and not with a wrong one', async () => {
    const { email, password } = await signUp(url);
    const right = await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } });
    expect((await call(url, 'GET', '/v1/me', { token: right.body.token })).body.email).toBe(email);
    const wrong = await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password: `${password}!` } });
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({ code: 'invalid_email_or_password', fault: 'user', status: 401 });
    const nobody = await call(url, 'POST', '/api/auth/sign-in/email', { body: { email: 'nobody@example.org', password } });
    expect(nobody.body).toEqual({ ...wrong.body, request_id: nobody.body.request_id });
  });

  test('ends at once when it is signed out', async () => {
    const { token } = await signUp(url);
    expect((await call(url, 'GET', '/v1/me', { token })).status).toBe(200);
    expect((await call(url, 'POST', '/api/auth/sign-out', { token, body: {} })).status).toBe(200);
    expect((await call(url, 'GET', '/v1/me', { token })).status).toBe(401);
  });

  test('can be listed and ended from another one', async () => {
    const { email, password, token } = await signUp(url);
    const other = (await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } })).body.token as string;
    const sessions = (await call(url, 'GET', '/api/auth/list-sessions', { token })).body as { token: string; ipAddress: string }[];
    expect(sessions).toHaveLength(2);
    expect(sessions[0]?.ipAddress).toBe('127.0.0.1');
    const bare = sessions.find((s) => other.startsWith(s.token))?.token;
    expect((await call(url, 'POST', '/api/auth/revoke-session', { token, body: { token: bare } })).status).toBe(200);
    expect((await call(url, 'GET', '/v1/me', { token: other })).status).toBe(401);
    expect((await call(url, 'GET', '/v1/me', { token })).status).toBe(200);
  });

  test('is refused when its time is over, and swept away at the next sign-in', async () => {
    const { email, password, person_id, token } = await signUp(url);
    await database.query("UPDATE session SET expires_at = now() - interval '1 second' WHERE person_id = $1", [person_id]);
    expect((await call(url, 'GET', '/v1/me', { token })).status).toBe(401);
    await database.query("UPDATE session SET expires_at = now() - interval '1 second' WHERE person_id = $1", [person_id]);
    expect((await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } })).status).toBe(200);
    const { rows } = await database.query('SELECT 1 FROM session WHERE person_id = $1', [person_id]);
    expect(rows).toHaveLength(1);
  });

  test('is not opened by what the database holds of it', async () => {
    const { person_id } = await signUp(url);
    const { rows } = await database.query<{ token: string }>('SELECT token FROM session WHERE person_id = $1', [person_id]);
    for (const { token } of rows) expect((await call(url, 'GET', '/v1/me', { token })).status).toBe(401);
  });

  test('in a cookie acts for its own site only', async () => {
    const { email, password } = await signUp(url);
    const { headers } = await call(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } });
    const set_cookie = headers.getSetCookie().join();
    expect(set_cookie).toMatch(/^heap\.session_token=.*HttpOnly; SameSite=Lax/);
    const cookie = set_cookie.split(';')[0] ?? '';
    expect((await call(url, 'GET', '/v1/me', { headers: { cookie } })).body.email).toBe(email);
    const post = (more: Record<string, string>) => call(url, 'POST', '/v1/api-keys', { headers: { cookie, ...more }, body: { name: 'x' } });
    expect((await post({ origin: url })).status).toBe(201);
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const sign_out = (origin: string) => call(url, 'POST', '/api/auth/sign-out', { headers: { cookie, origin }, body: {} });
    expect((await sign_out('https://evil.example')).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await sign_out(url)).status).toBe(200);
    expect((await call(url, 'GET', '/v1/me', { headers: { cookie } })).status).toBe(401);
  });

  test('has no way around /v1/api-keys and nothing else that is not meant to be there', async () => {
    const { token } = await signUp(url);
    for (const path of ['/api-key/create', '/api-key/update', '/update-user', '/delete-user', '/request-password-reset'])
      expect((await call(url, 'POST', `/api/auth${path}`, { token, body: {} })).status).toBe(404);
  });
});

test('over https the cookie is bound to the host and never sent in the clear', async () => {
  const secure = await startBroker({ HEAP_PUBLIC_URL: 'https://heap.example.org' });
  try {
    const { email, password } = await signUp(secure.url);
    const { headers } = await call(secure.url, 'POST', '/api/auth/sign-in/email', { body: { email, password } });
    expect(headers.getSetCookie().join()).toMatch(
      /^__Host-heap\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await call(secure.url, 'GET', '/v1/me', { headers: { cookie } })).body.email).toBe(email);
    const origin = 'https://heap.example.org';
    expect((await call(secure.url, 'POST', '/api/auth/sign-out', { headers: { cookie, origin }, body: {} })).status).toBe(200);
    expect((await call(secure.url, 'GET', '/v1/me', { headers: { cookie } })).status).toBe(401);
  } finally {
    await secure.close();
  }
});

describe('an API key', () => {
  test('is shown once, kept as a hash, and says when it was last used', async () => {
    const { token } = await signUp(url);
    const { api_key, secret } = await newKey(token, { name: 'laptop', expires_in_days: 30 });
    expect(secret).toMatch(/^oh_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(secret.startsWith(`${api_key.start}_`)).toBe(true);
    expect(new Date(api_key.expires_at ?? 0).getTime() - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(api_key.last_used_at).toBeNull();
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(200);
    const [listed] = (await call(url, 'GET', '/v1/api-keys', { token })).body.api_keys;
    expect(listed).toEqual({ ...api_key, last_used_at: expect.any(String) });
    const { rows } = await database.query<{ row: string }>('SELECT to_json(k)::text AS row FROM api_key k WHERE id = $1', [api_key.id]);
    expect(rows[0]?.row).not.toContain(secret.slice(16));
  });

  test('is refused from the moment it is revoked, although it was used just before', async () => {
    const { token } = await signUp(url);
    const { api_key, secret } = await newKey(token);
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(200);
    expect((await call(url, 'DELETE', `/v1/api-keys/${api_key.id}`, { token })).status).toBe(204);
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(401);
    expect((await call(url, 'DELETE', `/v1/api-keys/${api_key.id}`, { token })).status).toBe(404);
  });

  test('revoked by another process is refused within two seconds', async () => {
    const { token } = await signUp(url);
    const { api_key, secret } = await newKey(token);
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(200);
    await database.query('DELETE FROM api_key WHERE id = $1', [api_key.id]);
    await sleep(2_050);
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(401);
  });

  test('is refused once it has expired', async () => {
    const { token } = await signUp(url);
    const { api_key, secret } = await newKey(token, { name: 'short', expires_in_days: 1 });
    await database.query("UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1", [api_key.id]);
    expect((await call(url, 'GET', '/v1/me', { token: secret })).status).toBe(401);
  });

  test('that is mistyped is refused', async () => {
    const { token } = await signUp(url);
    const { secret } = await newKey(token);
    const last = secret.endsWith('0') ? '1' : '0';
    for (const wrong of [secret.slice(0, -1) + last, secret.slice(0, -1), `${secret}0`, 'oh_', 'ohn_x'])
      expect((await call(url, 'GET', '/v1/me', { token: wrong })).status).toBe(401);
  });

  test('of somebody else is not there', async () => {
    const [mine, theirs] = [await signUp(url), await signUp(url)];
    const { api_key } = await newKey(theirs.token);
    const foreign = await call(url, 'DELETE', `/v1/api-keys/${api_key.id}`, { token: mine.token });
    const absent = await call(url, 'DELETE', `/v1/api-keys/${randomUUID()}`, { token: mine.token });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual({ ...absent.body, request_id: foreign.body.request_id });
    expect((await call(url, 'GET', '/v1/api-keys', { token: mine.token })).body.api_keys).toEqual([]);
    expect((await call(url, 'GET', '/v1/api-keys', { token: theirs.token })).body.api_keys).toHaveLength(1);
  });

  test('takes what it lists and nothing else', async () => {
    const { token } = await signUp(url);
    const answer = await call(url, 'POST', '/v1/api-keys', { token, body: { name: '', person_id: randomUUID() } });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_input');
    expect(answer.body.details.issues.map((i: { path: string }) => i.path)).toEqual(['body.name', 'body']);
  });
});

test('a role that is taken away is gone at the next request of a session', async () => {
  const { token, person_id } = await signUp(url);
  await database.query("UPDATE person SET roles = '{developer}' WHERE id = $1", [person_id]);
  expect((await call(url, 'GET', '/v1/me', { token })).body.roles).toEqual(['developer']);
});

describe('the person at this machine', () => {
  test('gets an account and a key in a private file, the same every time', async () => {
    const who = { email: 'Root@this-machine.invalid', name: 'root' };
    const first = await bootstrapLocal(broker.config, who);
    const file = path.join(broker.config.data_dir, 'local.json');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual(first);
    expect(await bootstrapLocal(broker.config, who)).toEqual(first);
    expect((await call(url, 'GET', '/v1/me', { token: first.api_key })).body.id).toBe(first.person_id);
  });

  test('gets a new key when the old one is revoked or the file is spoilt', async () => {
    const who = { email: 'root@this-machine.invalid', name: 'root' };
    const first = await bootstrapLocal(broker.config, who);
    await database.query('DELETE FROM api_key WHERE person_id = $1', [first.person_id]);
    const second = await bootstrapLocal(broker.config, who);
    expect(second.person_id).toBe(first.person_id);
    expect(second.api_key).not.toBe(first.api_key);
    fs.writeFileSync(path.join(broker.config.data_dir, 'local.json'), '{"api_');
    const third = await bootstrapLocal(broker.config, who);
    expect((await call(url, 'GET', '/v1/me', { token: third.api_key })).status).toBe(200);
  });

  test('is one person when two starts make it at once', async () => {
    const who = { email: 'twice@this-machine.invalid', name: 'twice' };
    const [a, b] = await Promise.all([bootstrapLocal(broker.config, who), bootstrapLocal(broker.config, who)]);
    expect(a.person_id).toBe(b.person_id);
  });
});
