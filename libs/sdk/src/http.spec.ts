import { ROUTES } from '#protocol';
import { FakeHeap, type FakeHeapOptions, type Fault } from '../../../test/support/fake-heap.js';
import { HttpClient, retryAfterMs } from './http.js';

let heap: FakeHeap;
afterEach(() => heap.close());

async function start(options: FakeHeapOptions = {}, apiKey = 'oh_fake'): Promise<HttpClient> {
  heap = await FakeHeap.start(options);
  return new HttpClient({ url: heap.url, apiKey, retries: 2, timeoutMs: 5_000 }, 1);
}
const faults = (name: string, ...list: (Fault | undefined)[]): FakeHeapOptions => ({
  fault: (request, earlier) => (request.name === name ? list[earlier] : undefined),
});
const BUSY: Fault = { status: 503, code: 'busy' };

describe('the request core', () => {
  test('answers come typed and parsed', async () => {
    const http = await start();
    expect(await http.call(ROUTES.me)).toMatchObject({ name: 'Ada', roles: ['developer', 'owner'] });
  });

  test.each<[string, Fault]>([
    ['a broken connection', 'drop-before'],
    ['an answer that got lost', 'drop-after'],
    ['a busy heap', BUSY],
    ['a bad gateway', { status: 502 }],
  ])('a read survives %s', async (_, fault) => {
    const http = await start(faults('balance', fault, fault));
    expect(await http.call(ROUTES.balance)).toMatchObject({ currency: 'USD' });
    expect(heap.asked('balance')).toHaveLength(3);
  });

  test('it gives up after its retries, with the last refusal', async () => {
    const http = await start(faults('balance', BUSY, BUSY, BUSY));
    await expect(http.call(ROUTES.balance)).rejects.toMatchObject({ code: 'busy', details: { status: 503 } });
  });

  test('a deposit whose answer got lost is repeated with the same key and counted once', async () => {
    const http = await start(faults('deposit', 'drop-after'));
    await http.call(ROUTES.deposit, { body: { amount_micro: '100' } });
    const keys = heap.asked('deposit').map((r) => r.headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(heap.balance_micro).toBe(5_000_100n);
  });

  test('two deposits have two keys', async () => {
    const http = await start();
    await http.call(ROUTES.deposit, { body: { amount_micro: '100' } });
    await http.call(ROUTES.deposit, { body: { amount_micro: '100' } });
    expect(heap.balance_micro).toBe(5_000_200n);
  });

  test('a POST that may not be repeated is not', async () => {
    const http = await start(faults('createEnrolmentCode', 'drop-after'));
    await expect(http.call(ROUTES.createEnrolmentCode, { body: {} })).rejects.toMatchObject({ code: 'unreachable' });
    expect(heap.asked('createEnrolmentCode')).toHaveLength(1);
  });

  test('too many requests is waited out as the heap asks, for any request', async () => {
    const http = await start(faults('createEnrolmentCode', { status: 429, headers: { 'retry-after': '1' } }));
    const started = performance.now();
    await http.call(ROUTES.createEnrolmentCode, { body: {} });
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  test('a request of a running job outlasts a heap that restarts, whatever the retries', async () => {
    const http = await start(faults('balance', 'drop-before', 'drop-before', BUSY, { status: 500 }, 'drop-after', BUSY));
    expect(await http.call(ROUTES.balance, { patient: true })).toMatchObject({ currency: 'USD' });
    expect(heap.asked('balance')).toHaveLength(7);
  });

  test('a refusal is an error with code, sentence, fault, status and request id', async () => {
    const http = await start({}, 'oh_wrong');
    await expect(http.call(ROUTES.me)).rejects.toMatchObject({
      name: 'HeapError',
      code: 'unauthenticated',
      message: 'The key is not known.',
      fault: 'developer',
      details: { status: 401, request_id: expect.any(String) },
    });
    expect(heap.requests).toHaveLength(1);
  });

  test('no key is said before anything is sent', async () => {
    const http = await start({}, '');
    await expect(http.call(ROUTES.me)).rejects.toMatchObject({ code: 'no_api_key' });
    expect(await http.call(ROUTES.heap)).toMatchObject({ name: 'fake' });
    expect(heap.requests.map((r) => r.name)).toEqual(['heap']);
  });

  test("in the page of a heap the session speaks, which is the browser's to add", async () => {
    await start();
    const sent: Headers[] = [];
    const spy: typeof fetch = (url, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(url, { ...init, headers: { ...init?.headers, authorization: 'Bearer from-the-cookie' } });
    };
    const http = new HttpClient({ url: heap.url, apiKey: '', session: true, fetch: spy });
    await http.call(ROUTES.me).catch(() => undefined);
    expect(sent[0]?.has('authorization')).toBe(false);
    expect(heap.requests.map((r) => r.name)).toContain('me');
  });

  test('a heap that is not there', async () => {
    const http = await start();
    await heap.close();
    await expect(http.call(ROUTES.me)).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('an address that is no heap', async () => {
    await start();
    const fetch = async () => new Response('<html>', { status: 200, headers: { 'content-type': 'text/html' } });
    const http = new HttpClient({ url: heap.url, apiKey: 'k', retries: 0, fetch });
    await expect(http.call(ROUTES.me)).rejects.toMatchObject({ fault: 'platform' });
    const other = new HttpClient({ url: heap.url, apiKey: 'k', retries: 0, fetch: async () => Response.json({ hello: 1 }) });
    await expect(other.call(ROUTES.me)).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  test('the caller can stop waiting', async () => {
    const http = await start(faults('me', { status: 429, headers: { 'retry-after': '30' } }));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 30);
    await expect(http.call(ROUTES.me, { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('an attempt that takes too long', async () => {
    heap = await FakeHeap.start();
    const never = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
    const http = new HttpClient({ url: heap.url, apiKey: 'k', retries: 1, timeoutMs: 20, fetch: never as typeof fetch }, 1);
    await expect(http.call(ROUTES.me)).rejects.toMatchObject({ code: 'timeout' });
  });

  test.each([
    [null, 0],
    ['2', 2_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 4_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['nonsense', 0],
    ['99999', 60_000],
  ])('Retry-After: %s', (header, wait_ms) => {
    expect(retryAfterMs(header, 1_000)).toBe(wait_ms);
  });
});
