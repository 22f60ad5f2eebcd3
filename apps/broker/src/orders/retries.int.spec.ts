import { randomUUID } from 'node:crypto';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, inline, placed } from '../../../../test/support/orders.js';

let broker: TestBroker;
let dev: TestPerson;
let module_hash: string;
let session: FakeSession;
/** What the node refuses to do now. */
let poison = /bad/;

beforeAll(async () => {
  broker = await startBroker();
  dev = await broker.person({ name: 'Dev' });
  module_hash = await echoModule(broker, dev);
  const node = await FakeNode.enrol(broker, await broker.person({ name: 'Owner' }));
  session = await node.online({
    script: (task) => {
      const input = String(task.input ?? '');
      return poison.test(input)
        ? { ...resultOf(task, ''), verdict: 'trap', detail: `no ${input}`, exit_code: null, logs: `saw ${input}` }
        : resultOf(task, input);
    },
  });
});
afterAll(async () => {
  session?.send('bye', { code: 'test_over' });
  await session?.closed;
  await broker?.close();
});

const inputs = ['one', 'bad two', 'three', 'bad four', 'five'];
async function finished(more: Record<string, unknown> = {}): Promise<string> {
  const { id } = await placed(dev, module_hash, { name: 'Some work', inputs: inputs.map(inline), ...more });
  for await (const _ of dev.heap.job(id).results());
  return id;
}

test('a list of tasks says of each how it ended, what it cost and why, by state, verdict and page', async () => {
  const job = dev.heap.job(await finished());
  const all = await job.tasks();
  expect(all.map(({ index, state, verdict }) => [index, state, verdict])).toEqual([
    [0, 'DONE', 'ok'],
    [1, 'FAILED', 'trap'],
    [2, 'DONE', 'ok'],
    [3, 'FAILED', 'trap'],
    [4, 'DONE', 'ok'],
  ]);
  expect(all[1]).toMatchObject({ attempts: 1, retry_of_index: null, reason: { sentence: expect.stringContaining('no bad two') } });
  expect(all.reduce((sum, { charge_micro }) => sum + charge_micro, 0n)).toBe((await job.get()).charged_micro);
  expect((await job.tasks({ state: 'FAILED' })).map(({ index }) => index)).toEqual([1, 3]);
  expect((await job.tasks({ verdict: 'ok', after: 0, limit: 1 })).map(({ index }) => index)).toEqual([2]);
  expect((await job.task(3)).attempts).toMatchObject([{ logs: 'saw bad four' }]);
});

test('queued tasks say how many are ahead, on every page', async () => {
  const { id } = await placed(dev, module_hash, {
    inputs: Array.from({ length: 7 }, (_, i) => inline(`${i}`)),
    constraints: { nodes: [randomUUID()] },
  });
  const job = dev.heap.job(id);
  const sentences = [...(await job.tasks({ limit: 4 })), ...(await job.tasks({ after: 3 }))].map(({ reason }) => reason.sentence);
  expect(sentences).toHaveLength(7);
  const each = await Promise.all(sentences.map((_, index) => job.task(index)));
  expect(sentences).toEqual(each.map(({ reason }) => reason.sentence));
  await job.cancel();
});

test('failed tasks run again in a job of their own, once for one key, and the first job stays as it was', async () => {
  const id = await finished();
  const before = await dev.heap.job(id).get();
  poison = /four/;
  const key = { 'idempotency-key': randomUUID() };
  const again = await dev.call('POST', `/v1/jobs/${id}/tasks/retry`, {}, key);
  expect([again.status, again.body.retry_of, again.body.tasks.total, again.body.name]).toEqual([201, id, 2, 'Some work again']);
  expect((await dev.call('POST', `/v1/jobs/${id}/tasks/retry`, {}, key)).body.id).toBe(again.body.id);
  expect((await dev.call('POST', `/v1/jobs/${id}/tasks/retry`, { tasks: [1] }, key)).body.code).toBe('idempotency_mismatch');
  const outputs = new Map<number, string>();
  for await (const { index, output, error } of dev.heap.job(again.body.id).results())
    if (!error) outputs.set(index, Buffer.from(output).toString());
  expect([...outputs]).toEqual([[0, 'bad two']]);
  expect((await dev.heap.job(again.body.id).tasks()).map(({ state, retry_of_index }) => [state, retry_of_index])).toEqual([
    ['DONE', 1],
    ['FAILED', 3],
  ]);
  expect(await dev.heap.job(id).get()).toEqual(before);
  expect(await broker.broken()).toEqual([]);
  poison = /bad/;
});

test('a retry takes other terms, keeps to caps and finds nothing where nothing failed', async () => {
  const id = await finished();
  const job = dev.heap.job(id);
  const { budget_micro } = await job.get();
  expect((await job.retry({ tasks: [3], fuelLimit: 5_000_000 })).budget_micro).toBeLessThan(budget_micro);
  await expect(job.retry({ tasks: [0] })).rejects.toMatchObject({ code: 'nothing_to_retry' });
  await dev.heap.setLimits({ jobCap: 1_000n });
  await expect(job.retry()).rejects.toMatchObject({ code: 'job_cap_exceeded' });
  await dev.heap.setLimits({ jobCap: null });
  const poor = await broker.person({ name: 'Stranger' });
  expect((await poor.call('GET', `/v1/jobs/${id}/tasks`)).status).toBe(404);
  expect((await poor.call('POST', `/v1/jobs/${id}/tasks/retry`, {}, { 'idempotency-key': randomUUID() })).status).toBe(404);
});

test('cancelled tasks run again where that is asked', async () => {
  const { id } = await placed(dev, module_hash, { inputs: inputs.map(inline), constraints: { nodes: [randomUUID()] } });
  await dev.heap.job(id).cancel();
  await expect(dev.heap.job(id).retry()).rejects.toMatchObject({ code: 'nothing_to_retry' });
  const { id: again, order } = await dev.heap.job(id).retry({ states: ['CANCELLED'] });
  expect(order.constraints.nodes).toHaveLength(1);
  expect((await dev.heap.job(again).cancel()).tasks.total).toBe(inputs.length);
});

test('jobs are found by name, id, state and phase', async () => {
  const { id } = await placed(dev, module_hash, { name: 'Needle % in hay', constraints: { nodes: [randomUUID()] } });
  const found = async (filter: object) => (await dev.heap.jobs(filter)).map((job) => job.id);
  expect(await found({ text: 'NEEDLE %' })).toEqual([id]);
  expect(await found({ text: id })).toEqual([id]);
  expect(await found({ text: 'needle_' })).toEqual([]);
  expect(await found({ phase: 'live' })).toContain(id);
  expect(await found({ phase: 'over' })).not.toContain(id);
  expect(await found({ state: 'CANCELLED' })).not.toContain(id);
  await dev.heap.job(id).cancel();
  expect(await found({ state: 'CANCELLED', text: 'needle' })).toEqual([id]);
});
