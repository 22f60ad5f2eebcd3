import { CLOSE, SOCKET_LIMITS, type WireBody } from '#protocol';
import { call } from '../support/api.js';
import { type Closed, FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { type HostileMarket, hostileMarket } from './market.js';

let market: HostileMarket;
let slow: Promise<Closed>;
beforeAll(async () => {
  market = await hostileMarket();
  // Says nothing: looked at in the last test, when its five seconds are over.
  slow = market.node.open().closed;
});
afterEach(() => market.reset());
afterAll(() => market?.close());

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const frame = (message: object): string => JSON.stringify(message);
const state: WireBody<'state'> = { leases: [] };

describe('a frame that is not the protocol closes the connection and loses nothing:', () => {
  test.each<[string, string | Buffer, number, string | null]>([
    ['no JSON', '{"v":1', CLOSE.malformed, 'malformed_frame'],
    ['an unknown type', frame({ v: 1, t: 'gossip', b: {} }), CLOSE.malformed, 'malformed_frame'],
    ["the broker's own type", frame({ v: 1, t: 'results.ack', s: 3, b: {} }), CLOSE.malformed, 'malformed_frame'],
    ['too deep JSON', nested(SOCKET_LIMITS.json_depth + 1), CLOSE.malformed, 'malformed_frame'],
    ['no message at all', '[]', CLOSE.malformed, 'malformed_frame'],
    ['another version', frame({ v: 2, t: 'hb', b: { running: 0 } }), CLOSE.malformed, 'malformed_frame'],
    ['an unknown member', frame({ v: 1, t: 'hb', b: { running: 0, admin: true } }), CLOSE.malformed, 'malformed_frame'],
    ['a reliable message without its number', frame({ v: 1, t: 'state', b: state }), CLOSE.malformed, 'malformed_frame'],
    ['an unreliable message with a number', frame({ v: 1, t: 'hb', s: 3, b: { running: 0 } }), CLOSE.malformed, 'malformed_frame'],
    [
      'hello again',
      frame({ v: 1, t: 'hello', b: { node_id: '0', version: '', agent_version: '', signature: '' } }),
      CLOSE.malformed,
      'malformed_frame',
    ],
    ['a binary frame', Buffer.from(frame({ v: 1, t: 'hb', b: { running: 0 } })), CLOSE.malformed, 'malformed_frame'],
    ['a gap in the numbers', frame({ v: 1, t: 'state', s: 99, b: state }), CLOSE.gap, 'gap'],
    ['more than a frame holds', ' '.repeat(SOCKET_LIMITS.frame_bytes + 1), CLOSE.too_big, null],
  ])('%s', async (_, bytes, close_code, error_code) => {
    const session = await market.node.online();
    const { job_id } = await market.leased(session);
    session.raw(bytes);
    if (error_code) expect(await session.next('error')).toMatchObject({ code: error_code });
    expect((await session.closed).code).toBe(close_code);
    await market.unpaid(job_id);
    await market.recovers(job_id);
  });

  test('a flood of frames', async () => {
    const session = await market.node.online();
    const { job_id } = await market.leased(session);
    const beat = frame({ v: 1, t: 'hb', b: { running: 0 } });
    for (let i = 0; i < SOCKET_LIMITS.rate_burst * 2; i++) session.raw(beat);
    expect((await session.closed).code).toBe(CLOSE.rate);
    await market.unpaid(job_id);
    await market.recovers(job_id);
  });

  test('but an acknowledgement of what was never sent, a repeated number and a full allowance of frames do not', async () => {
    const session = await market.node.online();
    const { job_id, task } = await market.leased(session);
    session.raw(frame({ v: 1, t: 'ack', a: 1_000_000, b: {} }));
    session.raw(frame({ v: 1, t: 'state', s: 1, b: state }));
    for (let i = 0; i < SOCKET_LIMITS.rate_burst / 2; i++) session.raw(frame({ v: 1, t: 'hb', b: { running: 1 } }));
    session.results(task, resultOf(task, 'one'));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
    expect((await market.developer.heap.job(job_id).get()).charged_micro).toBe(BigInt(task.lease.price_micro));
    expect(await market.broker.broken()).toEqual([]);
    session.send('bye', { code: 'test_over' });
    await session.closed;
  });
});

describe('who is not an enrolled device does not get in:', () => {
  const refused = async (session: FakeSession, code: number) => {
    expect((await session.closed).code).toBe(code);
    expect(session.welcome).toBeUndefined();
  };

  test('a wrong signature', async () => {
    const session = market.node.open();
    const other = await FakeNode.enrol(market.broker, market.owner);
    const { signature } = other.hello(await session.next('challenge'));
    session.send('hello', market.node.hello({ nonce: 'x'.repeat(32), server_id: '', versions: [] }, { signature }));
    await refused(session, CLOSE.unauthenticated);
  });

  test('a signature for another heap', async () => {
    const session = market.node.open();
    session.send('hello', market.node.hello(await session.next('challenge'), { host: 'another-heap.example' }));
    await refused(session, CLOSE.unauthenticated);
  });

  test('an answer to an older challenge', async () => {
    const [first, second] = [market.node.open(), market.node.open()];
    const old = await first.next('challenge');
    await second.next('challenge');
    second.send('hello', market.node.hello(old));
    await refused(second, CLOSE.unauthenticated);
    first.socket.terminate();
  });

  test('an unknown node', async () => {
    const session = market.node.open();
    const hello = market.node.hello(await session.next('challenge'));
    session.send('hello', { ...hello, node_id: '01890000-0000-7000-8000-000000000000' });
    await refused(session, CLOSE.unauthenticated);
  });

  test('a version that the heap does not speak', async () => {
    const session = market.node.open();
    session.send('hello', market.node.hello(await session.next('challenge'), { version: 'openheaps.v0' }));
    await refused(session, CLOSE.upgrade);
  });

  test('work before hello', async () => {
    const session = market.node.open();
    await session.next('challenge');
    session.send('state', state);
    await refused(session, CLOSE.unauthenticated);
  });

  test.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ["a page of another site with our visitor's cookie", { origin: 'https://evil.example', cookie: 'session=1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['what is no address', { origin: 'evil' }],
    ['a cookie without a page', { cookie: 'session=1' }],
  ])('a browser: %s', async (_, headers) => {
    await refused(market.node.open({ headers }), CLOSE.unauthenticated);
  });

  test('a device key of another algorithm than the enrolled one', async () => {
    const session = market.node.open();
    session.send('hello', market.node.hello(await session.next('challenge'), { algorithm: 'p256' }));
    await refused(session, CLOSE.unauthenticated);
  });

  test('a revoked device, at once and for good; its work goes back', async () => {
    const node = await FakeNode.enrol(market.broker, market.owner);
    const session = await node.online();
    const { job_id, task } = await market.leased(session);
    expect((await market.owner.call('DELETE', `/v1/nodes/${node.node_id}`)).status).toBe(204);
    session.results(task, resultOf(task, 'one'));
    expect((await session.closed).code).toBe(CLOSE.revoked);
    await market.unpaid(job_id);
    const again = node.open();
    again.send('hello', node.hello(await again.next('challenge')));
    await refused(again, CLOSE.revoked);
    const { welcome } = session;
    const blob = await fetch(`${market.broker.url}/v1/blobs/${task.lease.module.hash}`, {
      headers: { authorization: `Bearer ${welcome?.token}` },
    });
    expect(blob.status).toBe(401);
    await market.recovers(job_id);
  });
});

test('a second session fences the first, with its token', async () => {
  const first = await market.node.online();
  const { job_id, task } = await market.leased(first);
  const second = await market.node.connect();
  first.results(task, resultOf(task, 'one'));
  expect((await first.closed).code).toBe(CLOSE.replaced);
  const read = (session: FakeSession) =>
    fetch(`${market.broker.url}/v1/blobs/${market.module_hash}`, { headers: { authorization: `Bearer ${session.welcome?.token}` } });
  expect((await read(first)).status).toBe(401);
  const lease = { lease_id: task.lease.lease_id, epoch: task.lease.epoch };
  second.send('state', { leases: [{ ...lease, tasks: [{ index: task.index, epoch: task.epoch, phase: 'running' }] }] });
  expect((await second.next('reconcile')).leases).toMatchObject([{ ...lease, action: 'keep' }]);
  expect((await read(second)).status).toBe(200);
  await market.unpaid(job_id);
  second.send('results', { ...lease, results: [resultOf(task, 'one')] });
  expect((await second.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
  expect((await market.developer.heap.job(job_id).get()).charged_micro).toBe(BigInt(task.lease.price_micro));
  expect(await market.broker.broken()).toEqual([]);
  second.send('bye', { code: 'test_over' });
  await second.closed;
});

test('a node that never says hello is shown out', async () => {
  expect(await slow).toMatchObject({ code: CLOSE.unauthenticated });
});

describe('a browser agent', () => {
  test('connects from a page of the heap itself, whose cookies count for nothing', async () => {
    const session = await market.node.connect({ headers: { origin: market.broker.url, cookie: 'session=1' } });
    expect(session.welcome?.resumed).toBe(false);
    session.socket.terminate();
  });

  test('without Ed25519 has a P-256 key, and what another key signed is refused', async () => {
    const node = await FakeNode.enrol(market.broker, market.owner, { algorithm: 'p256' });
    const stranger = await FakeNode.enrol(market.broker, market.owner, { algorithm: 'p256' });
    const session = await node.connect();
    expect(session.welcome?.resumed).toBe(false);
    session.socket.terminate();
    const forged = node.open();
    const hello = stranger.hello(await forged.next('challenge'));
    forged.send('hello', { ...hello, node_id: node.node_id });
    expect((await forged.closed).code).toBe(CLOSE.unauthenticated);
  });

  test.each([
    ['p256', 44],
    ['ed25519', 88],
  ])('enrols no key that is too short or too long for %s', async (key_algorithm, characters) => {
    const { code } = (await market.owner.call('POST', '/v1/enrolment-codes', {})).body;
    const public_key = `${'A'.repeat(characters - 1)}=`;
    const body = { enrolment_code: code, key_algorithm, public_key, signature: 'AAAA', name: 'x', kind: 'phone' };
    expect(await call(market.broker.url, 'POST', '/v1/nodes', { body })).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });
});
