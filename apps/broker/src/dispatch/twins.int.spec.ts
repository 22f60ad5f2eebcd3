// @own-machine: a device is told within a second.
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf, type WireTask } from '../../../../test/support/fake-node.js';
import { echoModule, heapTask, inline, placed } from '../../../../test/support/orders.js';

let broker: TestBroker;
let owner: TestPerson;
let developer: TestPerson;
let module_hash: string;
const open: FakeSession[] = [];
const jobs: string[] = [];
const place = async (more: Record<string, unknown> = {}) => {
  const { id } = await placed(developer, module_hash, more);
  jobs.push(id);
  return id;
};
beforeAll(async () => {
  broker = await startBroker();
  [owner, developer] = [await broker.person(), await broker.person()];
  module_hash = await echoModule(broker, developer);
});
afterEach(async () => {
  for (const id of jobs.splice(0)) await developer.heap.job(id).cancel();
  for (const session of open.splice(0)) {
    if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'over' });
    await session.closed;
  }
});
afterAll(() => broker?.close());

async function nodeOnline(options: Parameters<FakeNode['online']>[0] = {}): Promise<{ node: FakeNode; session: FakeSession }> {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online(options);
  open.push(session);
  return { node, session };
}

const first = async (session: FakeSession): Promise<WireTask> => {
  const [task] = await session.tasks();
  if (!task) throw new Error('no task came');
  return task;
};
const job = async (id: string) => developer.heap.job(id).get();
const outcomes = async (job_id: string, index: number) =>
  (await heapTask(developer, job_id, index)).attempts.map((a: { node_id: string; outcome: string }) => [a.node_id, a.outcome]);

const TASKS = 3;
const inputs = Array.from({ length: TASKS }, (_, n) => inline(`task ${n}`));

/** All tasks are done but one, which is out on a node; another node of the job is idle. */
async function oneOut(more: Record<string, unknown> = {}) {
  const slow = await nodeOnline();
  const job_id = await place({ slots: 2, inputs, ...more });
  const [late, other] = await slow.session.tasks();
  const quick = await nodeOnline();
  const [third] = await quick.session.tasks();
  if (!late || !other || !third) throw new Error('tasks went another way');
  quick.session.results(third, resultOf(third, 'x'));
  slow.session.results(other, resultOf(other, 'x'));
  await quick.session.next('results.ack');
  await slow.session.next('results.ack');
  return { job_id, slow, quick, late };
}
const age = (job_id: string) =>
  broker.sql("UPDATE task SET leased_at = leased_at - interval '1 minute' WHERE job_id = $1 AND state = 'LEASED'", [job_id]);

test('a task that is late near the end is begun on an idle node too; the first result counts, the other is cancelled unpaid', async () => {
  const { job_id, slow, quick, late } = await oneOut();
  await age(job_id);
  const twin = await first(quick.session);
  expect([twin.index, twin.epoch > late.epoch]).toEqual([late.index, true]);
  expect((await job(job_id)).tasks).toMatchObject({ leased: 1, done: TASKS - 1 });

  quick.session.results(twin, resultOf(twin, 'late'));
  expect((await quick.session.next('results.ack')).accepted).toEqual([[twin.index, twin.epoch]]);
  // What was overtaken is told to stop, in a cancel or with its lease, which has nothing left.
  const cancel = await slow.session.next('cancel');
  expect(cancel).toEqual({ lease_id: late.lease.lease_id, epoch: late.lease.epoch, tasks: [[late.index, late.epoch]] });
  slow.session.results(late, resultOf(late, 'late'));
  expect((await slow.session.next('results.ack')).stale).toEqual([[late.index, late.epoch]]);

  const end = await job(job_id);
  expect([end.state, end.tasks.done, end.charged_micro]).toEqual(['DONE', TASKS, 50n * BigInt(TASKS)]);
  expect(await outcomes(job_id, late.index)).toEqual([
    [slow.node.node_id, 'superseded'],
    [quick.node.node_id, 'accepted'],
  ]);
  expect(await broker.sql('SELECT reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([{ reserved_micro: 0n }]);
  expect(await broker.broken()).toEqual([]);
});

test('the first execution wins as well, and then the second is the one that stops', async () => {
  const { job_id, slow, quick, late } = await oneOut();
  await age(job_id);
  const twin = await first(quick.session);
  slow.session.results(late, resultOf(late, 'late'));
  expect((await slow.session.next('results.ack')).accepted).toEqual([[late.index, late.epoch]]);
  expect((await quick.session.next('cancel')).tasks).toEqual([[twin.index, twin.epoch]]);
  expect((await job(job_id)).charged_micro).toBe(50n * BigInt(TASKS));
  expect(await broker.sql('SELECT reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([{ reserved_micro: 0n }]);
  expect(await broker.broken()).toEqual([]);
});

test('when the first says nothing of use, the second goes on as the only one', async () => {
  const { job_id, slow, quick, late } = await oneOut();
  await age(job_id);
  const twin = await first(quick.session);
  slow.session.results(late, resultOf(late, '', { verdict: 'host-oom' }));
  await slow.session.next('results.ack');
  expect((await job(job_id)).tasks).toMatchObject({ leased: 1, queued: 0 });
  quick.session.results(twin, resultOf(twin, 'late'));
  expect((await quick.session.next('results.ack')).accepted).toEqual([[twin.index, twin.epoch]]);
  expect((await job(job_id)).state).toBe('DONE');
  expect(await broker.sql('SELECT reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([{ reserved_micro: 0n }]);
});

test('when the node of the first is lost, the second goes on as the only one', async () => {
  const again = await oneOut();
  await age(again.job_id);
  const heir = await first(again.quick.session);
  again.slow.session.send('bye', { code: 'lost' });
  await again.slow.session.closed;
  await until('the lease to end', 30_000, async () => (await outcomes(again.job_id, again.late.index)).length > 0 || undefined);
  expect((await job(again.job_id)).tasks).toMatchObject({ leased: 1, queued: 0 });
  again.quick.session.results(heir, resultOf(heir, 'late'));
  expect((await again.quick.session.next('results.ack')).accepted).toEqual([[heir.index, heir.epoch]]);
  expect((await job(again.job_id)).state).toBe('DONE');
  expect(await broker.broken()).toEqual([]);
});

test.each([
  ['wait', false, false],
  ['replace', true, false],
  ['prefer_original', true, true],
] as const)('tasks of a node that is away, by the policy "%s"', async (on_disconnect, replaced, called_off) => {
  const { job_id, slow, quick, late } = await oneOut({ on_disconnect });
  await slow.session.vanish();
  if (!replaced) {
    const back = await slow.node.connect({ resume: slow.session });
    open.push(back);
    back.results(late, resultOf(late, 'late'));
    expect((await back.next('results.ack')).accepted).toEqual([[late.index, late.epoch]]);
    return expect((await job(job_id)).state).toBe('DONE');
  }
  const twin = await first(quick.session);
  expect(twin.index).toBe(late.index);
  const back = await slow.node.connect({ resume: slow.session });
  open.push(back);
  if (called_off) expect((await quick.session.next('cancel')).tasks).toEqual([[twin.index, twin.epoch]]);
  const [winner, task] = called_off ? [back, late] : [quick.session, twin];
  winner.results(task, resultOf(task, 'late'));
  expect((await winner.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
  expect((await job(job_id)).state).toBe('DONE');
  expect(await broker.sql('SELECT reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([{ reserved_micro: 0n }]);
  expect(await broker.broken()).toEqual([]);
});

test('a task that failed on a node goes to another', async () => {
  const bad = await nodeOnline();
  const job_id = await place({ slots: 2, inputs, max_attempts: 5 });
  const [failing, other] = await bad.session.tasks();
  const good = await nodeOnline();
  const [third] = await good.session.tasks();
  if (!failing || !other || !third) throw new Error('tasks went another way');
  // Both have room for it.
  bad.session.results(failing, resultOf(failing, '', { verdict: 'host-oom' }), resultOf(other, 'x'));
  await bad.session.next('results.ack');
  good.session.results(third, resultOf(third, 'x'));
  const again = await first(good.session);
  expect(again.index).toBe(failing.index);
  good.session.results(again, resultOf(again, 'x'));
  await until('the job to end', 30_000, async () => (await job(job_id)).state === 'DONE' || undefined);
  expect(await outcomes(job_id, failing.index)).toEqual([
    [bad.node.node_id, 'retried'],
    [good.node.node_id, 'accepted'],
  ]);
});

test('a task that failed on the only node is tried there again', async () => {
  const { session } = await nodeOnline();
  const job_id = await place({ max_attempts: 3 });
  const task = await first(session);
  session.results(task, resultOf(task, '', { verdict: 'host-oom' }));
  const again = await first(session);
  session.results(again, resultOf(again, 'x'));
  await until('the job to end', 30_000, async () => (await job(job_id)).state === 'DONE' || undefined);
});

test('a cancelled job is over on its nodes within a second, also for one that confirms nothing', async () => {
  const { session } = await nodeOnline();
  const id = await place();
  const task = await first(session);
  const began = performance.now();
  await developer.heap.job(id).cancel();
  expect((await session.next('lease.end')).lease_id).toBe(task.lease.lease_id);
  expect(performance.now() - began).toBeLessThan(1_000);
});
