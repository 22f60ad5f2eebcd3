import type { ResultToVerify } from '#sdk';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { Truth } from '../support/truth.js';

const SQUARE = 'export default (n) => n * n;';
const FUNDS = 100_000_000n;
const WRONG = 3;
const NUMBERS = [1, 2, 3, 4, 5, 6];
const TERMS = { maxPrice: '2000', budget: '20', fuelLimit: 1_000_000_000, verifyBudget: '1', verifyFuelLimit: 100_000_000 };
const isSquare = ({ input, output }: ResultToVerify<number, number>) =>
  output === input * input || { accept: false, reason: `${input} times itself is not ${output}` };

let broker: TestBroker;
let truth: Truth;
const open: FakeSession[] = [];
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '2', HEAP_VERIFIER_PRICE_MICRO: '1000000' });
  truth = await Truth.of(SQUARE, 'json');
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

/** A node that says `49` to one of the tasks. */
async function liarOnline(wrong: number): Promise<TestPerson> {
  const owner = await broker.person({ funds_micro: 0n });
  const node = await FakeNode.enrol(broker, owner);
  const script: Parameters<FakeNode['online']>[0] = {
    script: (task) => (task.index === wrong ? resultOf(task, '49', { fuel_used: 3_000_000 }) : truth.result(task)),
    price_micro: 1_000_000_000n,
  };
  open.push(await node.online(script));
  return owner;
}

test('a developer’s own verifier finds a lie: every value is right, the lie is paid back, and each step is told in words', async () => {
  const developer = await broker.person({ funds_micro: FUNDS });
  const owner = await liarOnline(WRONG);
  const run = developer.heap.map<number>({ module: SQUARE }, NUMBERS, { ...TERMS, verify: isSquare });
  const results = await run.all();
  expect(results.map(({ value }) => value)).toEqual(NUMBERS.map((n) => n * n));
  expect(results.map(({ standing, verified }) => [standing, verified?.state])).toEqual(
    NUMBERS.map((_, i) => (i === WRONG ? ['refuted', 'upheld'] : ['final', 'accepted'])),
  );
  const wrong = results[WRONG];
  expect(Buffer.from(wrong?.output ?? []).toString()).toBe('49');
  expect(wrong?.verified?.sentence).toContain('Rejected by your verifier: 4 times itself is not 49.');

  const job = await run.job;
  const { own_verifier, paid_back_micro, checked_by } = await job.verification();
  expect(checked_by.code).toBe('own_verifier');
  expect(own_verifier).toMatchObject({
    state: 'closed',
    results: { accepted: 5, upheld: 1 },
    rejections: [{ index: WRONG, state: 'upheld' }],
  });
  expect(paid_back_micro).toBe(wrong?.cost);
  const { attempts } = await job.task(WRONG);
  expect(attempts[0]?.verified).toMatchObject({ state: 'upheld', code: 'rejection_upheld' });
  const { charged_micro } = await job.get();
  const { developer: balance } = await developer.heap.balance();
  expect(own_verifier?.charged_micro).toBeGreaterThan(0n);
  expect(balance.available_micro).toBe(FUNDS - charged_micro + paid_back_micro - (own_verifier?.charged_micro ?? 0n));
  const [penalty] = await owner.heap.verification.penalties();
  expect(penalty).toMatchObject({ kind: 'probation', evidence: { job_id: job.id, index: WRONG } });
  expect(await broker.broken()).toEqual([]);
}, 180_000);

test('a verifier that rejects what is right takes nothing from the owner and is stopped; the developer reads why', async () => {
  const developer = await broker.person({ funds_micro: FUNDS });
  await liarOnline(-1);
  const run = developer.heap.map<number>({ module: SQUARE }, NUMBERS, { ...TERMS, verify: () => false });
  expect(await run.values()).toEqual(NUMBERS.map((n) => n * n));
  const { own_verifier, paid_back_micro } = await (await run.job).verification();
  expect(own_verifier).toMatchObject({ state: 'stopped', reason: { code: 'verifier_rejects_right_results' } });
  expect(paid_back_micro).toBe(0n);
  expect(await broker.broken()).toEqual([]);
}, 180_000);

test('what cannot go together, or cannot be sent, is refused before anything is spent', async () => {
  const developer = await broker.person({ funds_micro: FUNDS });
  const { heap } = developer;
  const limit = 4;
  const captured = heap.map({ module: SQUARE }, [1], { ...TERMS, verify: ({ output }: { output: number }) => output < limit });
  await expect(captured.all()).rejects.toMatchObject({ code: 'closure_captured' });
  const twice = heap.map({ module: SQUARE }, [1], { ...TERMS, verify: () => true, verification: 'L2' });
  await expect(twice.all()).rejects.toMatchObject({ code: 'verifier_needs_l0' });
  const poor = heap.map({ module: SQUARE }, [1], { ...TERMS, verify: () => true, verifyBudget: '0.000001' });
  await expect(poor.all()).rejects.toMatchObject({ code: 'verifier_budget_too_small' });
  expect((await heap.balance()).developer.available_micro).toBe(FUNDS);
});
