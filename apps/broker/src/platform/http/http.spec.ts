import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { problem } from '#protocol';
import { type Answer, call } from '../../../../../test/support/api.js';
import { seen, startTestServer } from '../../../../../test/support/http-server.js';

type Server = Awaited<ReturnType<typeof startTestServer>>;
let server: Server;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
});
afterAll(() => server?.app.close());

const expectProblem = ({ body, headers, status }: Answer, code: string) => {
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(problem.parse(body)).toMatchObject({ code, status, request_id: headers.get('x-request-id') });
};

describe('access', () => {
  const KEYS = { olga: 'oh_owner', dora: 'oh_developer', adam: 'oh_admin', nina: 'ohn_n' } as const;
  const MATRIX: [path: string, who: readonly (keyof typeof KEYS)[]][] = [
    ['/open', ['olga', 'dora', 'adam', 'nina']],
    ['/person', ['olga', 'dora', 'adam']],
    ['/owner', ['olga']],
    ['/admin', ['adam']],
    ['/node', ['nina']],
    ['/both', ['olga', 'dora', 'adam', 'nina']],
  ];
  const CASES = MATRIX.flatMap(([path, who]) =>
    (Object.keys(KEYS) as (keyof typeof KEYS)[]).map((name) => [path, name, who.includes(name)] as const),
  );

  test.each(CASES)('%s for %s: %s', async (path, name, admitted) => {
    const answer = await call(url, 'GET', path, { token: KEYS[name] });
    if (admitted) expect(answer).toMatchObject({ status: 200, body: { who: path === '/open' ? 'anyone' : name } });
    else expectProblem(answer, 'forbidden');
  });

  test.each(MATRIX.slice(1).map(([path]) => path))('%s needs credentials that are valid', async (path) => {
    for (const headers of [
      {},
      { authorization: 'Bearer oh_wrong' },
      { authorization: 'Basic b2g6eA==' },
      { authorization: '' },
      { cookie: 'session=2' },
    ]) {
      const answer = await call(url, 'GET', path, { headers: headers as Record<string, string> });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="heap"');
      expectProblem(answer, 'unauthenticated');
    }
  });

  test('a handler that is no endpoint is reachable by nobody', async () => {
    expectProblem(await call(url, 'GET', '/unlisted', { token: 'oh_admin' }), 'not_found');
  });

  test('a body is not read for somebody who may not send it', async () => {
    seen.bytes = -1;
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('PUT /bytes HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 60000000\r\n\r\n');
    const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString().split('\r\n');
    socket.destroy();
    expect(first).toBe('HTTP/1.1 401 Unauthorized');
    expect(seen.bytes).toBe(-1);
  });
});

describe('input', () => {
  const path = '/things/01a1fcef-a23e-7466-a68c-1829e3acf57a';
  const send = (at: string, body: unknown, headers: Record<string, string> = { 'idempotency-key': 'k' }) =>
    call(url, 'POST', at, { token: 'oh_developer', body, headers });

  test('is parsed by the schemas of the route', async () => {
    const answer = await send(`${path}?dry=yes`, { amount: '41' });
    expect(answer).toMatchObject({ status: 201, body: { seen: '01a1fcef-a23e-7466-a68c-1829e3acf57a yes 42 k' } });
  });

  test.each([
    ['a wrong path', '/things/7', { amount: '1' }, 'path.thing_id'],
    ['a wrong query', `${path}?dry=maybe`, { amount: '1' }, 'query.dry'],
    ['an unknown query', `${path}?wet=yes`, { amount: '1' }, 'query'],
    ['a wrong member', path, { amount: 1 }, 'body.amount'],
    ['an unknown member', path, { amount: '1', price: 0 }, 'body'],
    ['no body', path, undefined, 'body.amount'],
    ['a list', path, ['1'], 'body'],
  ])('with %s is refused and says where', async (_, at, body, where) => {
    const answer = await send(at, body);
    expect(answer.status).toBe(400);
    expectProblem(answer, 'invalid_input');
    expect(answer.body.details.issues[0].path).toBe(where);
    expect(answer.body.detail).toContain(where);
  });

  test.each([
    ['none', {}, 'idempotency_key_missing'],
    ['an empty one', { 'idempotency-key': '' }, 'idempotency_key_missing'],
    ['one with a space', { 'idempotency-key': 'a b' }, 'idempotency_key_invalid'],
    ['one of 129 characters', { 'idempotency-key': 'x'.repeat(129) }, 'idempotency_key_invalid'],
  ])('that costs money needs an idempotency key, not %s', async (_, headers, code) => {
    const answer = await send(path, { amount: '1' }, headers);
    expect(answer.status).toBe(400);
    expectProblem(answer, code);
  });

  test('that the route does not take is refused', async () => {
    expect((await call(url, 'GET', '/open?x=1')).status).toBe(200);
    expectProblem(await call(url, 'GET', '/fail?how=area&x=1'), 'invalid_input');
  });

  test.each([
    ['broken', '{"amount":', 400, 'invalid_input'],
    ['poisoned', '{"__proto__": {"roles": ["admin"]}, "amount": "1"}', 400, 'invalid_input'],
    ['too large', `{"amount":"${'1'.repeat(1024 * 1024)}"}`, 413, 'too_large'],
  ])('as JSON that is %s is refused', async (_, text, status, code) => {
    const headers = { authorization: 'Bearer oh_developer', 'idempotency-key': 'k', 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: text });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });
});

describe('bytes', () => {
  const put = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${url}/bytes`, { method: 'PUT', headers: { authorization: 'Bearer oh_owner', 'content-type': type }, body });

  test('come in beyond the limit of JSON, where the route takes them', async () => {
    expect((await put('application/octet-stream', new Uint8Array(3_000_000))).status).toBe(204);
    expect(seen.bytes).toBe(3_000_000);
  });

  test('and JSON are not taken for each other', async () => {
    expect((await put('application/json', '{}')).status).toBe(415);
    const headers = { authorization: 'Bearer oh_developer', 'idempotency-key': 'k', 'content-type': 'application/octet-stream' };
    const response = await fetch(`${url}/things/01a1fcef-a23e-7466-a68c-1829e3acf57a`, { method: 'POST', headers, body: 'x' });
    expect(await response.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  test.each([
    ['/bytes', [0, 1, 255]],
    ['/file', [97, 98, 99]],
  ])('go out from %s as they are', async (path, bytes) => {
    const response = await fetch(url + path);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual(bytes);
  });
});

describe('an event stream', () => {
  test('sends events, keeps the line alive, and ends its source when the client leaves', async () => {
    const controller = new AbortController();
    const response = await fetch(`${url}/stream`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk);
      if (text.split(':\n\n').length > 3) break;
    }
    expect(text.startsWith(':\n\nid: 1\nevent: result\ndata: {"text":"two\\nlines"}\n\n:\n\n')).toBe(true);
    controller.abort();
    for (let i = 0; i < 2_000 && seen.streams_open > 0; i++) await sleep(10);
    expect(seen.streams_open).toBe(0);
  });
});

describe('a problem', () => {
  const fail = (how: string) => call(url, 'GET', `/fail?how=${how}`);

  test.each([
    ['funds', 402, 'insufficient_funds', 'developer'],
    ['area', 404, 'job.not_found', 'user'],
    ['custom', 400, 'module_unknown', 'developer'],
    ['down', 503, 'unavailable', 'platform'],
    ['zod', 400, 'invalid_input', 'user'],
    ['defect', 500, 'internal', 'platform'],
    ['internal', 500, 'internal', 'platform'],
    ['shape', 500, 'internal', 'platform'],
    ['more', 500, 'internal', 'platform'],
  ])('from "%s" is %i %s', async (how, status, code, fault) => {
    const answer = await fail(how);
    expect(answer).toMatchObject({ status, body: { fault } });
    expectProblem(answer, code);
  });

  test('carries details of a fault of the caller, with amounts as strings', async () => {
    expect((await fail('funds')).body.details).toEqual({ missing_micro: '5' });
  });

  test('of ours tells the caller nothing and the log everything', async () => {
    server.log.length = 0;
    for (const how of ['defect', 'internal', 'down']) {
      const text = JSON.stringify((await fail(how)).body);
      expect(text).not.toMatch(/hunter2|line 7|10\.0\.0\.7|at /);
    }
    expect(server.log).toHaveLength(3);
    expect(server.log[0]).toContain('hunter2 at line 7');
  });

  test.each(['full', 'away'])('that is ordinary is answered and is no error in the log: %s', async (how) => {
    server.log.length = 0;
    expect((await fail(how)).status).toBe(503);
    expect(server.log).toEqual([]);
  });

  test('is what an unknown path gets, and a wrong method', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['DELETE', '/open'],
      ['GET', '/%zz'],
    ] as const) {
      const answer = await call(url, method, path);
      expect(answer.body).toMatchObject({ fault: 'user', request_id: expect.any(String) });
      expect([400, 404]).toContain(answer.status);
    }
  });

  test('is even what no HTTP gets', async () => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nbad header\r\n\r\n');
    const text = (await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(problem.parse(JSON.parse(text.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ code: 'invalid_input' });
  });
});

test('answers say who they are for and forbid what a browser could do with them', async () => {
  const { headers } = await call(url, 'GET', '/open', { headers: { 'x-request-id': 'mine' } });
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('strict-transport-security')).toBeNull();
});

test('closing waits neither for a connection that never sent a request nor for one that stays open', async () => {
  const own = await startTestServer();
  const silent = net.connect(Number(new URL(own.url).port), '127.0.0.1');
  const gone = new Promise<void>((resolve) => silent.once('close', () => resolve()));
  silent.on('error', () => {});
  await call(own.url, 'GET', '/open');
  const started_ms = performance.now();
  await own.app.close();
  expect(performance.now() - started_ms).toBeLessThan(30_000);
  await gone;
});

describe('a rate limit', () => {
  test('is of the caller, whatever the address', async () => {
    const limited = await startTestServer({ HEAP_CALLER_REQUESTS_PER_MINUTE: '3' });
    try {
      for (let i = 0; i < 3; i++) expect((await call(limited.url, 'GET', '/person', { token: 'oh_owner' })).status).toBe(200);
      const refused = await call(limited.url, 'GET', '/person', { token: 'oh_owner' });
      expectProblem(refused, 'rate_limited');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await call(limited.url, 'GET', '/person', { token: 'oh_admin' })).status).toBe(200);
    } finally {
      await limited.app.close();
    }
  });

  test('is of the address, whoever calls', async () => {
    const limited = await startTestServer({ HEAP_ADDRESS_REQUESTS_PER_MINUTE: '3' });
    try {
      for (const token of ['oh_owner', 'oh_admin', 'oh_wrong']) await call(limited.url, 'GET', '/person', { token });
      const refused = await call(limited.url, 'GET', '/open');
      expect(refused.status).toBe(429);
      expectProblem(refused, 'rate_limited');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await limited.app.close();
    }
  });
});
