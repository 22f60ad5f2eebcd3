import { until } from '../../../../test/chaos/until.js';
import { CheckedHeap, CHECK_PATIENCE_MS as PATIENCE_MS, textInputs } from '../../../../test/support/checked-heap.js';
import { resultOf } from '../../../../test/support/fake-node.js';
import { Draws } from '../verification/draws.js';

let heap: CheckedHeap;
beforeAll(async () => {
  heap = await CheckedHeap.start({ HEAP_HOLDBACK_SECONDS: '600' });
}, 180_000);
afterEach(() => heap.sendHome());
afterAll(() => heap?.close());

/** What the heap draws from now on, instead of chance. */
function draws(value: number | null): void {
  const of_heap = heap.broker.app.get(Draws) as { next?: () => number };
  if (value === null) delete of_heap.next;
  else of_heap.next = () => value;
}

describe('an objection is decided by the heap’s own run', () => {
  const decision = (id: string) =>
    until(`the decision on ${id}`, PATIENCE_MS, async () =>
      (await heap.developer.call('GET', '/v1/objections')).body.objections.find(
        (o: { objection_id: string; state: string }) => o.objection_id === id && o.state === 'DECIDED',
      ),
    );
  /** A node whose results are not all checked: one of them is wrong and nobody has looked. */
  const unseen = async (job_inputs: number, wrong: number) => {
    const liar = await heap.nodeOnline((task) =>
      task.index === wrong ? resultOf(task, 'wrong', { fuel_used: 1_000_000 }) : heap.right(task),
    );
    await heap.known(liar);
    draws(0.999);
    const job_id = await heap.place({ inputs: textInputs(job_inputs) });
    await until('the job ends', PATIENCE_MS, async () => ((await heap.results(job_id)).job.finished_at ? true : undefined));
    draws(null);
    return job_id;
  };

  test('for its developer where a result was wrong, and the money of just that result goes back', async () => {
    const job_id = await unseen(4, 1);
    const { objection_id } = await heap.object(job_id, [1]);
    expect(await decision(objection_id)).toMatchObject({ outcome: 'developer', decided_as: 'reference' });
    const [back] = await heap.paidBack(job_id);
    expect(back).toMatchObject({ index: 1, kind: 'refund' });
    const [sums] = await heap.broker.sql<{ refunded: bigint }>('SELECT sum(refunded)::bigint AS refunded FROM capture WHERE job_id = $1', [
      job_id,
    ]);
    expect(sums?.refunded).toBe(back?.amount);
    expect(await heap.broker.broken()).toEqual([]);
  });

  test('for the owner where the heap came to the same', async () => {
    const job_id = await unseen(3, 99);
    const { objection_id } = await heap.object(job_id, [0, 2]);
    expect(await decision(objection_id)).toMatchObject({ outcome: 'owner', decided_as: 'reference', reason: { code: 'reference_agrees' } });
    expect(await heap.paidBack(job_id)).toEqual([]);
    expect(await heap.broker.broken()).toEqual([]);
  });

  test('for both where one of several results was wrong', async () => {
    const job_id = await unseen(3, 2);
    const { objection_id } = await heap.object(job_id, [0, 2]);
    const decided_objection = await decision(objection_id);
    expect(decided_objection).toMatchObject({ outcome: 'split', decided_as: 'reference' });
    expect((await heap.paidBack(job_id)).map(({ index, amount }) => [index, String(amount)])).toEqual([
      [2, decided_objection.refund_micro],
    ]);
    expect(await heap.broker.broken()).toEqual([]);
  });

  test('as often as it is founded; who objects to what is right has the heap run so much for it, and no more', async () => {
    const right = await unseen(4, 99);
    expect(await decision((await heap.object(right, [0, 1, 2, 3])).objection_id)).toMatchObject({ outcome: 'owner' });
    // As if they had objected to many more that were right: 998 in all.
    await heap.broker.sql(
      `INSERT INTO result_check (id, job_id, index, of_epoch, node_id, kind, state, by_reference, reason_code, reason_sentence, decided_at, outcome_code, outcome_sentence)
       SELECT gen_random_uuid(), c.job_id, c.index, c.of_epoch, c.node_id, c.kind, c.state, true, 'test', 'A test says so.', now(), 'test', 'A test says so.'
       FROM result_check c, generate_series(1, 998 - (SELECT count(*) FROM result_check o WHERE o.kind = 'objection' AND o.state <> 'DIFFERED')) WHERE c.job_id = $1 AND c.index = 0 AND c.kind = 'objection'`,
      [right],
    );
    await heap.sendHome();
    const wrong = await unseen(3, 1);
    expect(await heap.object(wrong, [0, 1, 2])).toMatchObject({ code: 'objection.unfounded.conflict', fault: 'user' });
    expect(await heap.broker.sql("SELECT 1 FROM capture WHERE job_id = $1 AND state = 'DISPUTED'", [wrong])).toEqual([]);
    // What is wrong does not count: it may be objected to, and so may as many as are left.
    expect(await decision((await heap.object(wrong, [1])).objection_id)).toMatchObject({ outcome: 'developer' });
    await heap.sendHome();
    const last = await unseen(2, 99);
    expect(await decision((await heap.object(last, [0, 1])).objection_id)).toMatchObject({ outcome: 'owner' });
    await heap.sendHome();
    expect(await heap.object(await unseen(1, 99), [0])).toMatchObject({ code: 'objection.unfounded.conflict' });
  });
});
