import { SOCKET_LIMITS } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, startProcess, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, inline, placed } from '../../../../test/support/orders.js';
import { TcpProxy } from '../../../../test/support/tcp-proxy.js';
import { Sessions } from './sessions.js';

/** Of some 27 KB each, two a frame: five times what a gateway takes in of one node. */
const REPORTS = 200;
const OUTPUT = 'x'.repeat(20_000);
const CONFIRM_EVERY = 16;
/** Frames that had come in one read with the one that was too many. */
const READ_AHEAD = 4;

let broker: TestBroker;
let database: TcpProxy;
let gateway: Awaited<ReturnType<typeof startProcess>>;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,market,worker' });
  const direct = new URL(broker.database_url);
  database = await TcpProxy.start(Number(direct.port));
  const through = new URL(direct);
  through.host = `127.0.0.1:${database.port}`;
  gateway = await startProcess(broker, { HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: 'far', DATABASE_URL: through.href });
});
afterAll(async () => {
  await gateway?.close();
  await database?.close();
  await broker?.close();
});

test('while the database stands still a node is read no further than a window, and afterwards nothing is lost or counted twice', async () => {
  const [owner, developer] = [await broker.person({ funds_micro: 0n }), await broker.person()];
  const session = await (await FakeNode.enrol(broker, owner)).online({ url: gateway.url });
  const { id } = await placed(developer, await echoModule(broker, developer), { slots: 1, inputs: ['a', 'b'].map(inline) });
  const tasks = await session.tasks();
  expect(tasks).toHaveLength(2);

  const goOn = database.stall();
  for (let i = 0; i < REPORTS; i += 2)
    session.together(
      ...tasks.map(({ index, epoch, lease }) => {
        const body = { lease_id: lease.lease_id, epoch: lease.epoch, results: [resultOf({ index, epoch }, OUTPUT)] };
        return ['results', body] as ['results', typeof body];
      }),
    );
  const [held] = [...gateway.app.get(Sessions, { strict: false }).all()];
  try {
    expect((await session.next('throttle')).code).toBe('busy');
    // What else the node has said stays with it and in the kernel.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(held?.paused).toBe(true);
    expect(held?.backlog_bytes).toBeLessThanOrEqual(SOCKET_LIMITS.window_bytes + READ_AHEAD * SOCKET_LIMITS.frame_bytes);
    expect((await developer.heap.job(id).get()).tasks.done).toBe(0);
  } finally {
    goOn();
  }
  const outcomes = { accepted: 0, duplicate: 0, stale: 0, rejected: 0 };
  for (let i = 1; i <= REPORTS; i++) {
    const ack = await session.next('results.ack');
    for (const kind of ['accepted', 'duplicate', 'stale', 'rejected'] as const) outcomes[kind] += ack[kind].length;
    if (i % CONFIRM_EVERY === 0) session.send('ack', {});
  }
  expect(outcomes).toEqual({ accepted: 2, duplicate: REPORTS - 2, stale: 0, rejected: 0 });
  const job = await until('the end of the job', 20_000, async () => {
    const now = await developer.heap.job(id).get();
    return now.finished_at === null ? undefined : now;
  });
  expect(job).toMatchObject({ state: 'DONE', charged_micro: 100n, tasks: { done: 2 } });
  await until('the node to be read again', 30_000, () => held?.paused === false || undefined);
  expect(await broker.broken()).toEqual([]);
  session.send('bye', { code: 'over' });
  await session.closed;
});
