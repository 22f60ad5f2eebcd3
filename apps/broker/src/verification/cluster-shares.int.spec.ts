import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, type Script } from '../../../../test/support/fake-node.js';
import { inline, placed, putModule } from '../../../../test/support/orders.js';
import { Truth } from '../../../../test/support/truth.js';
import { ClusterSharesStore } from './cluster-shares.store.js';

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

test('checks and second executions count toward the share too', async () => {
  const developer = await broker.person({ funds_micro: 1_000_000_000n });
  const module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  for (const confirmed of [2, 200]) {
    const { node_id } = await online((task) => truth.result(task));
    await broker.sql(
      'INSERT INTO node_standing (node_id, owner_id, confirmed, checked) SELECT id, owner_id, $2, $2 FROM node WHERE id = $1',
      [node_id, confirmed],
    );
  }
  const terms = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '500000000', fuel_limit: 1_000_000_000, open: true };
  const inputs = Array.from({ length: 16 }, (_, i) => inline(`input ${i}`));
  const over = async (job_id: string) => {
    const [row] = await broker.sql<{ over: boolean; checks: bigint }>(
      `SELECT (SELECT done = 16 FROM job WHERE id = $1) AND NOT EXISTS (SELECT 1 FROM result_check WHERE job_id = $1 AND state IN ('WANTED', 'OUT')) AS over,
         (SELECT count(*) FROM attempt WHERE job_id = $1 AND outcome = 'checked') AS checks`,
      [job_id],
    );
    return row?.over ? row : undefined;
  };
  // The heap itself checks what no other node took soon, as on a busy machine: then another job is looked at.
  const id = await until('a job of which nodes have run checks', PATIENCE_MS, async () => {
    const job = await placed(developer, module_hash, { ...terms, inputs, slots: 2 });
    const { checks } = await until('all that is to be run of it', PATIENCE_MS, () => over(job.id));
    if (checks > 0n) return job.id;
    await developer.heap.job(job.id).cancel();
    return undefined;
  });
  const executions = async () =>
    (await broker.app.get(ClusterSharesStore).of(id))?.clusters.reduce((sum, { executions: n }) => sum + n, 0) ?? 0;
  const [ran] = await broker.sql<{ n: number }>(
    "SELECT count(*)::int AS n FROM attempt WHERE job_id = $1 AND outcome IN ('accepted', 'checked')",
    [id],
  );
  expect(ran?.n).toBeGreaterThan(16);
  expect(await executions()).toBe(ran?.n);
  await broker.sql('INSERT INTO twin (job_id, index, epoch, lease_id) SELECT job_id, 0, 99, id FROM lease WHERE job_id = $1 LIMIT 1', [id]);
  expect(await executions()).toBe((ran?.n ?? 0) + 1);
  await broker.sql('DELETE FROM twin WHERE job_id = $1', [id]);
  await developer.heap.job(id).cancel();
});
