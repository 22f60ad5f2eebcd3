import http from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { OutwardClient, type Resolver } from './outward-client.js';

let server: http.Server;
let port: number;
let answer: http.RequestListener;
let heard: string[];
beforeAll(async () => {
  server = http.createServer((request, response) => {
    heard.push(`${request.method} ${request.headers.host} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  heard = [];
  answer = (_, response) => response.end('thanks');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const to =
  (...addresses: string[]): Resolver =>
  async () =>
    addresses.map((address) => ({ address, family: isIP(address) }));
const LIMITS = { total_ms: 300, answer_bytes: 1000 };
const local = (resolver: Resolver = to('127.0.0.1')) => new OutwardClient(['127.0.0.1'], resolver, LIMITS);
const outgoing = { headers: { 'content-type': 'application/json' }, body: '{"a":1}' };

test('what is allowed is called by its own name at the address that was checked', async () => {
  const asked: string[] = [];
  const client = local(async (host) => {
    asked.push(host);
    return [{ address: '127.0.0.1', family: 4 }];
  });
  let body = '';
  answer = (request, response) => {
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => response.writeHead(202).end('thanks'));
  };
  const { status, body: said } = await client.post(`http://hooks.example:${port}/a?b`, outgoing);
  expect([status, said.toString(), body]).toEqual([202, 'thanks', '{"a":1}']);
  expect(heard).toEqual([`POST hooks.example:${port} /a?b`]);
  expect(asked).toEqual(['hooks.example']);
});

test('a name that leads elsewhere the second time is asked once, and never called there', async () => {
  let asked = 0;
  const rebinding: Resolver = async () => {
    asked += 1;
    return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }];
  };
  // To the client, documentation's network stands for a public one here: nobody answers there.
  const client = new OutwardClient(['192.0.2.0/24'], rebinding, LIMITS);
  await expect(client.post(`http://rebind.example:${port}/`, outgoing)).rejects.toMatchObject({
    code: expect.stringMatching(/too_slow|unreachable/),
  });
  expect([asked, heard]).toEqual([1, []]);
});

test.each([
  ['loopback by name', 'http://inside.example', to('127.0.0.1')],
  ['over https as well', 'https://inside.example', to('127.0.0.1')],
  ['one bad address among good ones', 'https://mixed.example', to('93.184.216.34', '10.0.0.1')],
  ['metadata', 'https://metadata.example', to('169.254.169.254')],
  ['mapped', 'https://mapped.example', to('::ffff:127.0.0.1')],
  ['decimal', 'https://2130706433/', to()],
  ['octal', 'https://0177.0.0.1/', to()],
  ['hexadecimal', 'https://0x7f.1/', to()],
  ['short', 'https://127.1/', to()],
  ['IPv6', 'https://[::1]/', to()],
  ['IPv6, mapped', 'https://[::ffff:7f00:1]/', to()],
  ['full-width digits', 'https://１２７.０.０.１/', to()],
])('refused: %s', async (_, url, resolver) => {
  const client = new OutwardClient([], resolver, LIMITS);
  await expect(client.post(url, outgoing)).rejects.toMatchObject({ code: 'address_refused', passing: false });
  await expect(client.check(url)).rejects.toMatchObject({ code: 'address_refused' });
  expect(heard).toEqual([]);
});

test.each([
  ['plain http to the public', 'http://example.org/', 'not_https'],
  ['another scheme', 'ftp://example.org/', 'address_wrong'],
  ['a file', 'file:///etc/passwd', 'address_wrong'],
  ['a user name', 'https://me@example.org/', 'address_wrong'],
  ['no address at all', 'example', 'address_wrong'],
])('refused before anybody is asked: %s', async (_, url, code) => {
  await expect(new OutwardClient([], to('93.184.216.34'), LIMITS).post(url, outgoing)).rejects.toMatchObject({ code, passing: false });
});

test('a name nobody knows, and one that leads to nothing', async () => {
  const unknown: Resolver = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  await expect(local(unknown).post('https://nobody.example/', outgoing)).rejects.toMatchObject({ code: 'host_unknown', passing: true });
  await expect(local(to()).post('https://nobody.example/', outgoing)).rejects.toMatchObject({ code: 'host_unknown' });
});

test('redirects are answers, not orders', async () => {
  answer = (_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
  expect((await local().post(`http://a.example:${port}/`, outgoing)).status).toBe(302);
  expect(heard).toHaveLength(1);
});

test.each<[string, http.RequestListener, string]>([
  ['no answer', () => {}, 'too_slow'],
  ['headers and no end', (_, response) => void response.writeHead(200).write('a'), 'too_slow'],
  [
    'a body that drips',
    (_, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    },
    'too_slow',
  ],
  ['a body without end', (_, response) => void response.end(Buffer.alloc(100_000)), 'answer_too_large'],
  ['a connection that breaks', (request) => request.socket.destroy(), 'unreachable'],
])('%s', async (_, behaviour, code) => {
  answer = behaviour;
  const began = performance.now();
  await expect(local().post(`http://a.example:${port}/`, outgoing)).rejects.toMatchObject({ code, passing: true });
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('a resolver that never answers is waited for no longer than anything else', async () => {
  const never: Resolver = async () => {
    await sleep(60_000, undefined, { ref: false });
    return [];
  };
  await expect(local(never).post('https://slow.example/', outgoing)).rejects.toMatchObject({ code: 'too_slow' });
});
