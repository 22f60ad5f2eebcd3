import { createHash } from 'node:crypto';
import type { TaskResult } from '#protocol';
import { FakeNode, type FakeSession, ONE_PRICE_OF_FUEL, resultOf, type WireTask } from '../support/fake-node.js';
import { heapTask, inline, placed } from '../support/orders.js';
import { type HostileMarket, hostileMarket } from './market.js';

let market: HostileMarket;
let session: FakeSession;
beforeAll(async () => {
  market = await hostileMarket();
});
afterAll(() => market?.close());
beforeEach(async () => {
  session = await market.node.online();
});
afterEach(async () => {
  await market.reset();
  if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'test_over' });
  await session.closed;
});

const NOTHING = { accepted: [], duplicate: [], stale: [], rejected: [] };
const job = async (job_id: string) => (await market.developer.call('GET', `/v1/jobs/${job_id}`)).body;

/** The job is done, and its one task was paid to its lease's price, once. */
async function paidOnce(job_id: string, task: WireTask): Promise<void> {
  const { developer, broker } = market;
  expect(await job(job_id)).toMatchObject({ state: 'DONE', charged_micro: task.lease.price_micro });
  const { attempts } = await heapTask(developer, job_id, task.index);
  expect(attempts.filter((a: { charge_micro: string }) => a.charge_micro !== '0')).toHaveLength(1);
  expect(await broker.broken()).toEqual([]);
}

async function finishes(job_id: string): Promise<void> {
  const [task] = await session.tasks();
  if (!task) throw new Error('an empty delivery');
  session.results(task, resultOf(task, 'one'));
  expect(await session.next('results.ack')).toMatchObject({ accepted: [[task.index, task.epoch]] });
  await paidOnce(job_id, task);
}

describe('a result that is not what was leased is refused, unpaid, and its task runs again:', () => {
  const missing = createHash('sha256').update('never stored').digest('hex');
  test.each<[string, Partial<TaskResult>, string]>([
    ['a wrong hash', { output_hash: '0'.repeat(64) }, 'hash_mismatch'],
    ['more fuel than allowed', { fuel_used: 1_000_000_000_001 }, 'fuel_above_limit'],
    ['a larger output than allowed', { ...outputOf('x'.repeat(101)) }, 'output_too_large'],
    ['a larger blob than allowed', { output: { hash: missing, bytes: 101 }, output_hash: missing }, 'output_too_large'],
    ['a blob that was never stored', { output: { hash: missing, bytes: 12 }, output_hash: missing }, 'output_missing'],
    ['a blob under another name', { output: { hash: missing, bytes: 12 }, output_hash: '0'.repeat(64) }, 'hash_mismatch'],
  ])('%s', async (_, wrong, code) => {
    const { job_id, task } = await market.leased(session, { output_bytes_limit: 100 });
    session.results(task, resultOf(task, 'one', wrong));
    const ack = await session.next('results.ack');
    expect(ack).toMatchObject({ ...NOTHING, rejected: [{ index: 0, epoch: 1, code }] });
    await market.unpaid(job_id);
    expect((await heapTask(market.developer, job_id, 0)).attempts).toMatchObject([{ outcome: 'retried', charge_micro: '0' }]);
    await finishes(job_id);
  });

  test('until its attempts are used up: then it has failed, and is still unpaid', async () => {
    const { job_id, task } = await market.leased(session, { max_attempts: 1 });
    session.results(task, resultOf(task, 'one', { output_hash: '0'.repeat(64) }));
    expect((await session.next('results.ack')).rejected).toMatchObject([{ code: 'hash_mismatch' }]);
    expect(await job(job_id)).toMatchObject({ state: 'DONE', reason: { code: 'some_tasks_failed' }, charged_micro: '0' });
    expect(await heapTask(market.developer, job_id, 0)).toMatchObject({ state: 'FAILED', reason: { code: 'attempts_exhausted' } });
    const { results } = (await market.developer.call('GET', `/v1/jobs/${job_id}/results`)).body;
    expect(results).toMatchObject([{ state: 'FAILED', charge_micro: '0', output: { inline: '' } }]);
    const read = [];
    for await (const result of market.developer.heap.job(job_id).results()) read.push(result);
    expect(read).toMatchObject([{ index: 0, error: { code: 'task_failed' } }]);
    expect(await market.broker.broken()).toEqual([]);
  });
});

describe('a result counts once:', () => {
  test('twice in one message', async () => {
    const { job_id, task } = await market.leased(session);
    session.results(task, resultOf(task, 'one'), resultOf(task, 'another'));
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, accepted: [[0, 1]], duplicate: [[0, 1]] });
    await paidOnce(job_id, task);
    const { results } = (await market.developer.call('GET', `/v1/jobs/${job_id}/results`)).body;
    expect(results).toMatchObject([{ output: inline('one') }]);
  });

  test('twice in one frame', async () => {
    const { job_id, task } = await market.leased(session);
    const report = { lease_id: task.lease.lease_id, epoch: task.lease.epoch, results: [resultOf(task, 'one')] };
    session.together(['results', report], ['results', report]);
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, accepted: [[0, 1]] });
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, duplicate: [[0, 1]] });
    await paidOnce(job_id, task);
  });

  test('again after its acknowledgement, when the job and the lease are long over', async () => {
    const { job_id, task } = await market.leased(session);
    session.results(task, resultOf(task, 'one'));
    expect(await session.next('results.ack')).toMatchObject({ accepted: [[0, 1]] });
    await session.next('lease.end');
    session.results(task, resultOf(task, 'one'));
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, duplicate: [[0, 1]] });
    await paidOnce(job_id, task);
  });

  test('first refused, then brought again right under the same epoch: refused still', async () => {
    const { job_id, task } = await market.leased(session);
    session.results(task, resultOf(task, 'one', { output_hash: '0'.repeat(64) }));
    expect((await session.next('results.ack')).rejected).toHaveLength(1);
    session.results(task, resultOf(task, 'one'));
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, duplicate: [[0, 1]] });
    await market.unpaid(job_id);
    await finishes(job_id);
  });
});

describe('a stale or foreign result is unpaid:', () => {
  test('of an epoch that was never given out, and of a task that the job does not have', async () => {
    const { job_id, task } = await market.leased(session);
    session.results(task, resultOf({ index: 0, epoch: 2 }, 'one'), resultOf({ index: 7, epoch: 1 }, 'one'));
    expect(await session.next('results.ack')).toMatchObject({
      ...NOTHING,
      stale: [
        [0, 2],
        [7, 1],
      ],
    });
    await market.unpaid(job_id);
    session.results(task, resultOf(task, 'one'));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
    await paidOnce(job_id, task);
  });

  test('of a wrong lease epoch', async () => {
    const { job_id, task } = await market.leased(session);
    const { lease_id, epoch } = task.lease;
    session.send('results', { lease_id, epoch: epoch + 1, results: [resultOf(task, 'one')] });
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, stale: [[0, 1]] });
    await market.unpaid(job_id);
    session.results(task, resultOf(task, 'one'));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
    await paidOnce(job_id, task);
  });

  test('of a lease that ended while its node was away', async () => {
    const { job_id, task } = await market.leased(session);
    await session.vanish();
    session = await market.node.online();
    const [again] = await session.tasks();
    expect(again).toMatchObject({ index: 0, epoch: 2 });
    session.results(task, resultOf(task, 'one'));
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, stale: [[0, 1]] });
    await market.unpaid(job_id);
    session.results(again as WireTask, resultOf(again as WireTask, 'one'));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 2]]);
    await paidOnce(job_id, again as WireTask);
  });

  test("of another node's lease, and of one that never was", async () => {
    const { job_id, task } = await market.leased(session);
    const thief = await (await FakeNode.enrol(market.broker, market.owner)).connect();
    thief.results(task, resultOf(task, 'stolen'));
    expect(await thief.next('results.ack')).toMatchObject({ ...NOTHING, stale: [[0, 1]] });
    const lease_id = '01890000-0000-7000-8000-000000000000';
    thief.send('results', { lease_id, epoch: 1, results: [resultOf(task, 'stolen')] });
    expect(await thief.next('results.ack')).toMatchObject({ lease_id, stale: [[0, 1]] });
    await market.unpaid(job_id);
    thief.send('yield', {
      lease_id: task.lease.lease_id,
      epoch: task.lease.epoch,
      notice_ms: 0,
      reason: { code: 'mine', sentence: 'Mine.' },
    });
    thief.send('bye', { code: 'test_over' });
    await thief.closed;
    session.results(task, resultOf(task, 'one'));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
    await paidOnce(job_id, task);
  });

  test('of a job that was cancelled meanwhile; what was held has returned', async () => {
    const { job_id, task } = await market.leased(session);
    await market.developer.heap.job(job_id).cancel();
    session.results(task, resultOf(task, 'one'));
    expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, stale: [[0, 1]] });
    expect(await job(job_id)).toMatchObject({ state: 'CANCELLED', charged_micro: '0', held_micro: '0' });
    expect(await market.broker.broken()).toEqual([]);
  });
});

test('what PostgreSQL cannot store stops nobody: NUL in logs is replaced, numbers out of range are malformed', async () => {
  const { job_id, task } = await market.leased(session, { inputs: [inline('one'), inline('two')] });
  session.results(task, resultOf(task, 'one', { logs: 'a\0b', detail: 'c\0d' }));
  expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
  expect((await market.developer.call('GET', `/v1/jobs/${job_id}/results`)).body.results).toMatchObject([
    { logs: 'a\uFFFDb', detail: 'c\uFFFDd' },
  ]);
  session.results(task, resultOf({ index: 2 ** 40, epoch: 1 }, 'one'));
  expect((await session.closed).code).toBe(4400);
  session = await market.node.online();
  const [rest] = await session.tasks();
  session.results(rest as WireTask, resultOf(rest as WireTask, 'two', { exit_code: -1, verdict: 'exit' }));
  expect((await session.next('results.ack')).accepted).toEqual([[1, 2]]);
  expect(await job(job_id)).toMatchObject({
    state: 'DONE',
    tasks: { done: 1, failed: 1 },
    charged_micro: String(2n * BigInt(task.lease.price_micro)),
  });
  expect(await market.broker.broken()).toEqual([]);
});

test('a report that the database refuses holds up nobody else, and is decided when it can be', async () => {
  const { broker, developer, module_hash } = market;
  const { job_id, task } = await market.leased(session);
  const other = await (await FakeNode.enrol(broker, market.owner)).online({ script: (t) => resultOf(t, t.input ?? '') });
  await broker.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''22021''; END'`);
  await broker.sql(`CREATE TRIGGER refuse BEFORE INSERT ON attempt FOR EACH ROW WHEN (NEW.detail = 'refuse me') EXECUTE FUNCTION refuse()`);
  session.results(task, resultOf(task, 'one', { detail: 'refuse me' }));
  const { id } = await placed(developer, module_hash, { inputs: ['a', 'b', 'c', 'd'].map(inline), slots: 1 });
  const seen = [];
  for await (const result of developer.heap.job(id).results()) seen.push(result.error);
  expect(seen).toEqual([null, null, null, null]);
  await market.unpaid(job_id);
  await broker.sql('DROP TRIGGER refuse ON attempt');
  await broker.sql('DROP FUNCTION refuse()');
  expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, accepted: [[0, 1]] });
  await paidOnce(job_id, task);
  other.send('bye', { code: 'test_over' });
  await other.closed;
});

describe("what went wrong on a device is nobody's fault:", () => {
  /** All that the owner ever earned. */
  const earned = async (): Promise<string> => (await market.owner.call('GET', '/v1/balance')).body.owner.earned_micro;

  test.each(['host-oom', 'host-stack', 'timeout', 'killed'] as const)(
    '%s is not billed, not paid, and the task runs elsewhere',
    async (verdict) => {
      const before = await earned();
      const { job_id, task } = await market.leased(session, { max_attempts: 3 });
      session.results(task, resultOf(task, '', { verdict, exit_code: null, fuel_used: 0 }));
      expect(await session.next('results.ack')).toMatchObject({ ...NOTHING, accepted: [[0, 1]] });
      await market.unpaid(job_id);
      session.send('bye', { code: 'test_over' });
      await session.closed;
      session = await (await FakeNode.enrol(market.broker, market.owner)).online();
      const [again] = await session.tasks();
      if (!again) throw new Error('an empty delivery');
      expect(await earned()).toEqual(before);
      session.results(again, resultOf(again, 'one'));
      expect((await session.next('results.ack')).accepted).toEqual([[again.index, again.epoch]]);
      await paidOnce(job_id, again);
      const { attempts } = await heapTask(market.developer, job_id, 0);
      expect(attempts[0]).toMatchObject({ outcome: 'retried', verdict, charge_micro: '0', fuel_used: 0 });
      expect(attempts.at(-1)).toMatchObject({ outcome: 'accepted', verdict: 'ok', energy_joules_estimate: expect.any(Number) });
      expect(attempts.at(-1).node_id).not.toBe(attempts[0].node_id);
      const nodes = (await market.owner.call('GET', '/v1/nodes')).body.nodes as { id: string; state: string }[];
      expect(nodes.find(({ id }) => id === attempts[0].node_id)?.state).not.toBe('REVOKED');
      const receipt = (await market.developer.call('GET', `/v1/jobs/${job_id}/receipt`)).body;
      expect(receipt.lines.map((line: { node_id: string }) => line.node_id)).toEqual([attempts.at(-1).node_id]);
    },
  );
});

describe('what the program did is settled, billed and can be compared:', () => {
  test.each([
    ['ok', 0, 'DONE'],
    ['exit', 3, 'FAILED'],
    ['trap', null, 'FAILED'],
    ['out-of-fuel', null, 'FAILED'],
    ['stack-overflow', null, 'FAILED'],
    ['output-limit', null, 'FAILED'],
    ['refused', null, 'FAILED'],
  ] as const)('%s', async (verdict, exit_code, state) => {
    const { job_id, task } = await market.leased(session);
    session.results(task, resultOf(task, 'out', { verdict, exit_code }));
    expect((await session.next('results.ack')).accepted).toEqual([[0, 1]]);
    await paidOnce(job_id, task);
    const { results } = (await market.developer.call('GET', `/v1/jobs/${job_id}/results`)).body;
    const { output_hash, fuel_used } = resultOf(task, 'out');
    expect(results).toMatchObject([{ verdict, exit_code, state, output_hash, fuel_used }]);
    // 10¹² fuel at 10⁸ a millisecond on a device of its kind.
    const { energy_joules_estimate } = (await market.developer.call('GET', `/v1/jobs/${job_id}/receipt`)).body;
    expect(results[0].energy_joules_estimate).toBe(energy_joules_estimate);
    expect((await job(job_id)).energy_joules_estimate).toBe(energy_joules_estimate);
    expect(energy_joules_estimate).toBeGreaterThan(0);
  });
});

test.each(['metered_hash_mismatch', 'meter_id_mismatch'])(
  'a node that gives a lease back for %s is not blamed, and not leased the same work again and again',
  async (code) => {
    const { job_id, task } = await market.leased(session);
    const { module } = task.lease;
    expect(module).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), metered_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const reason = { code, sentence: 'The metered module differs.' };
    session.send('yield', { lease_id: task.lease.lease_id, epoch: task.lease.epoch, notice_ms: 0, reason });
    expect(await session.next('lease.end')).toMatchObject({ lease_id: task.lease.lease_id });
    await new Promise((resolve) => setTimeout(resolve, 700)); // many rounds of this market
    expect(session.leases.size).toBe(1);
    await market.unpaid(job_id);
    const { reason: waiting } = await job(job_id);
    expect(waiting.code).toMatch(/^[a-z_]+$/);
    // Other work comes to it as before, and this work goes to others.
    const other = await market.leased(session);
    session.results(other.task, resultOf(other.task, 'two'));
    await paidOnceAcked(other);
    const healthy = await (await FakeNode.enrol(market.broker, market.owner)).online();
    const [again] = await healthy.tasks();
    if (!again) throw new Error('an empty delivery');
    expect(again.lease.job_id).toBe(job_id);
    healthy.results(again, resultOf(again, 'one'));
    expect((await healthy.next('results.ack')).accepted).toHaveLength(1);
    await paidOnce(job_id, again);
    healthy.send('bye', { code: 'test_over' });
    await healthy.closed;
  },
);

async function paidOnceAcked({ job_id, task }: { job_id: string; task: WireTask }): Promise<void> {
  expect((await session.next('results.ack')).accepted).toHaveLength(1);
  await paidOnce(job_id, task);
}

test('claims of fuel are paid up to the limit and never above the budget', async () => {
  const inputs = Array.from({ length: 6 }, (_, i) => inline(String(i)));
  // Room for three and a half of the six.
  const first = await market.leased(session, { inputs, budget_micro: '175', max_price_micro: '50' });
  const { job_id, task } = first;
  const price = BigInt(task.lease.price_micro);
  let { tasks } = first;
  for (let paid = 0; ; tasks = await session.tasks()) {
    session.results(task, ...tasks.map((one) => resultOf(one, 'x', { fuel_used: ONE_PRICE_OF_FUEL })));
    expect((await session.next('results.ack')).accepted).toHaveLength(tasks.length);
    paid += tasks.length;
    if (paid === 3) break;
  }
  await session.next('lease.end');
  expect(await job(job_id)).toMatchObject({ state: 'STOPPED', reason: { code: 'budget_exhausted' }, charged_micro: String(3n * price) });
  expect(await heapTask(market.developer, job_id, 5)).toMatchObject({ state: 'CANCELLED', reason: { code: 'job_stopped' } });
  expect(await market.broker.broken()).toEqual([]);
});

function outputOf(text: string): Pick<TaskResult, 'output' | 'output_hash'> {
  const { output, output_hash } = resultOf({ index: 0, epoch: 1 }, text);
  return { output, output_hash };
}
