import { randomUUID } from 'node:crypto';
import { ROUTES } from '#protocol';
import { call } from '../../../../test/support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { AccessChanged } from '../accounts/accounts.events.js';
import { EventBus } from '../platform/bus/event-bus.js';

let broker: TestBroker;
let ada: TestPerson;
let eve: TestPerson;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  ada = await broker.person({ name: 'Ada', roles: ['admin', 'owner', 'developer'] });
  eve = await broker.person({ name: 'Eve', roles: ['admin', 'owner', 'developer'] });
  owner = await broker.person({ name: 'Olga', funds_micro: 1_000_000n, roles: ['owner', 'developer'] });
});
afterAll(() => broker?.close());

async function node(
  name: string,
  more: { kind?: string; state?: string; presence?: string; region?: string | null } = {},
): Promise<string> {
  const id = randomUUID();
  const { kind = 'phone', state = 'ONLINE', presence = 'idle', region = null } = more;
  await broker.sql(
    `INSERT INTO node (id, owner_id, name, kind, public_key, state, presence, region, agent_version, reason_code, reason_sentence)
     VALUES ($1::uuid, $2, $3, $4::node_kind, $1::text, $5::node_state, $6, $7, '0.1.0', 'ready', 'Ready for work.')`,
    [id, owner.person_id, name, kind, state, presence, region],
  );
  return id;
}
const search = async (query: string) => (await ada.call('GET', `/v1/admin/nodes?${query}`)).body;
const names = async (query: string) => (await search(query)).nodes.map((one: { name: string }) => one.name);
const log = async (query = '') => (await ada.call('GET', `/v1/admin/log?${query}`)).body.lines;
/** With a session, whose password was given a moment ago. */
const deed = (path: string, body: object, by: TestPerson = ada) => call(broker.url, 'POST', path, { token: by.token, body });
const REASON = 'It answers with noise.';

describe('devices', () => {
  test('are filtered, sorted and paged here, each once, and counted', async () => {
    const ids: string[] = [];
    for (const name of ['b', 'A', 'd', 'C', 'e%']) ids.push(await node(`list ${name}`, { region: name === 'b' ? 'de' : null }));
    await node('list gone', { state: 'REVOKED', presence: 'lost' });
    await node('list board', { kind: 'board', state: 'PAUSED', presence: 'paused' });
    expect(await names('q=list&kind=phone&sort=name&order=up')).toEqual(['list A', 'list b', 'list C', 'list d', 'list e%']);
    for (const sort of ['name', 'enrolled', 'seen', 'health', 'speed', 'results', 'mismatches']) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await search(`q=list&kind=phone&sort=${sort}&order=down&limit=2${cursor}`);
        seen.push(...page.nodes.map(({ node_id }: { node_id: string }) => node_id));
        expect(page.total).toEqual({ count: 5, at_least: false });
        cursor = page.next === null ? '' : `&cursor=${page.next}`;
      } while (cursor !== '');
      expect([sort, seen.sort()]).toEqual([sort, [...ids].sort()]);
    }
    expect(await names('q=list&presence=paused')).toEqual(['list board']);
    expect(await names('q=list&region=de')).toEqual(['list b']);
    expect((await names('q=list&region=none')).length).toBe(5);
    expect(await names('q=list%20gone&gone=true')).toEqual(['list gone']);
    expect(await names('q=e%25')).toEqual(['list e%']);
    expect(await names(`q=${ids[0]}`)).toEqual(['list b']);
    expect(await names('q=list&version=9')).toEqual([]);
    expect((await names(`owner_id=${owner.person_id}&standing=unknown&q=list`)).length).toBe(6);
    expect(await ada.call('GET', '/v1/admin/nodes?cursor=bm9uc2Vuc2U')).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  test('are drained and filled with a reason, which their owner sees; once each, and logged', async () => {
    const id = await node('drained');
    const path = `/v1/admin/nodes/${id}`;
    expect((await deed(`${path}/drain`, { reason: '  ' })).status).toBe(400);
    const drained = await deed(`${path}/drain`, { reason: REASON });
    expect(drained.body).toMatchObject({
      drained: true,
      reason: { code: 'drained', sentence: `The heap gives it no more work: ${REASON}` },
    });
    expect(await deed(`${path}/drain`, { reason: REASON })).toMatchObject({ status: 409, body: { code: 'node.conflict' } });
    expect((await owner.call('GET', `/v1/nodes/${id}`)).body.reason).toEqual(drained.body.reason);
    expect(await names('drained=true')).toEqual(['drained']);
    expect((await deed(`${path}/fill`, { reason: 'Mended.' })).body).toMatchObject({ drained: false, reason: { code: 'ready' } });
    expect((await log(`subject=${id}`)).map(({ action, detail }: { action: string; detail: object }) => [action, detail])).toEqual([
      ['node.fill', { reason: 'Mended.' }],
      ['node.drain', { reason: REASON }],
    ]);
  });

  test('that are drained are not in the book', async () => {
    const id = await node('sold');
    await broker.sql(
      `INSERT INTO offer (node_id, slot_class, slots, reserve_price_micro, electricity_micro, available) VALUES ($1, 'nano', 2, 1, 1, true)`,
      [id],
    );
    const free = async () => (await ada.call('GET', '/v1/markets')).body.markets[0].slots_free;
    await deed(`/v1/admin/nodes/${id}/drain`, { reason: REASON });
    const before = await free();
    await deed(`/v1/admin/nodes/${id}/fill`, { reason: REASON });
    expect([before, await free()]).toEqual([0, 2]);
    await broker.sql('DELETE FROM offer WHERE node_id = $1', [id]);
  });

  test('that an admin took out are shown to their owner with the reason, and do not come back', async () => {
    const id = await node('revoked');
    expect((await deed(`/v1/admin/nodes/${id}/revoke`, { reason: REASON })).body.state).toBe('REVOKED');
    expect((await deed(`/v1/admin/nodes/${id}/revoke`, { reason: REASON })).status).toBe(409);
    const mine = (await owner.call('GET', '/v1/nodes')).body.nodes.find((one: { id: string }) => one.id === id);
    expect(mine.reason).toEqual({ code: 'revoked_by_admin', sentence: `The heap took it out: ${REASON}` });
    expect((await deed(`/v1/admin/nodes/${randomUUID()}/revoke`, { reason: REASON })).status).toBe(404);
  });

  test('are shown whole', async () => {
    const id = await node('whole', { region: 'fr' });
    const { body } = await ada.call('GET', `/v1/admin/nodes/${id}`);
    expect(body).toMatchObject({
      node_id: id,
      region: 'fr',
      owner: { person_id: owner.person_id },
      reputation: { results: 0, banned: null },
      view: { health: { rules: expect.any(Array) } },
      leases: [],
      penalties: [],
    });
    expect((await ada.call('GET', `/v1/admin/nodes/${randomUUID()}`)).status).toBe(404);
  });
});

describe('people', () => {
  const suspended = {
    status: 403,
    body: { code: 'suspended.forbidden', detail: expect.stringContaining(REASON) },
  };

  test('are found by a part of their address, their name or their id', async () => {
    for (const q of [owner.email.slice(2, 20), 'olga', owner.person_id]) {
      const { people, total } = (await ada.call('GET', `/v1/admin/people?q=${encodeURIComponent(q)}`)).body;
      expect([people[0].person_id, total]).toEqual([owner.person_id, { count: 1, at_least: false }]);
    }
    expect((await ada.call('GET', '/v1/admin/people?role=admin')).body.people).toHaveLength(2);
    const whole = (await ada.call('GET', `/v1/admin/people/${owner.person_id}`)).body;
    expect(whole).toMatchObject({ balance: { developer: { available_micro: '1000000' } }, api_keys: 1, suspended: null, blocks: [] });
    expect(JSON.stringify(whole)).not.toMatch(/token|hash|argon/);
  });

  test('who are suspended are refused by every route and credential with the reason, their devices and money wait, and all comes back', async () => {
    const person = await broker.person({ name: 'Sue', funds_micro: 500_000n, roles: ['admin', 'owner', 'developer'] });
    const id = await node('of Sue');
    await broker.sql('UPDATE node SET owner_id = $2 WHERE id = $1', [id, person.person_id]);
    const code = (await person.call('POST', '/v1/enrolment-codes', {})).body.code as string;
    // It is typed after a command, where what begins with a dash is an option.
    expect(code).toMatch(/^[0-9a-f]{40}$/);
    const heard: string[] = [];
    const off = broker.app.get(EventBus).subscribe(AccessChanged, ({ person_id }) => void heard.push(person_id));
    const path = `/v1/admin/people/${person.person_id}`;
    const done = await deed(`${path}/suspend`, { reason: REASON });
    expect(done.body).toMatchObject({
      suspended: { by: ada.person_id, reason: REASON },
      blocks: [{ cause: 'the account is suspended' }],
      sessions: [],
    });
    expect(done.body.nodes_last).toMatchObject([{ node_id: id, drained: true }]);

    const routes = Object.values(ROUTES).filter(({ access }) =>
      ['person', 'owner', 'developer', 'admin', 'person-or-node'].includes(access),
    );
    expect(routes.length).toBeGreaterThan(50);
    for (const { method, path: pattern } of routes) {
      const there = pattern.replaceAll(/:\w+/g, randomUUID());
      const answer = await person.call(method, there, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect([`${method} ${pattern}`, answer]).toMatchObject([`${method} ${pattern}`, suspended]);
    }
    expect((await call(broker.url, 'GET', '/v1/me', { token: person.token })).status).toBe(401);
    const again = await call(broker.url, 'POST', '/api/auth/sign-in/email', { body: { email: person.email, password: person.password } });
    expect(await call(broker.url, 'GET', '/v1/me', { token: again.body.token })).toMatchObject(suspended);
    const [kept] = await broker.sql<{ left: number }>(
      `SELECT count(*)::int AS left FROM enrolment_code WHERE person_id = $1 AND expires_at > now()`,
      [person.person_id],
    );
    expect([code.length > 0, kept?.left]).toEqual([true, 0]);
    expect((await deed(`${path}/suspend`, { reason: REASON })).body.code).toBe('person.conflict');
    expect((await ada.call('GET', '/v1/admin/people?state=suspended')).body.people).toHaveLength(1);

    const back = await deed(`${path}/reinstate`, { reason: 'A mistake of ours.' });
    expect(back.body).toMatchObject({ suspended: null, blocks: [], balance: { developer: { available_micro: '500000' } } });
    expect(back.body.nodes_last).toMatchObject([{ drained: false }]);
    expect((await person.call('GET', '/v1/me')).status).toBe(200);
    expect(heard.filter((one) => one === person.person_id).length).toBeGreaterThanOrEqual(2);
    off();
    expect((await log(`subject=${person.person_id}&action=person.`)).map((line: { action: string }) => line.action)).toEqual([
      'person.reinstate',
      'person.suspend',
    ]);
  });

  test('a device that an admin drained stays drained when its owner is reinstated', async () => {
    const person = await broker.person({ name: 'Tom', funds_micro: 0n, roles: ['owner'] });
    const id = await node('of Tom');
    await broker.sql('UPDATE node SET owner_id = $2 WHERE id = $1', [id, person.person_id]);
    await deed(`/v1/admin/nodes/${id}/drain`, { reason: REASON });
    for (const what of ['suspend', 'reinstate']) await deed(`/v1/admin/people/${person.person_id}/${what}`, { reason: REASON });
    expect((await search(`q=${id}`)).nodes[0]).toMatchObject({ drained: true, reason: { code: 'drained' } });
  });

  test('get and lose roles at once, and nobody changes their own or is the last to lose them', async () => {
    const path = (person: TestPerson) => `/v1/admin/people/${person.person_id}/roles`;
    const roles = (...list: string[]) => ({ roles: list, reason: 'They asked.' });
    expect(await deed(path(ada), roles('owner'))).toMatchObject({ status: 403, body: { code: 'oneself.forbidden' } });
    expect((await deed(path(owner), roles('owner', 'owner'))).status).toBe(400);
    expect((await deed(path(owner), roles('owner'))).body.roles).toEqual(['owner']);
    expect((await owner.call('GET', '/v1/jobs')).status).toBe(403);
    expect((await deed(path(owner), roles('owner', 'developer'))).body.roles).toEqual(['owner', 'developer']);
    expect((await owner.call('GET', '/v1/jobs')).status).toBe(200);
    expect(await deed(path(owner), roles('developer', 'owner'))).toMatchObject({ status: 409 });
    // Two who take each other's role at once: one of them was no admin any more.
    const both = await Promise.all([deed(path(eve), roles('owner')), deed(path(ada), roles('owner'), eve)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    const [left] = await broker.sql<{ admins: number }>(
      `SELECT count(*)::int AS admins FROM person WHERE 'admin' = ANY (roles) AND suspended_at IS NULL AND id = ANY ($1)`,
      [[ada.person_id, eve.person_id]],
    );
    expect(left?.admins).toBe(1);
    await broker.sql(`UPDATE person SET roles = '{owner,developer,admin}' WHERE id = ANY ($1)`, [[ada.person_id, eve.person_id]]);
  });

  test('sign in anew when an admin ends their sessions', async () => {
    const person = await broker.person({ name: 'Ulf', funds_micro: 0n, roles: ['owner'] });
    expect((await call(broker.url, 'GET', '/v1/me', { token: person.token })).status).toBe(200);
    await deed(`/v1/admin/people/${person.person_id}/sign-out`, { reason: 'A lost phone.' });
    expect((await call(broker.url, 'GET', '/v1/me', { token: person.token })).status).toBe(401);
    expect((await log('action=person.sign_out'))[0].detail).toEqual({ reason: 'A lost phone.', ended: 1 });
  });

  test.each(['suspend', 'reinstate', 'sign-out', 'roles'])('%s takes a fresh proof: a stolen key is not enough', async (what) => {
    const path = `/v1/admin/people/${owner.person_id}/${what}`;
    const body = { reason: REASON, ...(what === 'roles' && { roles: ['owner'] }) };
    expect(await ada.call('POST', path, { ...body, password: 'a wrong one' })).toMatchObject({
      status: 403,
      body: { code: 'step_up.forbidden' },
    });
    expect(await ada.call('POST', path, body)).toMatchObject({ status: 403, body: { code: 'step_up.forbidden' } });
  });
});

test('any id is found, with the page that shows it', async () => {
  const id = await node('findable');
  const find = async (q: string) => (await ada.call('GET', `/v1/admin/find?q=${encodeURIComponent(q)}`)).body.found;
  expect(await find(id)).toEqual([{ kind: 'node', id, title: 'findable, phone', page: `/admin/nodes/${id}` }]);
  expect(await find(id.toUpperCase())).toHaveLength(1);
  expect(await find('findab')).toMatchObject([{ kind: 'node', id }]);
  expect(await find(owner.email)).toMatchObject([{ kind: 'person', id: owner.person_id, page: `/admin/people/${owner.person_id}` }]);
  expect(await find(randomUUID())).toEqual([]);
  expect(await find('1')).toEqual(undefined);
  expect((await find('01')).map(({ kind }: { kind: string }) => kind)).toEqual(['journal', 'log_line']);
  expect(await find(`${randomUUID()}/3`)).toEqual([]);
  expect(await find('0'.repeat(64))).toEqual([]);
  const [line] = await log();
  expect(await find(line.hash)).toMatchObject([{ kind: 'log_line', id: String(line.seq) }]);
});

test('the log is filtered, and its chain checked on demand', async () => {
  const all = await log('limit=100');
  expect((await log(`person_id=${eve.person_id}`)).every((line: { person_id: string }) => line.person_id === eve.person_id)).toBe(true);
  expect(await log(`from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
  const check = async () => (await ada.call('GET', '/v1/admin/log/check')).body;
  expect(await check()).toMatchObject({ intact: true, lines: all[0].seq, first_broken: null, head: all[0].hash });
  await broker.sql('ALTER TABLE admin_log DISABLE TRIGGER append_only');
  await broker.sql(`UPDATE admin_log SET subject = 'somebody else' WHERE seq = 2`);
  expect(await check()).toMatchObject({ intact: false, first_broken: 2 });
});

test('the configuration is shown without its secrets, with what runs', async () => {
  const { body } = await ada.call('GET', '/v1/admin/settings');
  expect(body.settings.find((one: { variable: string }) => one.variable === 'HEAP_AUTH_SECRET')).toMatchObject({
    value: null,
    secret: true,
  });
  expect(body.settings.find((one: { variable: string }) => one.variable === 'HEAP_CURRENCY')).toMatchObject({
    value: 'USD',
    source: 'default',
  });
  expect(body.gateways).toHaveLength(1);
  expect(body.queues.map(({ name }: { name: string }) => name)).toContain('operations');
  expect(JSON.stringify(body)).not.toContain(broker.config.auth_secret);
});

test('jobs of all developers are found and shown, without what is their developers’', async () => {
  expect((await ada.call('GET', '/v1/admin/jobs?waiting=true')).body).toMatchObject({ jobs: [], total: { count: 0 } });
  expect((await ada.call('GET', `/v1/admin/jobs/${randomUUID()}`)).status).toBe(404);
});
