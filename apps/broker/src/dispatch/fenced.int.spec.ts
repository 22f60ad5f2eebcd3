import { CLOSE } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, placed } from '../../../../test/support/orders.js';
import { Messages } from './messages.service.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

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

/** A process of the heap that was stopped for a while still has frames to read of a node that is elsewhere by now. */
test.each(['state', 'bye'] as const)(
  'a `%s` that is read late takes nothing from the node, which has gone on at another gateway',
  async (t) => {
    const other = await startProcess(broker, { HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: `other ${t}`, HEAP_DRAIN_MS: '0' });
    const node = await FakeNode.enrol(broker, owner);
    const here = await node.connect();
    const stale = broker.app.get(Sessions, { strict: false }).of(node.node_id) as NodeSession;
    const there = await node.online({ url: other.url });
    expect((await here.closed).code).toBe(CLOSE.replaced);
    const { id: job_id } = await placed(developer, module_hash);
    const [task] = await there.tasks();
    if (!task) throw new Error('no task came');

    const said = t === 'state' ? { t, b: { leases: [], more: false } } : { t, b: { code: 'over' } };
    await broker.app.get(Messages, { strict: false }).take(stale, { v: 1, ...said } as never);
    there.results(task, resultOf(task, 'one'));
    expect((await there.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
    expect((await developer.heap.job(job_id).get()).tasks.done).toBe(1);
    there.send('bye', { code: 'over' });
    await there.closed;
    await other.close();
  },
);

test('what an agent reports with its farewell is accepted and paid', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  const { id: job_id } = await placed(developer, module_hash);
  const [task] = await session.tasks();
  if (!task) throw new Error('no task came');
  const report = { lease_id: task.lease.lease_id, epoch: task.lease.epoch, results: [resultOf(task, 'one')] };
  session.together(['results', report], ['bye', { code: 'stopping' }]);
  await session.closed;
  expect((await developer.heap.job(job_id).get()).tasks.done).toBe(1);
});

test('a node that states what it holds twice in a session is told so', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  session.send('state', { leases: [] });
  expect(await session.closed).toMatchObject({ code: CLOSE.malformed, reason: 'state comes once in a session.' });
});

test('nodes of the last gateway are away when it has died, and their slots are for sale no more', async () => {
  const alone = await startBroker({ HEAP_ROLES: 'api,market,worker' });
  try {
    const person = await alone.person();
    const node = await FakeNode.enrol(alone, person);
    expect(await node.open({ url: alone.url }).closed).toMatchObject({ code: CLOSE.try_later, reason: expect.stringContaining('gateway') });
    await alone.sql("INSERT INTO gateway (id, name, seen_at) VALUES ($1, 'killed', now() - interval '20 seconds')", [node.node_id]);
    await alone.sql("UPDATE node SET state = 'ONLINE', gateway_id = $1 WHERE id = $1", [node.node_id]);
    await until('the node to be away', 30_000, async () => (await person.heap.nodes())[0]?.state === 'DISCONNECTED' || undefined);
  } finally {
    await alone.close();
  }
});
