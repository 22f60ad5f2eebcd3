import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf, type Script } from '../../../../test/support/fake-node.js';
import { echoModule, heapTask, inline, placed } from '../../../../test/support/orders.js';

let broker: TestBroker;
let owner: TestPerson;
let developer: TestPerson;
let module_hash: string;
const sessions = new Map<FakeNode, FakeSession>();
beforeAll(async () => {
  broker = await startBroker();
  [owner, developer] = [await broker.person(), await broker.person()];
  module_hash = await echoModule(broker, developer);
});
afterEach(async () => {
  for (const [node, session] of sessions) {
    sessions.delete(node);
    session.send('bye', { code: 'over' });
    await session.closed;
  }
});
afterAll(() => broker?.close());

/** A device whose agent works until a task says "poison": then it dies, with what it had finished, and starts anew. */
async function mortal(): Promise<FakeNode> {
  const node = await FakeNode.enrol(broker, owner);
  const live = async (): Promise<void> => {
    const script: Script = async (task, session) => {
      if (!task.input?.toString().startsWith('poison')) return resultOf(task, task.input ?? '');
      await session.vanish();
      await live();
      return null;
    };
    sessions.set(node, await node.online({ script }));
  };
  await live();
  return node;
}

const job = (id: string) => developer.heap.job(id).get();
const over = (id: string) =>
  until('the end of the job', 20_000, async () => ((await job(id)).finished_at === null ? undefined : await job(id)));
const healthOf = async (node: FakeNode) => (await owner.heap.nodes()).find(({ id }) => id === node.node_id)?.health.rules ?? [];
const names = (rules: Awaited<ReturnType<typeof healthOf>>) => rules.map(({ name }) => name);

test('a task that takes down each node is set aside with its evidence; its neighbours are done, and the nodes keep their standing', async () => {
  const nodes = [await mortal(), await mortal(), await mortal()];
  const words = ['fine 0', 'poison', ...Array.from({ length: 10 }, (_, i) => `fine ${i + 2}`)];
  const { id } = await placed(developer, module_hash, { slots: 3, inputs: words.map(inline) });
  const streamed: { index: number; failed: boolean; seq: number }[] = [];
  for await (const { index, error, seq } of developer.heap.job(id).results()) streamed.push({ index, failed: error !== null, seq });

  expect(await over(id)).toMatchObject({
    state: 'DONE',
    reason: { code: 'some_tasks_failed' },
    tasks: { total: 12, done: 11, failed: 1 },
    charged_micro: 11n * 50n,
    held_micro: 0n,
  });
  expect(streamed.map(({ seq }) => seq)).toEqual(words.map((_, i) => i + 1));
  expect(streamed.filter(({ failed }) => failed).map(({ index }) => index)).toEqual([1]);
  const task = await heapTask(developer, id, 1);
  expect(task).toMatchObject({ state: 'FAILED', reason: { code: 'attempts_exhausted' } });
  // The last three are those that counted; a neighbour may have been the suspect at first.
  const tries: { node_id: string; outcome: string; detail: string; finished_at: string; logs: string }[] = task.attempts;
  expect(new Set(tries.map(({ node_id }) => node_id))).toEqual(new Set(nodes.map(({ node_id }) => node_id)));
  expect(tries.every(({ detail }) => detail.includes('agent restarted'))).toBe(true);
  expect(tries.map(({ outcome }) => outcome)).toEqual([...tries.slice(1).map(() => 'lost'), 'accepted']);
  for (const node of nodes) expect(names(await healthOf(node))).not.toContain('RESTARTS');
  expect(await broker.broken()).toEqual([]);
});

test('where there is one node only, it may go away more often before its task is given up', async () => {
  await mortal();
  const { id } = await placed(developer, module_hash, { inputs: [inline('poison')], max_attempts: 2 });
  expect((await over(id)).tasks).toMatchObject({ failed: 1, done: 0 });
  expect((await heapTask(developer, id, 0)).attempts).toHaveLength(8);
  expect(await broker.broken()).toEqual([]);
});

test('an owner who takes the device back, or an agent that signs off, counts for no task', async () => {
  const { id } = await placed(developer, module_hash, { max_attempts: 1 });
  for (const leave of ['yield', 'bye'] as const) {
    const node = await FakeNode.enrol(broker, owner);
    const session = await node.online();
    const [task] = await session.tasks();
    if (!task) throw new Error('no task came');
    const { lease_id, epoch } = task.lease;
    const reason = { code: 'held_by_owner', sentence: 'Paused.' };
    if (leave === 'yield') session.send('yield', { lease_id, epoch, notice_ms: 0, reason });
    await until('the end of the lease', 30_000, async () => {
      if (leave === 'yield') return session.next('lease.end');
      session.send('bye', { code: 'over' });
      return session.closed;
    });
    if (leave === 'yield') session.send('bye', { code: 'over' });
    await session.closed;
  }
  const [row] = await until('the task in the queue', 30_000, async () => {
    const rows = await broker.sql<{ state: string; failures: number; losses: number }>(
      'SELECT state, failures, losses FROM task WHERE job_id = $1',
      [id],
    );
    return rows[0]?.state === 'QUEUED' ? rows : undefined;
  });
  expect(row).toEqual({ state: 'QUEUED', failures: 0, losses: 0 });
  await developer.heap.job(id).cancel();
});
