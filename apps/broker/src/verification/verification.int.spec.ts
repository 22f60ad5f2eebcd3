import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf, type Script } from '../../../../test/support/fake-node.js';
import { inline, placed, putModule } from '../../../../test/support/orders.js';
import { Truth } from '../../../../test/support/truth.js';

const SOURCE = 'export default (input) => input;';
const PATIENCE_MS = 60_000;
const TERMS = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '50000000', fuel_limit: 1_000_000_000 };
const PRICE = 1_000_000_000n;

let broker: TestBroker;
let developer: TestPerson;
let module_hash: string;
let truth: Truth;
const open: FakeSession[] = [];
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '1' });
  developer = await broker.person({ funds_micro: 1_000_000_000n });
  module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  truth = await Truth.of(SOURCE);
}, 60_000);
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

const honest: Script = (task) => truth.result(task);
const inputs = (n: number) => Array.from({ length: n }, (_, i) => inline(`input ${i}`));

async function nodeOnline(script: Script, slots = 1): Promise<{ node: FakeNode; session: FakeSession; owner: TestPerson }> {
  const owner = await broker.person();
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online({ script, slots, price_micro: PRICE });
  open.push(session);
  return { node, session, owner };
}

const place = async (more: Record<string, unknown> = {}) => (await placed(developer, module_hash, { ...TERMS, ...more })).id;
const results = async (job_id: string) => (await developer.call('GET', `/v1/jobs/${job_id}/results?limit=1000`)).body;
const settled = (job_id: string) =>
  until(`job ${job_id} settles`, PATIENCE_MS, async () => {
    const page = await results(job_id);
    return page.results.every((r: { standing: string }) => r.standing !== 'provisional') && page.job.finished_at ? page : undefined;
  });

test('what a lone node reports is provisional until the heap itself came to the same; then it is final and the owner is paid', async () => {
  await nodeOnline(honest);
  const job_id = await place({ inputs: inputs(6) });
  const first = await until('a result', PATIENCE_MS, async () => (await results(job_id)).results[0]);
  expect(first.standing).toBe('provisional');
  const { results: all } = await settled(job_id);
  expect(all.map((r: { standing: string }) => r.standing)).toEqual(Array(6).fill('final'));
  await until('the release', PATIENCE_MS, async () => {
    const states = await broker.sql('SELECT DISTINCT state::text FROM capture WHERE job_id = $1', [job_id]);
    return states.length === 1 && states[0]?.state === 'RELEASED' ? true : undefined;
  });
  expect(await broker.broken()).toEqual([]);
});

test('a wrong result is refuted, shown with the right one and paid back, and its node is on probation', async () => {
  const { node } = await nodeOnline(async (task) =>
    task.index === 2 ? resultOf(task, 'wrong', { fuel_used: 1_000_000 }) : truth.result(task),
  );
  const job_id = await place({ inputs: inputs(5) });
  const { results: all } = await settled(job_id);
  const wrong = all.find((r: { index: number }) => r.index === 2);
  expect([wrong.standing, Buffer.from(wrong.right.output.inline, 'base64').toString()]).toEqual(['refuted', 'input 2']);
  expect(all.filter((r: { standing: string }) => r.standing === 'final')).toHaveLength(4);
  const [penalty] = await broker.sql('SELECT kind::text, code FROM penalty WHERE node_id = $1', [node.node_id]);
  expect(penalty).toEqual({ kind: 'probation', code: 'wrong_once' });
  const [paid] = await broker.sql(
    'SELECT state::text FROM capture c JOIN attempt a ON a.lease_id = c.lease_id AND a.finished_at = c.captured_at WHERE a.job_id = $1 AND a.index = 2',
    [job_id],
  );
  expect(paid).toEqual({ state: 'REFUNDED' });
  expect(await broker.broken()).toEqual([]);
});

const trust = ({ node, owner }: { node: FakeNode; owner: TestPerson }) =>
  broker.sql('INSERT INTO node_standing (node_id, owner_id, confirmed, checked) VALUES ($1, $2, 200, 200)', [
    node.node_id,
    owner.person_id,
  ]);
const checksOf = (job_id: string) =>
  broker.sql<{ kind: string; state: string; by_reference: boolean; checker_id: string | null; index: number }>(
    'SELECT kind::text, state::text, by_reference, checker_id, index FROM result_check WHERE job_id = $1 ORDER BY index, wanted_at',
    [job_id],
  );
const decided = (job_id: string) =>
  until(`the checks of job ${job_id}`, PATIENCE_MS, async () => {
    const checks = await checksOf(job_id);
    return checks.length > 0 && checks.every(({ state }) => !['WANTED', 'OUT'].includes(state)) ? checks : undefined;
  });

test('at L2 another owner’s trusted node runs every task again, is paid for it by the developer, and the job waits for that', async () => {
  const [one, other] = [await nodeOnline(honest), await nodeOnline(honest)];
  await trust(one);
  await trust(other);
  const job_id = await place({ inputs: inputs(6), slots: 2, verification: 'L2' });
  const { results: all, job } = await settled(job_id);
  expect([all.length, job.state]).toEqual([6, 'DONE']);
  const replicas = (await checksOf(job_id)).filter(({ kind }) => kind === 'replica');
  const by_nodes = replicas.filter(({ by_reference }) => !by_reference);
  expect(replicas).toHaveLength(6);
  expect(by_nodes.length).toBeGreaterThan(0);
  for (const { index, checker_id } of by_nodes) expect(checker_id).not.toBe(all.find((r: { index: number }) => r.index === index).node_id);
  const attempts = await broker.sql<{ outcome: string; charge_micro: bigint }>(
    "SELECT outcome::text, charge_micro FROM attempt WHERE job_id = $1 AND outcome = 'checked'",
    [job_id],
  );
  expect(attempts).toHaveLength(by_nodes.length);
  expect(attempts.every(({ charge_micro }) => charge_micro > 0n)).toBe(true);
  expect(await broker.sql('SELECT checking, reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([
    { checking: 0, reserved_micro: 0n },
  ]);
  expect(await broker.broken()).toEqual([]);
});

test('where two differ the heap’s own run decides; who was right is confirmed, who was wrong is refuted, although it reported first', async () => {
  const liar = await nodeOnline(async (task) => resultOf(task, 'a lie', { fuel_used: 1_000_000 }));
  const checker = await nodeOnline(honest);
  await trust(checker);
  await trust(liar);
  const job_id = await place({ inputs: inputs(4), slots: 2, verification: 'L2' });
  await decided(job_id);
  const refuted = await broker.sql<{ node_id: string }>('SELECT DISTINCT node_id FROM refuted_result WHERE job_id = $1', [job_id]);
  expect(refuted).toEqual([{ node_id: liar.node.node_id }]);
  expect(await broker.sql('SELECT count(*)::int AS count FROM penalty WHERE node_id = $1', [checker.node.node_id])).toEqual([{ count: 0 }]);
  const [held] = await broker.sql<{ kept: bigint }>(
    "SELECT COALESCE(sum(c.gross), 0)::bigint AS kept FROM capture c JOIN lease l ON l.id = c.lease_id WHERE l.node_id = $1 AND c.state <> 'REFUNDED'",
    [liar.node.node_id],
  );
  expect(held?.kept).toBe(0n);
  expect(await broker.broken()).toEqual([]);
});

test('two that give the same wrong result are banned with their owners: nothing of what they hold is paid, their connections close', async () => {
  const lie: Script = async (task) => resultOf(task, 'our lie', { fuel_used: 2_000_000 });
  const [one, other] = [await nodeOnline(lie), await nodeOnline(lie)];
  await trust(one);
  await trust(other);
  const job_id = await place({ inputs: inputs(4), slots: 2, verification: 'L3' });
  await until('the replicas', PATIENCE_MS, async () =>
    (await checksOf(job_id)).some(({ kind, state }) => kind === 'replica' && state === 'AGREED') ? true : undefined,
  );
  // What the two agreed on the heap would find by its share of checks: here at once.
  const [agreed] = await broker.sql<{ index: number; of_epoch: number; node_id: string }>(
    "SELECT index, of_epoch, node_id FROM result_check WHERE job_id = $1 AND state = 'AGREED' LIMIT 1",
    [job_id],
  );
  await broker.sql(
    `INSERT INTO result_check (id, job_id, index, of_epoch, node_id, kind, by_reference, reason_code, reason_sentence)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, 'reference', true, 'test', 'A test looks.')`,
    [job_id, agreed?.index, agreed?.of_epoch, agreed?.node_id],
  );
  expect((await one.session.closed).code).toBe(4403);
  expect((await other.session.closed).code).toBe(4403);
  await decided(job_id);
  const penalties = await broker.sql("SELECT kind::text, code FROM penalty WHERE node_id = ANY($1) AND kind = 'ban_identity'", [
    [one.node.node_id, other.node.node_id],
  ]);
  expect(penalties).toEqual(Array(2).fill({ kind: 'ban_identity', code: 'agreed_on_a_lie' }));
  await until('the refunds', PATIENCE_MS, async () => {
    const [row] = await broker.sql<{ count: bigint }>("SELECT count(*) AS count FROM capture WHERE job_id = $1 AND state <> 'REFUNDED'", [
      job_id,
    ]);
    return row?.count === 0n ? true : undefined;
  });
  expect(await broker.broken()).toEqual([]);
});

describe('what a node may try is found out or worth nothing', () => {
  const refutedOf = async (job_id: string) =>
    (await settled(job_id)).results.filter((r: { standing: string }) => r.standing === 'refuted').map((r: { index: number }) => r.index);
  const kept = async (job_id: string, index: number) => {
    const [row] = await broker.sql<{ state: string }>(
      `SELECT c.state::text FROM capture c JOIN attempt a ON a.lease_id = c.lease_id AND a.finished_at = c.captured_at
       WHERE a.job_id = $1 AND a.index = $2 AND a.outcome = 'accepted'`,
      [job_id, index],
    );
    return row?.state;
  };

  test('more fuel than it burned, with the right output', async () => {
    await nodeOnline(async (task) => {
      const right = await truth.result(task);
      return task.index === 1 ? { ...right, fuel_used: right.fuel_used + 1 } : right;
    });
    const job_id = await place({ inputs: inputs(3) });
    expect([await refutedOf(job_id), await kept(job_id, 1)]).toEqual([[1], 'REFUNDED']);
  });

  test('the result of another task, or of the same input under another module', async () => {
    const other = (await putModule(broker, developer, 'javascript', 'export default (input) => input.slice(0, 2);')).body.hash;
    await nodeOnline(async (task) => (task.index === 2 ? resultOf(task, 'input 0', { fuel_used: 1_500_000 }) : truth.result(task)));
    const job_id = await place({ inputs: inputs(3) });
    expect(await refutedOf(job_id)).toEqual([2]);
    // What it remembers of this job is no answer to the next one, which runs other code on the same inputs.
    const next = await placed(developer, other, { ...TERMS, inputs: inputs(1) });
    expect(await refutedOf(next.id)).toEqual([0]);
    expect(await kept(next.id, 0)).toBe('REFUNDED');
  });

  test('a result for a task that it was not given, or before it was given', async () => {
    const { session } = await nodeOnline(async () => null);
    const job_id = await place({ inputs: inputs(8) });
    const [task] = await session.tasks();
    if (!task) throw new Error('no task came');
    const early = { ...task, index: 7, epoch: 1 };
    session.results(task, resultOf(early, 'early'), resultOf({ ...task, epoch: task.epoch + 1 }, 'from the future'));
    expect((await session.next('results.ack')).stale).toHaveLength(2);
    expect(await broker.sql('SELECT charged_micro, settled_seq FROM job WHERE id = $1', [job_id])).toEqual([
      { charged_micro: 0n, settled_seq: 0 },
    ]);
    await developer.heap.job(job_id).cancel();
  });
});
