import { CLOSE, SOCKET_LIMITS } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, placed } from '../../../../test/support/orders.js';
import { Sessions } from './sessions.js';

let broker: TestBroker;
let owner: TestPerson;
let developer: TestPerson;
let module_hash: string;
beforeAll(async () => {
  broker = await startBroker();
  [owner, developer] = [await broker.person(), await broker.person()];
  module_hash = await echoModule(broker, developer);
});
afterAll(() => broker?.close());

const sessions = () => broker.app.get(Sessions, { strict: false });

test('a session whose connection broke goes on: what was said to it meanwhile arrives once and in order', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  const { id: job_id } = await placed(developer, module_hash);
  await first.next('lease');
  const [task] = await first.tasks();
  if (!task) throw new Error('no task came');
  await first.vanish();

  // Reported into the void, then again on the next connection, where the confirmation of the commit follows.
  const second = await node.connect({ resume: first });
  expect(second.welcome).toMatchObject({ resumed: true, sid: first.welcome?.sid, session_epoch: 2 });
  second.results(task, resultOf(task, 'one'));
  expect((await second.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
  expect((await developer.heap.job(job_id).get()).tasks.done).toBe(1);
  second.send('bye', { code: 'over' });
  await second.closed;
});

test('what the heap says to a node that is away waits for it', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  const { id: job_id } = await placed(developer, module_hash);
  const [task] = await first.tasks();
  if (!task) throw new Error('no task came');
  await first.vanish();
  await developer.heap.job(job_id).cancel();
  const second = await node.connect({ resume: first });
  expect(second.welcome?.resumed).toBe(true);
  expect((await second.next('lease.end')).reason.code).toBe('job_cancelled');
  await second.vanish();
});

test('a half-open connection is replaced by the one that takes its session up', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  const second = await node.connect({ resume: first });
  expect(second.welcome?.resumed).toBe(true);
  expect((await first.closed).code).toBe(CLOSE.replaced);
  second.send('hb', { running: 0 });
  await second.next('hb.ok');
  await second.vanish();
});

test('a message that never came closes the connection, and the session goes on with it', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  first.send('hb', { running: 0 });
  await first.next('hb.ok');
  const lost = first.channel.envelope('offer', {
    slots: [],
    speed_fuel_per_ms: 1,
    available: false,
    reason: { code: 'lost', sentence: 'Lost on the way.' },
  });
  const text = JSON.stringify(lost);
  first.channel.keep(lost.s ?? 0, text, text.length);
  first.offer(1);
  expect((await first.closed).code).toBe(CLOSE.gap);
  const second = await node.connect({ resume: first });
  expect(second.welcome?.resumed).toBe(true);
  second.send('hb', { running: 0 });
  await second.next('hb.ok');
  expect((await owner.heap.nodes()).find(({ id }) => id === node.node_id)?.slots).toMatchObject([{ slot_class: 'micro', count: 1 }]);
  await second.vanish();
});

test.each([
  ['another session', (first: FakeSession) => Object.assign(first.welcome ?? {}, { sid: '0198c0de-0000-7000-8000-000000000001' })],
  ['what was never sent', (first: FakeSession) => Array.from({ length: 99 }, (_, s) => first.channel.receive({ s }))],
])('a node that asks for %s gets a new session', async (_, forge) => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  const sid = first.welcome?.sid;
  await first.vanish();
  forge(first);
  const second = await node.connect({ resume: first });
  expect(second.welcome?.resumed).toBe(false);
  expect(second.welcome?.sid).not.toBe(sid);
  await second.vanish();
});

test('a session is forgotten after its time, and when more waits for its node than is kept', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const first = await node.online();
  await first.vanish();
  const parked = await until('the session to be parked', 30_000, () => {
    const session = sessions().of(node.node_id);
    return session?.connected === false ? session : undefined;
  });
  sessions().prune(performance.now() + SOCKET_LIMITS.resume_ms - 1_000);
  expect(sessions().of(node.node_id)).toBe(parked);
  sessions().prune(performance.now() + SOCKET_LIMITS.resume_ms + 1_000);
  expect(sessions().of(node.node_id)).toBeUndefined();

  const again = await node.online();
  await again.vanish();
  const full = sessions().of(node.node_id);
  const reason = { code: 'x', sentence: '' };
  for (let i = 0; i <= SOCKET_LIMITS.resume_messages; i++)
    full?.send('lease.end', { lease_id: '0198c0de-0000-7000-8000-000000000001', epoch: i + 1, reason });
  expect((await node.connect({ resume: again })).welcome?.resumed).toBe(false);
});
