import type { TaskResult } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import {
  type ConnectOptions,
  FakeNode,
  type FakeSession,
  type Reveals,
  resultOf,
  type WireTask,
} from '../../../../test/support/fake-node.js';
import { inline, placed, putModule } from '../../../../test/support/orders.js';
import { Truth } from '../../../../test/support/truth.js';

const SOURCE = 'export default (input) => input;';
const PATIENCE_MS = 60_000;
const TERMS = { verification: 'L2', max_price_micro: '2000000000', budget_micro: '50000000', fuel_limit: 1_000_000_000 };
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

const honest = (task: WireTask) => truth.result(task);
const inputs = (n: number) => Array.from({ length: n }, (_, i) => inline(`input ${i}`));

/** The first time so, and truly from then on. */
function once(reveals: Reveals): Reveals {
  let first = true;
  return (result) => {
    if (!first) return result;
    first = false;
    return reveals(result);
  };
}

/** A node that may check others. */
async function nodeOnline(options: ConnectOptions = {}): Promise<{ node: FakeNode; session: FakeSession; owner: TestPerson }> {
  const owner = await broker.person();
  const node = await FakeNode.enrol(broker, owner);
  await broker.sql('INSERT INTO node_standing (node_id, owner_id, confirmed, checked) VALUES ($1, $2, 200, 200)', [
    node.node_id,
    owner.person_id,
  ]);
  const session = await node.online({ script: honest, price_micro: PRICE, ...options });
  open.push(session);
  return { node, session, owner };
}

const place = async (more: Record<string, unknown> = {}) => (await placed(developer, module_hash, { ...TERMS, ...more })).id;
const settled = (job_id: string) =>
  until(`job ${job_id} settles`, PATIENCE_MS, async () => {
    const { body } = await developer.call('GET', `/v1/jobs/${job_id}/results?limit=1000`);
    return body.results.every((r: { standing: string }) => r.standing !== 'provisional') && body.job.finished_at ? body : undefined;
  });
const attempts = (job_id: string, node_id?: string) =>
  broker.sql<{ index: number; outcome: string; node_id: string; charge_micro: bigint; detail: string | null }>(
    'SELECT index, outcome::text, node_id, charge_micro, detail FROM attempt WHERE job_id = $1 AND ($2::uuid IS NULL OR node_id = $2) ORDER BY index, epoch',
    [job_id, node_id ?? null],
  );
const commitments = (job_id: string) =>
  broker.sql<{ index: number; node_id: string; asks: number }>('SELECT index, node_id, asks FROM commitment WHERE job_id = $1', [job_id]);
const committedOnce = (job_id: string, node_id: string) =>
  until('a commitment', PATIENCE_MS, async () => (await commitments(job_id)).find((one) => one.node_id === node_id));

test('of two executions neither is known before both are committed to; the pair is firm, and the heap need not run it', async () => {
  const known: number[] = [];
  const script = async (task: WireTask) => {
    known.push(...(await attempts(task.lease.job_id)).filter(({ index }) => index === task.index).map(({ index }) => index));
    expect(task.lease.commit).toBe(true);
    return truth.result(task);
  };
  await nodeOnline({ script });
  await nodeOnline({ script });
  const job_id = await place({ inputs: inputs(4), slots: 2 });
  await until('the pairs', PATIENCE_MS, async () => {
    const pairs = await broker.sql<{ state: string; by_reference: boolean; sealed: boolean }>(
      "SELECT state::text, by_reference, sealed FROM result_check WHERE job_id = $1 AND kind = 'replica'",
      [job_id],
    );
    const by_nodes = pairs.filter(({ by_reference }) => !by_reference);
    return pairs.length === 4 && by_nodes.some(({ state }) => state === 'AGREED') && by_nodes.every(({ sealed }) => sealed)
      ? true
      : undefined;
  });
  expect(known).toEqual([]);
  expect(await broker.sql("SELECT 1 FROM result_check WHERE job_id = $1 AND reason_code = 'uncommitted'", [job_id])).toEqual([]);
  await until('the end', PATIENCE_MS, async () => ((await developer.heap.job(job_id).get()).state === 'DONE' ? true : undefined));
  expect(await commitments(job_id)).toEqual([]);
  expect(await broker.broken()).toEqual([]);
});

test('at L1 nothing is committed to', async () => {
  let asked: unknown = 'nothing came';
  await nodeOnline({
    script: (task) => {
      asked = task.lease.commit;
      return truth.result(task);
    },
  });
  await settled(await place({ inputs: inputs(1), verification: 'L1' }));
  expect(asked).toBeUndefined();
});

describe('another result than was committed to', () => {
  test('is refused and unpaid, its node punished for it, and the task runs elsewhere', async () => {
    const liar = await nodeOnline({ reveals: once((result) => ({ ...resultOf(result, 'what the other said'), nonce: result.nonce })) });
    const job_id = await place({ inputs: inputs(1) });
    const ack = await liar.session.next('results.ack');
    expect(ack).toMatchObject({ accepted: [], rejected: [{ index: 0, code: 'commitment_broken' }] });
    await liar.owner
      .call('GET', '/v1/penalties')
      .then(({ body }) =>
        expect(body.penalties).toMatchObject([
          { kind: 'probation', state: 'ACTIVE', reason: { code: 'commitment_broken' }, evidence: { job_id, index: 0 } },
        ]),
      );
    await nodeOnline();
    const { results } = await settled(job_id);
    expect(results).toMatchObject([{ index: 0, standing: 'final' }]);
    expect((await attempts(job_id, liar.node.node_id))[0]).toMatchObject({ outcome: 'retried', charge_micro: 0n });
    expect(await broker.sql('SELECT mismatches FROM node_standing WHERE node_id = $1', [liar.node.node_id])).toEqual([{ mismatches: 1 }]);
    expect(await broker.broken()).toEqual([]);
  });

  test('is forgiven on appeal where what was revealed is right', async () => {
    const right = new Map<number, TaskResult>();
    const { session, owner, node } = await nodeOnline({
      script: async (task) => {
        right.set(task.index, await truth.result(task));
        return task.epoch === 1 ? resultOf(task, 'not yet') : truth.result(task);
      },
      reveals: once(({ index, nonce }) => ({ ...(right.get(index) as TaskResult), nonce })),
    });
    const job_id = await place({ inputs: inputs(1) });
    expect((await session.next('results.ack')).rejected).toHaveLength(1);
    const [penalty] = (await owner.call('GET', '/v1/penalties')).body.penalties;
    await owner.call('POST', `/v1/penalties/${penalty.penalty_id}/appeal`, { reason: 'It is right.' });
    const over = await until('the decision', PATIENCE_MS, async () => {
      const [row] = (await owner.call('GET', '/v1/penalties')).body.penalties;
      return row.decision ? row : undefined;
    });
    expect(over).toMatchObject({ state: 'OVERTURNED', decision: { code: 'appeal_granted' } });
    expect(await broker.sql('SELECT mismatches, wrong_at FROM node_standing WHERE node_id = $1', [node.node_id])).toEqual([
      { mismatches: 0, wrong_at: [] },
    ]);
    await developer.heap.job(job_id).cancel();
  });

  test('again and again bans the device', async () => {
    const { owner, session } = await nodeOnline({ reveals: (result) => ({ ...result, fuel_used: result.fuel_used + 1 }) });
    const [standing] = await broker.sql<{ node_id: string }>('SELECT node_id FROM node_standing WHERE owner_id = $1', [owner.person_id]);
    await broker.sql('UPDATE node_standing SET checked = 4, confirmed = 0, wrong_at = $2 WHERE node_id = $1', [standing?.node_id, [3, 4]]);
    const job_id = await place({ inputs: inputs(1) });
    expect((await session.closed).code).toBe(4403);
    expect((await owner.call('GET', '/v1/penalties')).body.penalties).toMatchObject([
      { kind: 'ban_device', reason: { code: 'wrong_too_often' } },
    ]);
    await developer.heap.job(job_id).cancel();
    expect(await broker.broken()).toEqual([]);
  });
});

test('who commits and does not reveal withholds: its lease ends, its share of withheld tasks grows, and the task runs elsewhere', async () => {
  const keeper = await nodeOnline({ reveals: () => null });
  const job_id = await place({ inputs: inputs(1) });
  await until('the question', PATIENCE_MS, async () => (await commitments(job_id)).find(({ asks }) => asks > 0));
  // It is asked again every few seconds for a minute.
  await broker.sql("UPDATE commitment SET asks = 12, asked_at = now() - interval '10 seconds' WHERE job_id = $1", [job_id]);
  expect((await keeper.session.next('lease.end')).reason.code).toBe('withheld');
  keeper.session.send('bye', { code: 'over' });
  const { node } = await nodeOnline();
  expect((await settled(job_id)).results).toMatchObject([{ index: 0, node_id: node.node_id, standing: 'final' }]);
  expect(await attempts(job_id, keeper.node.node_id)).toMatchObject([{ outcome: 'lost', charge_micro: 0n }]);
  expect((await keeper.owner.call('GET', `/v1/nodes/${keeper.node.node_id}/reputation`)).body.withheld_share).toBeGreaterThan(0);
  expect((await keeper.owner.call('GET', '/v1/penalties')).body.penalties).toEqual([]);
  expect(await broker.broken()).toEqual([]);
});

describe('a connection that breaks between commitment and reveal', () => {
  test('is taken up again: what was asked for meanwhile is revealed, and paid once', async () => {
    const { node, session } = await nodeOnline();
    const job_id = await place({ inputs: inputs(1) });
    await committedOnce(job_id, node.node_id);
    await session.vanish();
    await until('the question', PATIENCE_MS, async () => (await commitments(job_id)).find(({ asks }) => asks > 0));
    const again = await node.connect({ script: honest, resume: session });
    open.push(again);
    expect(again.welcome?.resumed).toBe(true);
    expect(await again.next('results.ack')).toMatchObject({ accepted: [[0, 1]] });
    expect((await settled(job_id)).results).toMatchObject([{ node_id: node.node_id, standing: 'final' }]);
    expect(await attempts(job_id)).toHaveLength(1);
    expect(await broker.broken()).toEqual([]);
  });

  test('and a session that is new: the node states what it holds, commits to it again, and is asked', async () => {
    const { node, session } = await nodeOnline();
    const job_id = await place({ inputs: inputs(1) });
    await committedOnce(job_id, node.node_id);
    const [lease] = session.leases.values();
    if (!lease) throw new Error('no lease came');
    const [[key, hidden]] = [...session.hidden] as [[string, NonNullable<ReturnType<typeof session.hidden.get>>]];
    await session.vanish();
    const again = await node.connect({ script: honest });
    open.push(again);
    again.send('state', { leases: [{ lease_id: lease.lease_id, epoch: lease.epoch, tasks: [{ index: 0, epoch: 1, phase: 'finished' }] }] });
    expect((await again.next('reconcile')).leases).toMatchObject([{ action: 'keep' }]);
    again.leases.set(lease.lease_id, lease);
    again.hidden.set(key, hidden);
    again.send('commits', again.commitTo(lease, lease.epoch, [hidden]));
    expect(await again.next('results.ack')).toMatchObject({ accepted: [[0, 1]] });
    expect((await settled(job_id)).results).toMatchObject([{ node_id: node.node_id, standing: 'final' }]);
    expect(await attempts(job_id)).toHaveLength(1);
  });
});

test('what nobody waits for is stale at once; what a node that leaves tells unasked counts', async () => {
  const { node, session } = await nodeOnline();
  const job_id = await place({ inputs: inputs(1) });
  await committedOnce(job_id, node.node_id);
  const [lease] = session.leases.values();
  const [hidden] = session.hidden.values();
  if (!lease || !hidden) throw new Error('nothing was committed to');
  session.send('commits', { lease_id: lease.lease_id, epoch: lease.epoch, commits: [{ index: 0, epoch: 9, commitment: 'a'.repeat(64) }] });
  expect(await session.next('results.ack')).toMatchObject({ stale: [[0, 9]] });
  session.send('results', { lease_id: lease.lease_id, epoch: lease.epoch, results: [hidden] });
  expect(await session.next('results.ack')).toMatchObject({ accepted: [[0, 1]] });
  expect((await settled(job_id)).results).toMatchObject([{ node_id: node.node_id, standing: 'final' }]);
  expect(await broker.broken()).toEqual([]);
});

describe('agents of the time before commitments', () => {
  test('work at L2 as they did; that two of them agree confirms nothing, so the heap runs the task itself', async () => {
    await nodeOnline({ commits: false });
    await nodeOnline({ commits: false });
    const job_id = await place({ inputs: inputs(2), slots: 2 });
    const { results } = await settled(job_id);
    expect(results.map((r: { standing: string }) => r.standing)).toEqual(['final', 'final']);
    const checks = await broker.sql<{ kind: string; state: string; sealed: boolean; reason_code: string; by_reference: boolean }>(
      'SELECT kind::text, state::text, sealed, reason_code, by_reference FROM result_check WHERE job_id = $1',
      [job_id],
    );
    const by_nodes = checks.filter(({ kind, by_reference }) => kind === 'replica' && !by_reference);
    expect(by_nodes.every(({ state, sealed }) => state === 'AGREED' && !sealed)).toBe(true);
    expect(checks.filter(({ reason_code }) => reason_code === 'uncommitted')).toHaveLength(by_nodes.length);
    expect(await commitments(job_id)).toEqual([]);
    expect(await broker.broken()).toEqual([]);
  });

  test('are not given what is committed to and not revealed', async () => {
    const { node } = await nodeOnline();
    const given: number[] = [];
    const old = await nodeOnline({
      commits: false,
      script: (task) => {
        given.push(task.index);
        return truth.result(task);
      },
    });
    const job_id = await place({ inputs: inputs(6), slots: 2 });
    const { results } = await settled(job_id);
    const hidden = results.filter((r: { node_id: string }) => r.node_id === node.node_id).map((r: { index: number }) => r.index);
    expect(given.filter((index) => hidden.includes(index))).toEqual([]);
    expect(old.session.hidden.size).toBe(0);
  });
});
