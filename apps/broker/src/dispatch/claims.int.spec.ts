import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession } from '../../../../test/support/fake-node.js';
import { echoModule, inline, placed } from '../../../../test/support/orders.js';
import { WorkQueued } from '../orders/orders.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { DispatchStore } from './dispatch.store.js';

const NODES = 3;
/** What the gateway itself sends to a lease at first. */
const WINDOW = 2;

let broker: TestBroker;
let developer: TestPerson;
let store: DispatchStore;
let module_hash = '';
const nodes: FakeNode[] = [];
const sessions: FakeSession[] = [];
const jobs: string[] = [];
beforeAll(async () => {
  broker = await startBroker();
  const owner = await broker.person();
  developer = await broker.person({ funds_micro: 100_000_000n });
  module_hash = await echoModule(broker, developer);
  store = broker.app.get(DispatchStore, { strict: false });
  for (let i = 0; i < NODES; i++) {
    const node = await FakeNode.enrol(broker, owner);
    nodes.push(node);
    // They keep what they get.
    sessions.push(await node.online());
  }
});
afterEach(async () => {
  for (const id of jobs.splice(0)) await developer.heap.job(id).cancel();
});
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'over' });
  await Promise.all(sessions.map((session) => session.closed));
  await broker?.close();
});

interface Counts {
  queued: number;
  leased: number;
  reserved_micro: bigint;
}

/** A job that has a lease on each node, each with a window of tasks out. @returns its id and the leases in the order of the nodes. */
async function spread(tasks: number, more: Record<string, unknown> = {}): Promise<{ id: string; leases: string[]; task_max: bigint }> {
  const inputs = Array.from({ length: tasks }, (_, i) => inline(String(i)));
  const { id } = await placed(developer, module_hash, { slots: NODES, inputs, ...more });
  jobs.push(id);
  for (const session of sessions) await session.tasks();
  const rows = await broker.sql<{ id: string; node_id: string; task_max_micro: bigint }>(
    "SELECT id, node_id, task_max_micro FROM lease WHERE job_id = $1 AND state = 'ACTIVE'",
    [id],
  );
  const leases = nodes.map((node) => rows.find((row) => row.node_id === node.node_id)?.id ?? '');
  expect(leases.every(Boolean)).toBe(true);
  return { id, leases, task_max: rows[0]?.task_max_micro ?? 0n };
}

async function consistent(id: string): Promise<Counts> {
  const [job] = await broker.sql<Counts>('SELECT queued, leased, reserved_micro FROM job WHERE id = $1', [id]);
  const [held] = await broker.sql<Counts>(
    `SELECT count(*) FILTER (WHERE t.state = 'QUEUED')::int AS queued, count(*) FILTER (WHERE t.state = 'LEASED')::int AS leased,
       COALESCE(sum(l.task_max_micro) FILTER (WHERE t.state = 'LEASED'), 0)::bigint AS reserved_micro
     FROM task t LEFT JOIN lease l ON l.id = t.lease_id WHERE t.job_id = $1`,
    [id],
  );
  expect(job).toEqual(held);
  return job as Counts;
}

type ClaimedByLease = Awaited<ReturnType<DispatchStore['claimForMany']>>['claimed'];
const indices = (claimed: ClaimedByLease, lease: string) => (claimed.get(lease) ?? []).map(({ index }) => index);

test('each lease gets what it asked for, the lowest indices in the order of asking, each task once and with a new epoch', async () => {
  const { id, leases } = await spread(60);
  const [a = '', b = '', c = ''] = leases;
  const { claimed } = await store.claimForMany(id, [
    { lease_id: c, limit: 4 },
    { lease_id: a, limit: 1 },
    { lease_id: b, limit: 7 },
  ]);
  const first = WINDOW * NODES;
  expect(indices(claimed, c)).toEqual([first, first + 1, first + 2, first + 3]);
  expect(indices(claimed, a)).toEqual([first + 4]);
  expect(indices(claimed, b)).toEqual([5, 6, 7, 8, 9, 10, 11].map((i) => first + i));
  expect([...claimed.values()].flat().every(({ epoch }) => epoch === 1)).toBe(true);
  expect(await consistent(id)).toMatchObject({ queued: 60 - first - 12, leased: first + 12 });
  expect(await broker.broken()).toEqual([]);
});

test('nobody gets more than a fair share of what is queued', async () => {
  const { id, leases } = await spread(WINDOW * NODES + 6);
  const { claimed } = await store.claimForMany(
    id,
    leases.map((lease_id) => ({ lease_id, limit: 100 })),
  );
  expect(leases.map((lease) => indices(claimed, lease).length)).toEqual([2, 2, 2]);
  expect(await consistent(id)).toMatchObject({ queued: 0 });
});

test('the money is spent on those who asked first, and not beyond', async () => {
  const { id, leases, task_max } = await spread(60);
  const room = 5n * task_max;
  await broker.sql('UPDATE job SET budget_micro = charged_micro + reserved_micro + $2 WHERE id = $1', [id, room]);
  const { claimed } = await store.claimForMany(
    id,
    leases.map((lease_id) => ({ lease_id, limit: 3 })),
  );
  expect(leases.map((lease) => indices(claimed, lease).length)).toEqual([3, 2, 0]);
  await consistent(id);
  // As it was held when the job was placed.
  await broker.sql('UPDATE job SET budget_micro = 100000 WHERE id = $1', [id]);
});

test('a task goes to no node that it avoids; a lease that is over, or of another job, gets nothing', async () => {
  const { id, leases } = await spread(60);
  const [a = '', b = ''] = leases;
  const first = WINDOW * NODES;
  await broker.sql('UPDATE task SET avoid = ARRAY[$3::uuid] WHERE job_id = $1 AND index = $2', [id, first, nodes[0]?.node_id]);
  const { claimed, spared } = await store.claimForMany(id, [
    { lease_id: a, limit: 2 },
    { lease_id: b, limit: 2 },
    { lease_id: '00000000-0000-7000-8000-000000000000', limit: 2 },
  ]);
  expect(indices(claimed, a)).toEqual([first + 1]);
  expect(indices(claimed, b)).toEqual([first + 2, first + 3]);
  expect(claimed.size).toBe(2);
  expect(spared).toBe(1);
  const next = await store.claimForMany(id, [{ lease_id: b, limit: 1 }]);
  expect(indices(next.claimed, b)).toEqual([first]);
  expect([next.queued, next.spared]).toEqual([60 - first - 4, 0]);
  await consistent(id);
});

test('a task that got no verdict before comes alone, and only where its lease would begin with it', async () => {
  const { id, leases } = await spread(60);
  const [a = '', b = ''] = leases;
  const first = WINDOW * NODES;
  const stranger = '00000000-0000-7000-8000-000000000000';
  await broker.sql('UPDATE task SET avoid = ARRAY[$3::uuid] WHERE job_id = $1 AND index = ANY($2)', [id, [first, first + 4], stranger]);
  const { claimed } = await store.claimForMany(id, [
    { lease_id: a, limit: 3 },
    { lease_id: b, limit: 3 },
  ]);
  expect(indices(claimed, a)).toEqual([first]);
  expect(indices(claimed, b)).toEqual([first + 3, first + 5]);
  expect((await store.claim(a, id, 4)).tasks.map(({ index }) => index)).toEqual([first + 1, first + 2, first + 6]);
  expect((await store.claim(a, id, 4)).tasks.map(({ index }) => index)).toEqual([first + 4]);
  await consistent(id);
});

test('more tasks for a job that has all its slots are told to its leases and are no news for the market; a job that may have more bids again', async () => {
  const told: (typeof WorkQueued.payload)[] = [];
  const stop = broker.app.get(EventBus, { strict: false }).subscribe(WorkQueued, (event) => void told.push(event));
  const { id } = await spread(6, { open: true });
  const add = async (first_index: number) => {
    told.length = 0;
    const { status } = await developer.call('POST', `/v1/jobs/${id}/tasks`, { first_index, inputs: [inline('more')] });
    expect(status).toBeLessThan(300);
    return told.map(({ job_id, all_slots }) => [job_id, all_slots]);
  };
  expect(await add(6)).toEqual([[id, true]]);
  await broker.sql('UPDATE job SET slots = slots + 1 WHERE id = $1', [id]);
  expect(await add(7)).toEqual([[id, false]]);
  stop();
});
