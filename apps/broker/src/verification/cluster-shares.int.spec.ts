import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, type Script } from '../../../../test/support/fake-node.js';
import { inline, placed, putModule } from '../../../../test/support/orders.js';
import { Truth } from '../../../../test/support/truth.js';

const SOURCE = 'export default (input) => input;';
const PATIENCE_MS = 60_000;
const TASKS = 60;
const OTHERS = 3;
/** Twice an even share among four. */
const SHARE = TASKS / 2;

let broker: TestBroker;
let truth: Truth;
const open: FakeSession[] = [];
beforeAll(async () => {
  broker = await startBroker();
  truth = await Truth.of(SOURCE);
}, 180_000);
afterAll(async () => {
  for (const session of open) if (session.socket.readyState === session.socket.OPEN) await session.vanish();
  await truth?.close();
  await broker?.close();
});

async function online(script: Script): Promise<{ node_id: string; session: FakeSession }> {
  const node = await FakeNode.enrol(broker, await broker.person());
  const session = await node.online({ script, price_micro: 1_000_000_000n });
  open.push(session);
  return { node_id: node.node_id, session };
}

test('where results are checked no owner executes more than a share of a job, until the others have left', async () => {
  const developer = await broker.person({ funds_micro: 1_000_000_000n });
  const module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  const others = [];
  for (let i = 0; i < OTHERS; i++) others.push(await online(async () => null));
  const fast = await online((task) => truth.result(task));
  const terms = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '500000000', fuel_limit: 1_000_000_000 };
  const inputs = Array.from({ length: TASKS }, (_, i) => inline(`input ${i}`));
  const { id } = await placed(developer, module_hash, { ...terms, inputs, slots: OTHERS + 1 });
  const [ended] = await until('the fast node has its share', PATIENCE_MS, async () => {
    const rows = await broker.sql<{ end_sentence: string }>(
      "SELECT end_sentence FROM lease WHERE node_id = $1 AND end_code = 'cluster_share'",
      [fast.node_id],
    );
    return rows.length > 0 ? rows : undefined;
  });
  expect(ended?.end_sentence).toContain('share of the job');
  const executed = async () => {
    const [row] = await broker.sql<{ n: bigint }>(
      "SELECT count(*) AS n FROM attempt WHERE job_id = $1 AND node_id = $2 AND outcome = 'accepted'",
      [id, fast.node_id],
    );
    return Number(row?.n ?? 0n);
  };
  expect(await executed()).toBe(SHARE);
  for (const { session } of others) session.send('bye', { code: 'over' });
  await until('the job ends', PATIENCE_MS, async () => ((await developer.heap.job(id).get()).state === 'DONE' ? true : undefined));
  expect(await executed()).toBe(TASKS);
}, 180_000);
