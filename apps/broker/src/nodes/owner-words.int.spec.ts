// @own-machine: a device is told within a second.
import { NO_RULES, SAFE_RULES, type WireBody } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession } from '../../../../test/support/fake-node.js';

let broker: TestBroker;
let owner: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  [owner, stranger] = [await broker.person(), await broker.person({ name: 'Eve' })];
});
afterAll(() => broker?.close());

const NIGHTS = { ...SAFE_RULES, hours: [{ weekdays: [1, 2, 3, 4, 5], from_minute: 1_320, to_minute: 360 }], time_zone: 'Europe/Berlin' };
const says = (version = 0, more: Partial<WireBody<'owner'>> = {}): WireBody<'owner'> => ({
  rules: { version, origin: 'device', rules: NO_RULES, since_ms: 60_000 },
  own_rules_only: false,
  hold: null,
  ...more,
});
const rulesOf = async (node: FakeNode, person = owner) => (await person.call('GET', `/v1/nodes/${node.node_id}/rules`)).body;
const put = (node: FakeNode, rules: unknown, person = owner) => person.call('PUT', `/v1/nodes/${node.node_id}/rules`, { rules });

/** Follows the heap's wishes as an agent does. */
async function follow(session: FakeSession): Promise<WireBody<'wish'>> {
  const wish = await session.next('wish');
  const { rules, hold } = wish;
  session.send('owner', {
    ...says(),
    ...(rules && { rules: { ...rules, origin: 'heap', since_ms: 0 } }),
    hold: hold && { ...hold, origin: 'heap' },
  });
  return wish;
}

/** A wish may be said twice; the one of this version. */
async function followHold(session: FakeSession, version: number): Promise<WireBody<'wish'>['hold']> {
  const { hold } = await follow(session);
  return hold && hold.version < version ? followHold(session, version) : hold;
}

test('rules set at the heap reach the device, which confirms since when they are in force', async () => {
  const node = await FakeNode.enrol(broker, owner);
  expect(await rulesOf(node)).toMatchObject({ set: null, in_force: null, status: { code: 'not_ruled' } });
  const session = await node.online();
  session.send('owner', says());
  await until('the device to be heard', 30_000, async () => (await rulesOf(node)).in_force ?? undefined);

  expect((await put(node, NIGHTS)).body).toMatchObject({ set: { version: 1, origin: 'heap' }, status: { code: 'on_its_way' } });
  expect(await follow(session)).toMatchObject({ rules: { version: 1, rules: NIGHTS }, hold: null });
  const now = await until('the device to confirm', 30_000, async () => {
    const view = await rulesOf(node);
    return view.status.code === 'on_device' ? view : undefined;
  });
  expect(now.in_force).toMatchObject({ version: 1, origin: 'heap', rules: NIGHTS });
  expect(now.set.rules).toEqual(NIGHTS);
  await session.vanish();
});

test('a word said while the device is away waits for it; what was set on the device meanwhile wins', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  first.send('owner', says());
  await until('the device to be heard', 30_000, async () => (await rulesOf(node)).in_force ?? undefined);
  await first.vanish();
  await until(
    'it to be away',
    5_000,
    async () => (await owner.heap.nodes()).find(({ id }) => id === node.node_id)?.state === 'DISCONNECTED' || undefined,
  );
  expect((await put(node, NIGHTS)).body.status.code).toBe('waits_for_device');

  const back = await node.online();
  back.send('owner', says());
  expect((await back.next('wish')).rules?.version).toBe(1);
  back.send('owner', says(1));
  const view = await until('the device to win', 30_000, async () => {
    const seen = await rulesOf(node);
    return seen.set?.origin === 'device' ? seen : undefined;
  });
  expect(view).toMatchObject({ set: { version: 1, origin: 'device', rules: NO_RULES }, status: { code: 'on_device' } });
  expect((await put(node, NIGHTS)).body.set.version).toBe(2);
  await back.vanish();
});

test('the hold button: told at once, for a time, over when it is over, and released', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  session.send('owner', says());
  const path = `/v1/nodes/${node.node_id}/hold`;
  const began = performance.now();
  expect((await owner.call('POST', path, { for_ms: 3_600_000 })).body.hold).toMatchObject({ held: true, origin: 'heap' });
  const { hold } = await follow(session);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(hold).toMatchObject({ version: 1, held: true });
  expect(hold?.remaining_ms).toBeGreaterThan(3_590_000);
  await until('it to be confirmed', 30_000, async () => (await rulesOf(node)).hold.status.code === 'on_device' || undefined);
  const [shown] = (await owner.heap.nodes()).filter(({ id }) => id === node.node_id);
  expect(shown?.hold.held).toBe(true);

  await broker.sql("UPDATE device_word SET held_until = now() - interval '1 second' WHERE node_id = $1", [node.node_id]);
  expect((await rulesOf(node)).hold).toMatchObject({ held: false, until: null });
  expect((await owner.call('POST', path, { for_ms: null })).body.hold).toMatchObject({ held: true, until: null });
  expect(await followHold(session, 2)).toEqual({ version: 2, held: true, remaining_ms: null });
  expect((await owner.call('DELETE', path)).body.hold.held).toBe(false);
  expect(await followHold(session, 3)).toEqual({ version: 3, held: false, remaining_ms: null });
  await session.vanish();
});

test('a device that takes its own rules only is told none, and its owner hears why', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  session.send('owner', says(0, { own_rules_only: true }));
  await until('the device to be heard', 30_000, async () => (await rulesOf(node)).own_rules_only || undefined);
  const refused = await put(node, NIGHTS);
  expect([refused.status, refused.body.code]).toEqual([409, 'own_rules_only.conflict']);
  await session.vanish();
});

test('new devices begin with what their owner wants of new devices', async () => {
  const beginner = await broker.person({ name: 'Bea' });
  expect((await beginner.call('GET', '/v1/device-rules')).body).toEqual({ rules: null });
  expect((await beginner.call('PUT', '/v1/device-rules', { rules: NIGHTS })).body).toEqual({ rules: NIGHTS });
  const node = await FakeNode.enrol(broker, beginner);
  const session = await node.online();
  session.send('owner', says());
  expect((await session.next('wish')).rules).toEqual({ version: 1, rules: NIGHTS });
  await beginner.call('PUT', '/v1/device-rules', { rules: null });
  expect(await rulesOf(await FakeNode.enrol(broker, beginner), beginner)).toMatchObject({ set: null });
  await session.vanish();
});

test('give-backs are kept with the time that they took, and readings with their age', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  const reason = { code: 'in_use', sentence: 'The device was used 0 s ago.' };
  for (const took_ms of [12, 40, 8]) session.send('given', { reason, took_ms, leases: 1, ago_ms: 1_000 });
  session.send('hb', { running: 0, battery: 0.5, temperature_c: 31, charging: true });
  const path = `/v1/nodes/${node.node_id}/yields`;
  const { times, yields } = await until('three', 30_000, async () => {
    const { body } = await owner.call('GET', path);
    return body.yields.length === 3 ? body : undefined;
  });
  expect(times).toEqual({ count: 3, p50_ms: 12, p99_ms: 40 });
  expect(yields[0]).toMatchObject({ reason, leases: 1 });
  const felt = await until(
    'its readings',
    20_000,
    async () => (await owner.call('GET', `/v1/nodes/${node.node_id}`)).body.readings ?? undefined,
  );
  expect(felt).toMatchObject({ battery: 0.5, temperature_c: 31, charging: true, metered: null });
  expect((await owner.call('GET', `/v1/nodes/${node.node_id}/readings`)).body.readings).toMatchObject([{ battery: 0.5 }]);
  await session.vanish();
}, 40_000);

test('of the give-backs of a device 256 are kept', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  await broker.sql(
    "INSERT INTO give_back (node_id, at, reason_code, reason_sentence, took_ms, leases) SELECT $1, now() - interval '1 day', 'in_use', 'x', n, 1 FROM generate_series(1, 256) n",
    [node.node_id],
  );
  session.send('given', { reason: { code: 'in_use', sentence: 'x' }, took_ms: 999, leases: 1, ago_ms: 0 });
  const newest = await until('it', 30_000, async () => {
    const { yields } = (await owner.call('GET', `/v1/nodes/${node.node_id}/yields`)).body;
    return yields[0]?.give_back_ms === 999 ? yields : undefined;
  });
  expect(newest).toHaveLength(256);
  await session.vanish();
});

test("nobody reads or says anything of another's device", async () => {
  const node = await FakeNode.enrol(broker, owner);
  const path = `/v1/nodes/${node.node_id}`;
  for (const [method, rest, body] of [
    ['GET', '/rules'],
    ['PUT', '/rules', { rules: NO_RULES }],
    ['POST', '/hold', { for_ms: null }],
    ['DELETE', '/hold'],
    ['GET', '/yields'],
    ['GET', '/readings'],
  ] as const)
    expect((await stranger.call(method, `${path}${rest}`, body)).status).toBe(404);
  expect(await broker.sql('SELECT 1 FROM device_word WHERE node_id = $1', [node.node_id])).toEqual([]);
});
