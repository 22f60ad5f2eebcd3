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
