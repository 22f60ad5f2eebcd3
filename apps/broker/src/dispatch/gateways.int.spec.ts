import { CLOSE } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, placed } from '../../../../test/support/orders.js';
import { GatewaysCommands } from '../nodes/gateways.commands.js';
import { GatewayLife } from './gateway-life.service.js';

let broker: TestBroker;
let owner: TestPerson;
let developer: TestPerson;
let module_hash: string;
beforeAll(async () => {
  broker = await startBroker({ HEAP_GATEWAY_NAME: 'one' });
  [owner, developer] = [await broker.person(), await broker.person()];
  module_hash = await echoModule(broker, developer);
});
afterAll(() => broker?.close());

const second = (name = 'two', env: Record<string, string> = {}) =>
  startProcess(broker, { HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: name, HEAP_DRAIN_MS: '0', ...env });
const stateOf = async (node: FakeNode) => (await owner.heap.nodes()).find(({ id }) => id === node.node_id)?.state;

test('a node that comes to another gateway is fenced at the first, and its work goes on there', async () => {
  const other = await second();
  const node = await FakeNode.enrol(broker, owner);
  const here = await node.online();
  const { id: job_id } = await placed(developer, module_hash);
  const [task] = await here.tasks();
  if (!task) throw new Error('no task came');

  const there = await node.connect({ url: other.url, resume: here });
  expect(there.welcome).toMatchObject({ resumed: false, session_epoch: 2 });
  expect((await here.closed).code).toBe(CLOSE.replaced);
  const { lease_id, epoch } = task.lease;
  there.send('state', { leases: [{ lease_id, epoch, tasks: [{ index: task.index, epoch: task.epoch, phase: 'finished' }] }] });
  expect((await there.next('reconcile')).leases).toMatchObject([{ lease_id, action: 'keep' }]);
  there.leases.set(lease_id, task.lease);
  there.results(task, resultOf(task, 'one'));
  expect((await there.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
  await until('the job to end', 30_000, async () => (await developer.heap.job(job_id).get()).state === 'DONE' || undefined);
  there.send('bye', { code: 'over' });
  await there.closed;
  await other.close();
});

test('a gateway that starts or starts again leaves the nodes of the others alone', async () => {
  const here = await FakeNode.enrol(broker, owner);
  const session = await here.online();
  const there = await FakeNode.enrol(broker, owner);
  const first = await second();
  const lost = await there.online({ url: first.url });
  await until(
    'both to be there',
    5_000,
    async () => ((await stateOf(here)) === 'ONLINE' && (await stateOf(there)) === 'ONLINE') || undefined,
  );

  // As a killed process: it takes no leave, and its successor finds what it left.
  const again = await second();
  expect(await stateOf(there)).toBe('DISCONNECTED');
  expect(await stateOf(here)).toBe('ONLINE');
  session.send('hb', { running: 0 });
  await session.next('hb.ok');
  // The predecessor turns out to live: it learns that its name is taken, and its nodes come back to where they are wanted.
  await first.app.get(GatewayLife, { strict: false }).beat();
  expect((await lost.closed).code).toBe(1012);
  await first.close();
  await again.close();
  await session.vanish();
});

test('a gateway that falls silent is buried by another, and only its nodes are away', async () => {
  const other = await second('three');
  const [here, there] = [await FakeNode.enrol(broker, owner), await FakeNode.enrol(broker, owner)];
  const session = await here.online();
  const lost = await there.online({ url: other.url });
  await until(
    'both to be there',
    5_000,
    async () => ((await stateOf(here)) === 'ONLINE' && (await stateOf(there)) === 'ONLINE') || undefined,
  );
  await broker.sql("UPDATE gateway SET seen_at = now() - interval '1 minute' WHERE name = 'three'");
  await broker.app.get(GatewaysCommands, { strict: false }).beat();
  expect(await stateOf(there)).toBe('DISCONNECTED');
  expect(await stateOf(here)).toBe('ONLINE');
  await lost.vanish();
  await session.vanish();
  await other.close();
});

test('a gateway that was taken for dead and lives goes on with the sessions of its nodes', async () => {
  const other = await second('five');
  const nodes = await Promise.all(Array.from({ length: 3 }, () => FakeNode.enrol(broker, owner)));
  const before = await Promise.all(nodes.map((node) => node.online({ url: other.url })));
  await broker.sql("UPDATE gateway SET seen_at = now() - interval '1 minute' WHERE name = 'five'");
  await broker.app.get(GatewaysCommands, { strict: false }).beat();
  await other.app.get(GatewayLife, { strict: false }).beat();
  for (const { closed } of before) expect((await closed).code).toBe(1012);

  // It has another id now, so that to the heap they come to another gateway than their last one.
  const after = await Promise.all(nodes.map((node, i) => node.connect({ url: other.url, resume: before[i] as FakeSession })));
  for (const [i, { welcome }] of after.entries()) expect(welcome).toMatchObject({ resumed: true, sid: before[i]?.welcome?.sid });
  for (const session of after) await session.vanish();
  await other.close();
});

test("a session that its node is just taking up again is nobody else's", async () => {
  const other = await second('six');
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  // The database has counted on; the memory of the gateway has not heard of it yet.
  const held = [{ node_id: node.node_id, session_epoch: 0 }];
  expect(await broker.app.get(GatewaysCommands, { strict: false }).outdated(held)).toEqual([]);
  expect(await other.app.get(GatewaysCommands, { strict: false }).outdated(held)).toEqual([{ node_id: node.node_id, newer: true }]);
  await session.vanish();
  await other.close();
});

test('a gateway that is told to stop drains: what its nodes finish meanwhile is confirmed, and they leave in their own time', async () => {
  const other = await second('four', { HEAP_DRAIN_MS: '20000' });
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online({ url: other.url });
  const { id: job_id } = await placed(developer, module_hash);
  const [task] = await session.tasks();
  if (!task) throw new Error('no task came');
  const closed = other.close();
  expect((await session.next('drain')).reconnect_in_ms).toBe(20_000);
  session.results(task, resultOf(task, 'one'));
  expect((await session.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
  const late = node.open({ url: other.url });
  expect((await late.closed).code).toBe(1012);
  session.socket.close(1000, 'drained');
  await closed;
  expect((await developer.heap.job(job_id).get()).tasks.done).toBe(1);
  expect(await stateOf(node)).toBe('DISCONNECTED');
  expect(await broker.sql("SELECT 1 FROM gateway WHERE name = 'four'")).toEqual([]);
});
