import { createHash, randomUUID } from 'node:crypto';
import { HTTP_LIMITS } from '#protocol';
import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { type Answer, call } from '../support/api.js';
import type { TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';
import { inline, order, placed, putBytes, putModule } from '../support/orders.js';
import { type HostileMarket, hostileMarket } from './market.js';

let market: HostileMarket;
let stranger: TestPerson;
let job_id: string;
beforeAll(async () => {
  market = await hostileMarket();
  stranger = await market.broker.person({ name: 'Stranger' });
  ({ id: job_id } = await placed(market.developer, market.module_hash));
});
afterEach(async () => {
  expect(await market.broker.broken()).toEqual([]);
});
afterAll(() => market?.close());

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const uuid = '01890000-0000-7000-8000-000000000000';

/** A problem of RFC 9457 with this status and code, and whose fault it is. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code, type: `urn:openheaps:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
}

describe("another tenant's things do not exist:", () => {
  test.each([
    ['GET', (id: string) => `/v1/jobs/${id}`],
    ['GET', (id: string) => `/v1/jobs/${id}/results`],
    ['GET', (id: string) => `/v1/jobs/${id}/stream`],
    ['GET', (id: string) => `/v1/jobs/${id}/tasks`],
    ['GET', (id: string) => `/v1/jobs/${id}/tasks/0`],
    ['GET', (id: string) => `/v1/jobs/${id}/receipt`],
    ['POST', (id: string) => `/v1/jobs/${id}/close`],
    ['POST', (id: string) => `/v1/jobs/${id}/cancel`],
  ])('%s %s', async (method, path) => {
    expectProblem(await stranger.call(method, path(job_id)), 404, 'not_found');
    expectProblem(await stranger.call(method, path(uuid)), 404, 'not_found');
    expect((await market.developer.heap.job(job_id).get()).state).toBe('QUEUED');
  });

  test('adding tasks to a job', async () => {
    const { id } = await placed(market.developer, market.module_hash, { open: true, inputs: [] });
    expectProblem(await stranger.call('POST', `/v1/jobs/${id}/tasks`, { first_index: 0, inputs: [inline('x')] }), 404, 'not_found');
    expect((await market.developer.heap.job(id).cancel()).tasks.total).toBe(0);
  });

  test('a node, to see and to take out', async () => {
    for (const method of ['GET', 'DELETE'])
      expectProblem(await stranger.call(method, `/v1/nodes/${market.node.node_id}`), 404, 'not_found');
    expect((await stranger.call('GET', '/v1/nodes')).body).toEqual({ nodes: [] });
    expect((await market.owner.call('GET', `/v1/nodes/${market.node.node_id}`)).body.state).not.toBe('REVOKED');
  });

  test('a blob, whether it is there or not', async () => {
    const secret = randomUUID();
    expect((await putBytes(market.broker.url, 'PUT', `/v1/blobs/${sha256(secret)}`, market.developer.api_key, secret)).status).toBe(204);
    for (const hash of [sha256(secret), sha256('not there')])
      expectProblem(await stranger.call('GET', `/v1/blobs/${hash}`), 404, 'not_found');
    // Nor can it be had by naming it as an input.
    expectProblem(await order(stranger, market.module_hash, { inputs: [{ hash: sha256(secret), bytes: 36 }] }), 400, 'input_unknown');
  });
});

describe('who may not do a thing:', () => {
  test('nobody in particular', async () => {
    expectProblem(await call(market.broker.url, 'GET', '/v1/jobs'), 401, 'unauthenticated');
    expectProblem(await call(market.broker.url, 'GET', '/v1/jobs', { token: `${stranger.api_key}x` }), 401, 'unauthenticated');
  });

  test('an owner orders nothing, a developer enrols nothing', async () => {
    const [owner, developer] = await Promise.all([
      market.broker.person({ roles: ['owner'], funds_micro: 0n }),
      market.broker.person({ roles: ['developer'], funds_micro: 0n }),
    ]);
    expectProblem(await order(owner, market.module_hash), 403, 'forbidden');
    expectProblem(await putModule(market.broker, owner, 'javascript', 'export default () => 1'), 403, 'forbidden');
    expectProblem(await owner.call('GET', `/v1/jobs/${job_id}`), 403, 'forbidden');
    expectProblem(await developer.call('POST', '/v1/enrolment-codes', {}), 403, 'forbidden');
    expectProblem(await developer.call('GET', '/v1/nodes'), 403, 'forbidden');
  });

  describe('a node', () => {
    let session: FakeSession;
    let other: FakeSession;
    let token: string;
    beforeAll(async () => {
      await market.reset();
      session = await market.node.online();
      token = session.welcome?.token ?? '';
      other = await (await FakeNode.enrol(market.broker, market.owner)).connect();
    });
    const get = (path: string, bearer = token) => call(market.broker.url, 'GET', path, { token: bearer });

    test('sees, describes and takes out itself alone, and a person is no device', async () => {
      const { broker, owner } = market;
      const device = await FakeNode.enrol(broker, owner);
      const bearer = (await device.connect()).welcome?.token ?? '';
      expect((await get('/v1/device', bearer)).body).toEqual({ node_id: device.node_id, name: 'fake', kind: 'server', work: [] });
      const put = (body: object, token_of = bearer) => call(broker.url, 'PUT', '/v1/device', { token: token_of, body });
      expect((await put({ name: 'Pocket', kind: 'phone' })).status).toBe(204);
      expectProblem(await put({ name: 'Pocket', kind: 'phone', owner_id: uuid }), 400, 'invalid_input');
      expect((await owner.call('GET', `/v1/nodes/${device.node_id}`)).body).toMatchObject({ name: 'Pocket', kind: 'phone' });
      expect((await get('/v1/device')).body).toMatchObject({ node_id: market.node.node_id, kind: 'server' });
      const since = encodeURIComponent(new Date(0).toISOString());
      expect((await get(`/v1/device/earnings?since=${since}`, bearer)).body).toMatchObject({ earned_micro: '0', earned_since_micro: '0' });
      for (const [method, path] of [
        ['GET', '/v1/device'],
        ['GET', `/v1/device/earnings?since=${since}`],
        ['DELETE', '/v1/device'],
      ] as const) {
        expectProblem(await owner.call(method, path), 403, 'forbidden');
        expectProblem(await call(broker.url, method, path), 401, 'unauthenticated');
      }
      expect((await call(broker.url, 'DELETE', '/v1/device', { token: bearer })).status).toBe(204);
      expect((await owner.call('GET', `/v1/nodes/${device.node_id}`)).body.state).toBe('REVOKED');
      expectProblem(await get('/v1/device', bearer), 401, 'unauthenticated');
    });

    test('is not a person', async () => {
      for (const path of ['/v1/me', '/v1/balance', '/v1/jobs', '/v1/nodes', `/v1/jobs/${job_id}`])
        expectProblem(await get(path), 403, 'forbidden');
    });

    test('reads the module and inputs of its own leases and nothing else, and stores nothing without a lease', async () => {
      const { developer, broker, module_hash } = market;
      const input = 'an input by its hash';
      expect((await putBytes(broker.url, 'PUT', `/v1/blobs/${sha256(input)}`, developer.api_key, input)).status).toBe(204);
      expectProblem(await get(`/v1/blobs/${module_hash}`), 404, 'not_found');
      expectProblem(await putBytes(broker.url, 'PUT', `/v1/blobs/${sha256('x')}`, token, 'x'), 403, 'forbidden');
      const { task } = await market.leased(session, { inputs: [{ hash: sha256(input), bytes: input.length }] });
      expect(task.input).toBeNull();
      for (const hash of [module_hash, sha256(input)]) {
        expect((await get(`/v1/blobs/${hash}`)).status).toBe(200);
        expectProblem(await get(`/v1/blobs/${hash}`, other.welcome?.token), 404, 'not_found');
      }
      expectProblem(await putBytes(broker.url, 'PUT', `/v1/blobs/${sha256('x')}`, token, 'y'), 400, 'hash_mismatch');
      expect((await putBytes(broker.url, 'PUT', `/v1/blobs/${sha256('x')}`, token, 'x')).status).toBe(204);
      // What it stored for a task that is not settled is not its developer's, and not its own to read again.
      expectProblem(await developer.call('GET', `/v1/blobs/${sha256('x')}`), 404, 'not_found');
      expectProblem(await get(`/v1/blobs/${sha256('x')}`), 404, 'not_found');
      await market.reset();
      await session.next('lease.end');
      expectProblem(await get(`/v1/blobs/${sha256(input)}`), 404, 'not_found');
    });

    test('is nobody with a token that it made up, and after it left', async () => {
      expectProblem(await get('/v1/blobs/x', `${token}A`), 401, 'unauthenticated');
      other.send('bye', { code: 'test_over' });
      await other.closed;
      // The socket closes first; that the session is over is written a moment later.
      let answer = await get(`/v1/blobs/${market.module_hash}`, other.welcome?.token);
      for (let i = 0; answer.status !== 401 && i < 50; i++) answer = await get(`/v1/blobs/${market.module_hash}`, other.welcome?.token);
      expectProblem(answer, 401, 'unauthenticated');
      session.send('bye', { code: 'test_over' });
      await session.closed;
    });
  });
});

describe('a wrong body is refused with the path of what is wrong:', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown member', { role: 'admin' }, 'body'],
    ['money as a number', { budget_micro: 5 }, 'body.budget_micro'],
    ['negative money', { budget_micro: '-5' }, 'body.budget_micro'],
    ['more money than there can be', { budget_micro: String(2n ** 62n) }, 'body.budget_micro'],
    ['a fraction of a slot', { slots: 1.5 }, 'body.slots'],
    ['a slot class that is none', { slot_class: 'huge' }, 'body.slot_class'],
    ['a hash that is none', { module_hash: 'abc' }, 'body.module_hash'],
    ['an input that is not base64', { inputs: [{ inline: '***' }] }, 'body.inputs.0.inline'],
    ['too many inputs', { inputs: Array(HTTP_LIMITS.array_items + 1).fill(inline('')) }, 'body.inputs'],
    ['a NUL in a name', { name: 'a\0b' }, 'body.name'],
    ['a NUL in an argument', { args: ['fine', 'a\0b'] }, 'body.args.1'],
    ['too much fuel for a number', { fuel_limit: 2 ** 60 }, 'body.fuel_limit'],
  ])('%s', async (_, more, path) => {
    const answer = await order(market.developer, market.module_hash, more);
    expectProblem(answer, 400, 'invalid_input');
    expect(answer.body.details.issues.map((issue: { path: string }) => issue.path)).toContain(path);
  });

  test('no JSON, no object, a poisoned prototype, and numbers beyond int4 in paths and queries', async () => {
    const { developer, broker } = market;
    const raw = (body: string) =>
      fetch(`${broker.url}/v1/estimates`, {
        method: 'POST',
        headers: { authorization: `Bearer ${developer.api_key}`, 'content-type': 'application/json' },
        body,
      });
    for (const body of ['{', '1', '[]', '"x"', '{"__proto__":{"slots":4},"max_price_micro":"1"}'])
      expect((await raw(body)).status).toBe(400);
    for (const path of [
      `/v1/jobs/${job_id}/tasks/4294967296`,
      `/v1/jobs/${job_id}/results?after=4294967296`,
      '/v1/jobs/no-uuid',
      '/v1/jobs?limit=1000',
    ])
      expectProblem(await developer.call('GET', path), 400, 'invalid_input');
    const stream = await fetch(`${broker.url}/v1/jobs/${job_id}/stream`, {
      headers: { authorization: `Bearer ${developer.api_key}`, 'last-event-id': '99999999999' },
    });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  test('more than an endpoint takes', async () => {
    const { developer, broker } = market;
    const answer = await order(developer, market.module_hash, { name: 'x'.repeat(HTTP_LIMITS.body_bytes) });
    expectProblem(answer, 413, 'too_large');
    expectProblem(await putModule(broker, developer, 'wasm', Buffer.alloc(HTTP_LIMITS.module_bytes + 1)), 413, 'too_large');
  });

  test('the wrong kind of content', async () => {
    const { developer, broker } = market;
    expectProblem(await putBytes(broker.url, 'POST', '/v1/jobs', developer.api_key, '{}'), 400, 'idempotency_key_missing');
    expectProblem(await putBytes(broker.url, 'POST', '/v1/estimates', developer.api_key, '{}'), 415, 'unsupported_media_type');
  });
});

describe('a module that cannot run is refused before anything is held:', () => {
  const refused = async (kind: 'wasm' | 'javascript', bytes: string | Uint8Array) => {
    const answer = await putModule(market.broker, market.developer, kind, bytes);
    expectProblem(answer, 400, 'module_refused');
    expect(answer.body.fault).toBe('developer');
    expectProblem(await order(market.developer, sha256(bytes)), 400, 'module_unknown');
    return answer.body as { detail: string; details: Record<string, unknown> };
  };
  const wasm = (...bytes: number[]) => Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]);
  const name = (text: string) => [text.length, ...Buffer.from(text)];

  test('bytes that are no WebAssembly', async () => {
    await refused('wasm', 'this is no module');
  });

  test('a module that is cut off, with the offset', async () => {
    // A type section that announces five bytes and has two.
    const { details } = await refused('wasm', wasm(1, 5, 1, 0x60));
    expect(details).toMatchObject({ reason: expect.any(String), byte_offset: expect.any(Number) });
  });

  test('a module that imports what no task may have, named', async () => {
    const imported = [...name('env'), ...name('fetch'), 0, 0];
    const { detail } = await refused('wasm', wasm(1, 4, 1, 0x60, 0, 0, 2, imported.length + 1, 1, ...imported));
    expect(detail).toContain('env');
    expect(detail).toContain('fetch');
  });

  test('JavaScript that does not parse, and JavaScript that imports', async () => {
    expect((await refused('javascript', 'export default (')).detail).toMatch(/line 1|1:/);
    await refused('javascript', "import fs from 'node:fs'; export default () => fs.readdirSync('/');");
  });

  test('nothing at all', async () => {
    expectProblem(await putModule(market.broker, market.developer, 'wasm', ''), 400, 'invalid_input');
  });
});

describe('money:', () => {
  test('an order beyond the balance is refused with both amounts and holds nothing', async () => {
    const poor = await market.broker.person({ funds_micro: 99_999n });
    const answer = await order(poor, market.module_hash);
    expectProblem(answer, 402, 'insufficient_funds');
    expect(answer.body.details).toEqual({ needed_micro: '100000', available_micro: '99999' });
    expect((await poor.heap.balance()).developer).toMatchObject({ available_micro: 99_999n, held_micro: 0n });
    expect(await poor.heap.jobs()).toEqual([]);
  });

  test('a budget that cannot pay for a single task is refused with the least that can', async () => {
    const answer = await order(market.developer, market.module_hash, { budget_micro: '1000' });
    expectProblem(answer, 400, 'budget_too_small');
    // The fuel limit and the base fuel at the maximum price, and one for rounding.
    const least = charge(1_000_000_000_000n + TASK_BASE_FUEL, 1_000n, FUEL_PER_PRICE_UNIT) + 1n;
    expect(answer.body.details).toEqual({ least_micro: String(least) });
    expect((await order(market.developer, market.module_hash, { budget_micro: String(least) })).status).toBe(201);
  });

  test('the same key with other content is refused, and the first stands', async () => {
    const person = await market.broker.person({ funds_micro: 1_000_000n });
    const key = randomUUID();
    const first = await order(person, market.module_hash, {}, key);
    expect(first.status).toBe(201);
    expectProblem(await order(person, market.module_hash, { budget_micro: '100001' }, key), 422, 'idempotency_mismatch');
    expect((await order(person, market.module_hash, {}, key)).body.id).toBe(first.body.id);
    const deposit = (amount_micro: string) => person.call('POST', '/v1/deposits', { amount_micro }, { 'idempotency-key': key });
    expect((await deposit('7')).status).toBe(201);
    expectProblem(await deposit('8'), 422, 'idempotency_mismatch');
    expect((await person.heap.balance()).developer).toMatchObject({ available_micro: 900_007n, held_micro: 100_000n });
    // Another person's key of the same name is another key.
    expect((await order(market.developer, market.module_hash, {}, key)).body.id).not.toBe(first.body.id);
    await person.heap.job(first.body.id).cancel();
  });

  test('a request that costs money needs a key', async () => {
    expectProblem(await market.developer.call('POST', '/v1/deposits', { amount_micro: '5' }), 400, 'idempotency_key_missing');
    expectProblem(
      await market.developer.call('POST', '/v1/deposits', { amount_micro: '5' }, { 'idempotency-key': 'two words' }),
      400,
      'idempotency_key_invalid',
    );
  });

  test.each(['0', '1000000000001'])('a deposit of %s is out of range', async (amount_micro) => {
    const answer = await market.developer.call('POST', '/v1/deposits', { amount_micro }, { 'idempotency-key': randomUUID() });
    expectProblem(answer, 400, 'amount_out_of_range');
  });

  test('inputs out of their order are refused, inputs sent again change nothing', async () => {
    const { developer } = market;
    const { id } = await placed(developer, market.module_hash, { open: true, inputs: [] });
    const add = (first_index: number, ...texts: string[]) =>
      developer.call('POST', `/v1/jobs/${id}/tasks`, { first_index, inputs: texts.map(inline) });
    expect((await add(0, 'a', 'b')).body).toEqual({ total: 2 });
    expect((await add(0, 'a', 'b')).body).toEqual({ total: 2 });
    expect((await add(1, 'b', 'c')).body).toEqual({ total: 3 });
    expectProblem(await add(9, 'z'), 409, 'conflict');
    await developer.call('POST', `/v1/jobs/${id}/close`);
    expectProblem(await add(3, 'd'), 409, 'conflict');
    expect((await developer.heap.job(id).cancel()).tasks).toMatchObject({ total: 3, cancelled: 3 });
  });
});
