import { randomUUID } from 'node:crypto';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../../../../test/support/fake-node.js';
import { inline, placed, putModule } from '../../../../test/support/orders.js';
import { Truth } from '../../../../test/support/truth.js';
import { Draws } from '../verification/draws.js';

const SOURCE = 'export default (input) => input;';
const PATIENCE_MS = 60_000;
const TERMS = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '50000000', fuel_limit: 1_000_000_000 };

let broker: TestBroker;
let developer: TestPerson;
let module_hash: string;
let truth: Truth;
const open: FakeSession[] = [];
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '600' });
  developer = await broker.person({ funds_micro: 1_000_000_000n });
  module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  truth = await Truth.of(SOURCE);
}, 180_000);
afterEach(async () => {
  for (const session of open.splice(0)) {
    if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'over' });
    await session.closed;
  }
});
afterAll(async () => {
  await truth?.close();
  await broker?.close();
});

/** What the heap draws from now on, instead of chance. */
function draws(value: number | null): void {
  const of_heap = broker.app.get(Draws) as { next?: () => number };
  if (value === null) delete of_heap.next;
  else of_heap.next = () => value;
}

const results = async (job_id: string) => (await developer.call('GET', `/v1/jobs/${job_id}/results`)).body;
const paidBack = (job_id: string) =>
  broker.sql<{ index: number; amount: bigint; kind: string }>(
    'SELECT index, amount, kind FROM correction WHERE job_id = $1 ORDER BY index',
    [job_id],
  );

describe('an objection is decided by the heap’s own run', () => {
  const object = async (job_id: string, tasks: number[]) =>
    (
      await developer.call(
        'POST',
        `/v1/jobs/${job_id}/objections`,
        { tasks, reason: 'That is not right.' },
        { 'idempotency-key': randomUUID() },
      )
    ).body;
  const decision = (id: string) =>
    until(`the decision on ${id}`, PATIENCE_MS, async () =>
      (await developer.call('GET', '/v1/objections')).body.objections.find(
        (o: { objection_id: string; state: string }) => o.objection_id === id && o.state === 'DECIDED',
      ),
    );
  /** A node whose results are not all checked: one of them is wrong and nobody has looked. */
  const unseen = async (job_inputs: number, wrong: number) => {
    const owner = await broker.person();
    const node = await FakeNode.enrol(broker, owner);
    const script = async (task: Parameters<Truth['result']>[0]) =>
      task.index === wrong ? resultOf(task, 'wrong', { fuel_used: 1_000_000 }) : truth.result(task);
    open.push(await node.online({ script, price_micro: 1_000_000_000n }));
    await broker.sql('INSERT INTO node_standing (node_id, owner_id, confirmed, checked) VALUES ($1, $2, 200, 200)', [
      node.node_id,
      owner.person_id,
    ]);
    draws(0.999);
    const inputs = Array.from({ length: job_inputs }, (_, i) => inline(`input ${i}`));
    const { id: job_id } = await placed(developer, module_hash, { ...TERMS, inputs });
    await until('the job ends', PATIENCE_MS, async () => ((await results(job_id)).job.finished_at ? true : undefined));
    draws(null);
    return job_id;
  };

  test('for its developer where a result was wrong, and the money of just that result goes back', async () => {
    const job_id = await unseen(4, 1);
    const { objection_id } = await object(job_id, [1]);
    expect(await decision(objection_id)).toMatchObject({ outcome: 'developer', decided_as: 'reference' });
    const [back] = await paidBack(job_id);
    expect(back).toMatchObject({ index: 1, kind: 'refund' });
    const [sums] = await broker.sql<{ refunded: bigint }>('SELECT sum(refunded)::bigint AS refunded FROM capture WHERE job_id = $1', [
      job_id,
    ]);
    expect(sums?.refunded).toBe(back?.amount);
    expect(await broker.broken()).toEqual([]);
  });

  test('for the owner where the heap came to the same', async () => {
    const job_id = await unseen(3, 99);
    const { objection_id } = await object(job_id, [0, 2]);
    expect(await decision(objection_id)).toMatchObject({ outcome: 'owner', decided_as: 'reference', reason: { code: 'reference_agrees' } });
    expect(await paidBack(job_id)).toEqual([]);
    expect(await broker.broken()).toEqual([]);
  });

  test('for both where one of several results was wrong', async () => {
    const job_id = await unseen(3, 2);
    const { objection_id } = await object(job_id, [0, 2]);
    const decided_objection = await decision(objection_id);
    expect(decided_objection).toMatchObject({ outcome: 'split', decided_as: 'reference' });
    expect((await paidBack(job_id)).map(({ index, amount }) => [index, String(amount)])).toEqual([[2, decided_objection.refund_micro]]);
    expect(await broker.broken()).toEqual([]);
  });
});
