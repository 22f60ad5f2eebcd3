import { until } from '../chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { holdChecks } from '../support/held-checks.js';
import { inline, placed, putModule } from '../support/orders.js';
import { Truth } from '../support/truth.js';

const SOURCE = 'export default (input) => input;';
const PATIENCE_MS = 60_000;
const WRONG = 3;
const TASKS = 6;

let broker: TestBroker;
let developer: TestPerson;
let owner: TestPerson;
let admin: TestPerson;
let truth: Truth;
let session: FakeSession;
let node: FakeNode;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '2' });
  developer = await broker.person({ funds_micro: 100_000_000n });
  owner = await broker.person({ funds_micro: 0n });
  admin = await broker.person({ funds_micro: 0n, roles: ['owner', 'developer', 'admin'] });
  truth = await Truth.of(SOURCE);
  node = await FakeNode.enrol(broker, owner);
  const script: Parameters<FakeNode['online']>[0] = {
    script: (task) => (task.index === WRONG ? resultOf(task, 'not that', { fuel_used: 3_000_000 }) : truth.result(task)),
    price_micro: 1_000_000_000n,
  };
  session = await node.online(script);
}, 180_000);
afterAll(async () => {
  if (session?.socket.readyState === session?.socket.OPEN) await session?.vanish();
  await truth?.close();
  await broker?.close();
});

test('a developer sees final results only after the check window, and is paid back for a wrong one that was found inside it', async () => {
  const module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  // The heap's own runs wait until it was seen that nothing is final before them.
  const checkNow = holdChecks(broker);
  const terms = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '20000000', fuel_limit: 1_000_000_000 };
  const inputs = Array.from({ length: TASKS }, (_, i) => inline(`input ${i}`));
  const { id } = await placed(developer, module_hash, { ...terms, inputs });
  const job = developer.heap.job(id);
  const provisional = [];
  for await (const result of job.results()) provisional.push(result);
  expect(provisional).toHaveLength(TASKS);
  expect(provisional.map(({ standing }) => standing)).toEqual(Array(TASKS).fill('provisional'));
  const finals = async () => (await developer.call('GET', `/v1/jobs/${id}/results?wait=final`)).body.results;
  expect(await finals()).toEqual([]);
  // Nobody is told of a check that is under way.
  expect(await job.task(WRONG)).toMatchObject({ attempts: [{ standing: 'provisional' }], checks: [] });
  expect((await job.verification()).results).toEqual({ provisional: TASKS, final: 0, refuted: 0, unchecked: 0 });
  checkNow();

  const final = [];
  for await (const result of job.results({ wait: 'final' })) final.push(result);
  expect(final.map(({ index, standing }) => [index, standing]).sort()).toEqual(
    Array.from({ length: TASKS }, (_, i) => [i, i === WRONG ? 'refuted' : 'final']),
  );
  const wrong = final.find(({ index }) => index === WRONG);
  expect(Buffer.from(wrong?.right?.output ?? []).toString()).toBe(`input ${WRONG}`);

  const checks = await job.verification();
  expect(checks).toMatchObject({ level: 'L1', checked_by: { code: 'reference' }, results: { final: TASKS - 1, refuted: 1 } });
  expect(checks.paid_back_micro).toBeGreaterThanOrEqual(wrong?.cost ?? 0n);
  expect(wrong?.cost).toBeGreaterThan(0n);
  const { charged_micro } = await job.get();
  const { developer: balance } = await developer.heap.balance();
  expect(balance.available_micro).toBe(100_000_000n - charged_micro + checks.paid_back_micro);
  expect(await broker.broken()).toEqual([]);
}, 180_000);

test('its owner reads why, has it run once more, and the penalty stands because that came to the same', async () => {
  const { verification } = owner.heap;
  const [penalty] = await verification.penalties();
  expect(penalty).toMatchObject({ kind: 'probation', state: 'ACTIVE', node_id: node.node_id, evidence: { index: WRONG } });
  // What the device said, and what is right: the owner need not take the heap's word for which task it was.
  expect(penalty?.evidence?.said?.output_hash).not.toBe(penalty?.evidence?.right?.output_hash);
  expect(Date.parse(penalty?.appeal_by ?? '') - Date.parse(penalty?.created_at ?? '')).toBe(30 * 86_400_000);
  expect(penalty?.evidence).toMatchObject({ said: { verdict: 'ok' }, right: { verdict: 'ok' } });
  const { checks, grade, mismatches } = await verification.reputation(node.node_id);
  expect([grade, mismatches]).toEqual(['probation', 1]);
  expect(checks.find(({ index }) => index === WRONG)).toMatchObject({ state: 'DIFFERED', outcome: { code: 'reference_disagrees' } });
  await expect(developer.heap.verification.appeal(penalty?.penalty_id ?? '', 'not mine')).rejects.toMatchObject({ code: 'not_found' });
  const appealed = await verification.appeal(penalty?.penalty_id ?? '', 'My device is right.');
  expect(appealed).toMatchObject({ appeal: { text: 'My device is right.' }, appeal_by: null });
  const decided = await until('the independent run', PATIENCE_MS, async () => (await verification.penalties())[0]?.decision ?? undefined);
  expect(decided.code).toBe('appeal_refused');
  await expect(verification.appeal(penalty?.penalty_id ?? '', 'again')).rejects.toMatchObject({ code: 'penalty.appeal.conflict' });
});

test('an admin sees the suspect, bans it, and lifts that again; both are written down', async () => {
  const { verification } = admin.heap;
  expect((await verification.suspects()).nodes).toEqual([expect.objectContaining({ node_id: node.node_id, mismatches: 1, banned: null })]);
  await expect(owner.heap.verification.suspects()).rejects.toMatchObject({ code: 'forbidden' });
  const ban = await verification.ban(node.node_id, 'Its owner asked for it.');
  expect((await session.closed).code).toBe(4403);
  expect((await owner.heap.nodes()).map(({ id, state }) => [id, state])).toEqual([[node.node_id, 'REVOKED']]);
  expect(await verification.lift(ban.penalty_id, 'It was a mistake.')).toMatchObject({
    state: 'LIFTED',
    decision: { sentence: 'It was a mistake.' },
  });
  session = await node.online();
  const log = (await admin.heap.admin.log()).map(({ action }) => action);
  expect(log).toEqual(expect.arrayContaining(['node.ban', 'penalty.lift']));
});
