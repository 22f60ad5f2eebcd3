import { once } from 'node:events';
import http from 'node:http';
import { startBroker, type TestBroker } from '../../../../../test/support/broker.js';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${broker.url}${path}`, { headers });
const directives = (response: Response) =>
  new Map(
    (response.headers.get('content-security-policy') ?? '').split('; ').map((directive): [string, string] => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );

async function assetOf(page: string): Promise<string> {
  const html = await (await get(page)).text();
  return /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
}

test.each(['/join', '/join/invite'])('%s is a page under a strict policy that is asked for anew each time', async (path) => {
  const response = await get(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(response.headers.get('cache-control')).toBe('no-cache');
  const policy = directives(response);
  expect(policy.get('default-src')).toBe("'none'");
  expect(policy.get('connect-src')).toBe("'self'");
  expect(policy.get('style-src')).toBe("'self'");
  expect(policy.get('script-src')).toMatch(/^'self' 'sha256-\S+' 'wasm-unsafe-eval'$/);
  expect([...policy.values()].join(' ')).not.toContain("'unsafe-inline'");
  expect(policy.get('frame-ancestors')).toBe("'none'");
  expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(response.headers.get('permissions-policy')).toContain('camera=()');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
});

test('the console runs scripts and WebAssembly of its own files, and neither inline scripts nor text as code', async () => {
  const policy = directives(await get('/owner'));
  expect(policy.get('script-src')).toBe("'self' 'wasm-unsafe-eval'");
  expect([...policy.values()].join(' ')).not.toMatch(/'unsafe-(inline|eval)'/);
});

test('without JavaScript a page says that it needs it', async () => {
  expect(await (await get('/join')).text()).toMatch(/<noscript>\s*<p class="lacks">[^<]* needs JavaScript, which is switched off/);
});

test('a page that has not changed is not sent again', async () => {
  const etag = (await get('/join/invite', { 'accept-encoding': 'gzip' })).headers.get('etag') ?? '';
  // fetch() asks past all caches when it is given an ETag.
  const request = http.get(`${broker.url}/join/invite`, { headers: { 'if-none-match': etag, 'accept-encoding': 'gzip' } });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(304);
});

test('files whose name holds their hash are kept for good, and come compressed', async () => {
  const path = await assetOf('/join/invite');
  const response = await get(path, { 'accept-encoding': 'br, gzip' });
  expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'br']);
  expect(response.headers.get('content-type')).toMatch(/javascript/);
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const plain = await get(path, { 'accept-encoding': 'identity' });
  expect([plain.headers.get('content-encoding'), (await plain.text()) === (await response.text())]).toEqual([null, true]);
});

test.each(['/join/manifest.webmanifest', '/join/icons/icon-192.png', '/join/check.js', '/join/sw.js'])(
  '%s keeps its name',
  async (path) => {
    const response = await get(path);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  },
);

test('the service worker may serve the page above its folder, and fetch what it keeps', async () => {
  const response = await get('/join/sw.js');
  expect(response.headers.get('service-worker-allowed')).toBe('/join');
  expect(directives(response).get('connect-src')).toBe("'self'");
});

test.each(['/docs', '/docs/', '/docs/guides/join', '/docs/adr', '/docs/performance', '/docs/configuration'])(
  '%s is a document under a policy that lets nothing foreign in',
  async (path) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = directives(response);
    expect([...policy.values()].every((value) => /^'(none|self)'$/.test(value))).toBe(true);
    expect(policy.get('default-src')).toBe("'none'");
    expect(await response.text()).toMatch(/<h1 id="?[^>]*>|<h1>/);
  },
);

test.each(['/docs/guides/nothing', '/docs/..%2fjoin%2findex', '/docs/not-found.html'])(
  '%s is no document, and the page that says so leads on',
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    if (response.headers.get('content-type')?.startsWith('text/html')) expect(await response.text()).toContain('<a href="/docs">');
  },
);

test('the index for the search and the pictures come from beside the documents', async () => {
  const index = (await (await get('/docs/search.json')).json()) as { address: string; text: string }[];
  expect(index.some(({ address, text }) => address.startsWith('/docs/guides/money#') && text.includes('payout'))).toBe(true);
  const picture = await get('/docs/pictures/row.svg');
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});

test.each([
  ['/assets/nothing.js', 404],
  ['/assets/../../package.json', 404],
  ['/assets/%2e%2e/%2e%2e/package.json', 404],
  ['/assets/..%2f..%2fapps%2fbroker%2fsrc%2fmain.js', 403],
  ['/join/icons/%2e%2e/%2e%2e/.made-from', 404],
  ['/join/icons/..%2f..%2f.made-from', 404],
  ['/join/nothing', 404],
])('%s answers %d', async (path, status) => {
  const response = await get(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json; charset=utf-8']);
});

test('beside the pages, errors stay problems', async () => {
  const response = await get('/v1/me');
  expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/problem+json; charset=utf-8']);
});

test('the invitation names the address under which the heap is reached', async () => {
  const owner = await broker.person({ roles: ['owner'], funds_micro: 0n });
  const { status, body } = await owner.call('POST', '/v1/enrolment-codes', {});
  expect([status, body.join_url]).toEqual([201, `${broker.url}/join#${body.code}`]);
  expect(body.command).toContain(broker.url);
  expect(body.join_hint).toContain('this machine only');
});

describe('the page of the console', () => {
  /** What it brought with it, and what its head asks the browser to load. */
  async function page(path: string, headers: Record<string, string> = {}) {
    const response = await get(path, headers);
    const html = await response.text();
    const first = /<script type="application\/json" id="first">(.*?)<\/script>/.exec(html)?.[1] ?? '';
    const links = [...html.matchAll(/<link rel="(modulepreload|preload)"[^>]* href="([^"]+)">/g)];
    const loaded = (rel: string) => links.filter(([, kind]) => kind === rel).map(([, , href = '']) => href.replaceAll('&amp;', '&'));
    return { response, html, first: JSON.parse(first), code: loaded('modulepreload'), asks: loaded('preload') };
  }
  async function cookieOf({ email, password }: { email: string; password: string }): Promise<string> {
    const body = JSON.stringify({ email, password });
    const answer = await fetch(`${broker.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }

  test('says what the heap is and that nobody is signed in, and has the code of its address loaded', async () => {
    const { response, first, code, asks } = await page('/');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(first).toEqual({ heap: await (await get('/v1/heap')).json(), me: null });
    expect(asks).toEqual(['/v1/heap/figures']);
    for (const file of [...code, ...asks]) expect((await get(file)).status).toBe(200);
    expect(code.some((file) => file.includes('/front.page-'))).toBe(true);
  });

  test('says who is signed in, whatever they are called, and asks for what they may see', async () => {
    const owner = await broker.person({ roles: ['owner'], funds_micro: 0n });
    await broker.sql('UPDATE person SET name = $1 WHERE id = $2', ['</script><b>$&', owner.person_id]);
    const cookie = await cookieOf(owner);
    const { html, first, asks } = await page('/owner', { cookie });
    expect(first.me).toMatchObject({ id: owner.person_id, name: '</script><b>$&', roles: ['owner'] });
    expect(html).not.toContain('<b>');
    expect(asks).toEqual(['/v1/nodes', '/v1/earnings/history']);
    expect((await page('/admin', { cookie })).asks).toEqual([]);
    expect((await page('/owner')).asks).toEqual([]);
  });

  test('leaves to the page who is signed in where a cookie is not good', async () => {
    const { first, asks } = await page('/owner', { cookie: 'heap.session_token=stale' });
    expect(first).not.toHaveProperty('me');
    expect(asks).toEqual([]);
  });

  test('every address at which somebody begins names what is there', async () => {
    const cookie = await cookieOf(await broker.person({ roles: ['owner', 'developer', 'admin'] }));
    for (const path of ['/owner', '/developer', '/developer/run', '/admin', '/admin/nodes']) {
      const { code, asks } = await page(path, { cookie });
      expect(code.length).toBeGreaterThan(2);
      for (const file of [...code, ...asks]) expect([file, (await get(file, { cookie })).status]).toEqual([file, 200]);
    }
  });

  test('no policy is weaker for it', async () => {
    const policy = directives((await page('/owner')).response);
    // WebAssembly of the page's own (ADR 42), and no text that becomes code.
    expect(policy.get('script-src')).toBe("'self' 'wasm-unsafe-eval'");
    expect(policy.get('style-src')).toMatch(/^'self' 'nonce-\S+'$/);
  });
});
