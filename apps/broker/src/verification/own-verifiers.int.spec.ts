import { until } from '../../../../test/chaos/until.js';
import { CheckedHeap, CHECK_PATIENCE_MS as PATIENCE_MS } from '../../../../test/support/checked-heap.js';
import { resultOf, type Script } from '../../../../test/support/fake-node.js';
import { inline, order, putModule } from '../../../../test/support/orders.js';
import { wat } from '../../../../test/support/wat.js';
import { OwnVerifierRunner } from './own-verifier-runner.js';
import { ReferenceRunner } from './reference-runner.js';

let heap: CheckedHeap;
beforeAll(async () => {
  heap = await CheckedHeap.start({
    HEAP_HOLDBACK_SECONDS: '1',
    HEAP_VERIFIER_PRICE_MICRO: '1000000000',
    HEAP_REFERENCE_PRICE_MICRO: '1000',
  });
}, 180_000);
afterEach(() => heap.sendHome());
afterAll(() => heap?.close());

/** The job answers its input: so does whoever is honest. */
const EQUAL = "export default ({ input, output }) => input === output || { accept: false, reason: 'expected ' + input };";
const textOf = (i: number): string => `input ${i}`;
const jsonInputs = (n: number) => Array.from({ length: n }, (_, i) => inline(JSON.stringify(textOf(i))));

const uploads = new Map<string | Uint8Array, string>();
async function uploaded(source: string | Uint8Array): Promise<string> {
  const known = uploads.get(source);
  if (known) return known;
  const { status, body } = await putModule(heap.broker, heap.developer, typeof source === 'string' ? 'javascript' : 'wasm', source);
  if (status !== 200) throw new Error(`the module was answered ${status}: ${JSON.stringify(body)}`);
  uploads.set(source, body.hash);
  return body.hash;
}

async function verifierOf(source: string | Uint8Array, more: Record<string, unknown> = {}) {
  return { module_hash: await uploaded(source), budget_micro: '10000000', fuel_limit: 50_000_000, ...more };
}
const place = async (tasks: number, verifier: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  heap.place({ verification: 'L0', verifier, inputs: jsonInputs(tasks), ...more });
const checked = async (job_id: string) => (await heap.developer.call('GET', `/v1/jobs/${job_id}/verification`)).body;
const over = (job_id: string) =>
  until(`job ${job_id} ends`, PATIENCE_MS, async () => {
    const page = await heap.results(job_id);
    return page.job.finished_at ? page : undefined;
  });
const lyingAbout =
  (index: number): Script =>
  async (task) =>
    task.index === index ? resultOf(task, '"not that"', { fuel_used: 1_500_000 }) : heap.right(task);
const statesOf = (results: { index: number; standing: string; verified: { state: string } }[]) =>
  results.map(({ index, standing, verified }) => [index, standing, verified.state]).sort((a, b) => Number(a[0]) - Number(b[0]));
const money = async (job_id: string) => {
  const [row] = await heap.broker.sql<{ gross: bigint; refunded: bigint; open: bigint }>(
    `SELECT COALESCE(sum(gross), 0)::bigint AS gross, COALESCE(sum(refunded), 0)::bigint AS refunded,
       count(*) FILTER (WHERE state IN ('CAPTURED', 'DISPUTED')) AS open FROM capture WHERE job_id = $1`,
    [job_id],
  );
  if (!row) throw new Error('a sum without a row');
  return row;
};
const released = (job_id: string) =>
  until('the release', PATIENCE_MS, async () => ((await money(job_id)).open === 0n ? money(job_id) : undefined));

test('what it accepts is final and paid; its own runs are a line of their own, and what its budget did not need comes back', async () => {
  await heap.nodeOnline(heap.honest);
  const before = await heap.developer.heap.balance();
  const job_id = await place(5, await verifierOf(EQUAL));
  const { results, job } = await over(job_id);
  expect([job.state, statesOf(results)]).toEqual(['DONE', Array.from({ length: 5 }, (_, i) => [i, 'final', 'accepted'])]);
  const { own_verifier, checked_by, results: counts } = await checked(job_id);
  expect(own_verifier).toMatchObject({ state: 'closed', reason: null, results: { accepted: 5, rejected: 0, failed: 0, waiting: 0 } });
  expect([checked_by.code, counts.final]).toEqual(['own_verifier', 5]);
  const charged = BigInt(own_verifier.charged_micro);
  expect(charged).toBeGreaterThan(0n);
  const { gross, refunded } = await released(job_id);
  expect(refunded).toBe(0n);
  const after = await heap.developer.heap.balance();
  expect(before.developer.available_micro - after.developer.available_micro).toBe(gross + charged);
  const spending = (await heap.developer.call('GET', '/v1/spending')).body;
  const month = new Date().toISOString().slice(0, 7);
  const { lines } = (await heap.developer.call('GET', `/v1/statements/developer-${month}`)).body;
  expect(lines.filter(({ subject }: { subject: string }) => subject === job_id)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ text: 'Work', amount_micro: String(-gross) }),
      expect.objectContaining({ text: 'Runs of your own verifier', amount_micro: String(-charged) }),
    ]),
  );
  expect(spending.jobs.find((line: { job_id: string }) => line.job_id === job_id).charged_micro).toBe(String(gross + charged));
  expect(await heap.broker.broken()).toEqual([]);
});

test('what it rejects and the heap comes to another result of is paid back, the right one stands in its place, and its node is on probation', async () => {
  const { node } = await heap.nodeOnline(lyingAbout(2));
  const job_id = await place(5, await verifierOf(EQUAL));
  const { results } = await over(job_id);
  expect(statesOf(results)).toEqual(Array.from({ length: 5 }, (_, i) => (i === 2 ? [i, 'refuted', 'upheld'] : [i, 'final', 'accepted'])));
  const wrong = results.find(({ index }: { index: number }) => index === 2);
  expect(wrong.verified.sentence).toContain('expected input 2');
  expect(Buffer.from(wrong.right.output.inline, 'base64').toString()).toBe('"input 2"');
  expect(await heap.paidBack(job_id)).toEqual([{ index: 2, amount: BigInt(wrong.charge_micro), kind: 'refund' }]);
  const { own_verifier } = await checked(job_id);
  expect(own_verifier.rejections).toEqual([expect.objectContaining({ index: 2, state: 'upheld', code: 'rejection_upheld' })]);
  expect(await heap.broker.sql('SELECT kind::text, code FROM penalty WHERE node_id = $1', [node.node_id])).toEqual([
    { kind: 'probation', code: 'wrong_once' },
  ]);
  expect(await released(job_id)).toMatchObject({ refunded: BigInt(wrong.charge_micro) });
  expect(await heap.broker.broken()).toEqual([]);
});

test('a node that lies in every result is banned by its third, at L0 too, and nothing it holds is paid', async () => {
  const liar = await heap.nodeOnline(async (task) => resultOf(task, '"a lie"', { fuel_used: 1_500_000 }));
  const job_id = await place(4, await verifierOf(EQUAL));
  expect((await liar.session.closed).code).toBe(4403);
  await until('all of it is void', PATIENCE_MS, async () => {
    const { gross, refunded } = await money(job_id);
    return gross > 0n && gross === refunded ? true : undefined;
  });
  await heap.developer.heap.job(job_id).cancel();
  expect(await heap.broker.broken()).toEqual([]);
});

test('a verifier that rejects everything costs no owner anything: it is stopped after three right results, and pays for the runs that showed it', async () => {
  const { owner } = await heap.nodeOnline(heap.honest);
  const job_id = await place(8, await verifierOf("export default () => ({ accept: false, reason: 'I do not pay.' });"));
  const { results } = await over(job_id);
  const { own_verifier } = await checked(job_id);
  expect(own_verifier).toMatchObject({ state: 'stopped', reason: { code: 'verifier_rejects_right_results' } });
  expect(own_verifier.results.overruled).toBeGreaterThanOrEqual(3);
  expect(own_verifier.results.overruled + own_verifier.results.skipped).toBe(8);
  // What it had rejected before it was stopped the heap ran all the same; nothing was refuted.
  expect(results.every(({ standing }: { standing: string }) => standing === 'final' || standing === 'unchecked')).toBe(true);
  expect(results.find((r: { verified: { state: string } }) => r.verified.state === 'overruled').verified.sentence).toContain(
    'I do not pay.',
  );
  const { gross, refunded } = await released(job_id);
  expect([gross > 0n, refunded]).toEqual([true, 0n]);
  expect(BigInt((await owner.call('GET', '/v1/earnings')).body.earned_micro)).toBeGreaterThan(0n);
  // Its own runs burn a few hundred thousand fuel each; each run of the heap another million and what the task takes.
  expect(BigInt(own_verifier.charged_micro)).toBeGreaterThan(BigInt(own_verifier.results.overruled) * 2_000n);
  expect(await heap.broker.broken()).toEqual([]);
});

test.each([
  ['throws', "export default () => { throw new Error('oops'); };", 'oops'],
  ['never ends', 'export default () => { for (;;); };', 'out-of-fuel'],
  ['answers something else', "export default () => 'yes';", 'neither true'],
])('a verifier that %s takes nothing from anybody: results stand, and after ten it is stopped', async (_, source, words) => {
  await heap.nodeOnline(heap.honest);
  const job_id = await place(12, await verifierOf(source));
  const { results } = await over(job_id);
  const { own_verifier } = await checked(job_id);
  expect(own_verifier).toMatchObject({ state: 'stopped', reason: { code: 'verifier_fails' } });
  expect(own_verifier.results.failed).toBeGreaterThanOrEqual(10);
  expect(new Set(results.map(({ standing }: { standing: string }) => standing))).toEqual(new Set(['unchecked']));
  expect(results.find((r: { verified: { state: string } }) => r.verified.state === 'failed').verified.sentence).toContain(words);
  expect((await released(job_id)).refunded).toBe(0n);
  expect(await heap.broker.broken()).toEqual([]);
});

test('its budget is all that it costs: then it is stopped, and what is left stands unverified', async () => {
  await heap.nodeOnline(heap.honest);
  const job_id = await place(6, await verifierOf('export default () => { for (;;); };', { fuel_limit: 20_000_000, budget_micro: '50000' }));
  await over(job_id);
  const { own_verifier } = await checked(job_id);
  expect(own_verifier).toMatchObject({ state: 'stopped', reason: { code: 'verifier_budget' }, results: { failed: 2, skipped: 4 } });
  expect(own_verifier.charged_micro).toBe('42000');
  expect(await heap.broker.broken()).toEqual([]);
});

test('who claims that a task failed is asked too; a failure that is real is none of the verifier’s faults', async () => {
  await heap.nodeOnline(async (task) => {
    if (task.index !== 1) return heap.right(task);
    return resultOf(task, '', { verdict: 'trap', detail: 'so it says', exit_code: null, fuel_used: 1_000 });
  });
  const job_id = await place(3, await verifierOf(EQUAL));
  const { results } = await over(job_id);
  expect(statesOf(results)[1]).toEqual([1, 'refuted', 'upheld']);
  await heap.sendHome();

  const source = "export default () => { throw new Error('no'); };";
  const truth = await heap.rightOf(source);
  await heap.nodeOnline((task) => truth.result(task));
  const failing = await heap.place(
    { verification: 'L0', verifier: await verifierOf(EQUAL), inputs: jsonInputs(5) },
    await uploaded(source),
  );
  expect(statesOf((await over(failing)).results)).toEqual(Array.from({ length: 5 }, (_, i) => [i, 'final', 'overruled']));
  expect((await checked(failing)).own_verifier.state).toBe('closed');
  expect(await heap.broker.broken()).toEqual([]);
});

test('a WebAssembly command verifies too: 1 rejects, with its output as the reason', async () => {
  await heap.nodeOnline(heap.honest);
  const says_no = wat(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "too small")
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 9))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $exit (i32.const 1))))`);
  const job_id = await place(1, await verifierOf(says_no));
  const { results } = await over(job_id);
  expect([results[0].verified.state, results[0].verified.sentence]).toEqual(['overruled', expect.stringContaining('too small')]);
  expect(await heap.broker.broken()).toEqual([]);
});

test('what it rejects and the heap cannot run either stands as it was reported, and the job ends', async () => {
  const runner = heap.broker.app.get(ReferenceRunner);
  const run = runner.run.bind(runner);
  let tries = 0;
  runner.run = async () => {
    tries += 1;
    throw new Error('no sandbox today');
  };
  await heap.nodeOnline(lyingAbout(1));
  const job_id = await place(2, await verifierOf(EQUAL));
  const { results } = await over(job_id);
  runner.run = run;
  expect([tries, statesOf(results)]).toEqual([
    3,
    [
      [0, 'final', 'accepted'],
      [1, 'unchecked', 'skipped'],
    ],
  ]);
  const { sentence } = results.find(({ index }: { index: number }) => index === 1).verified;
  expect(sentence).toContain('could not run the task itself');
  expect((await released(job_id)).refunded).toBe(0n);
  expect(await heap.broker.broken()).toEqual([]);
});

test('cancelling a job while its verifier looks takes no pay from anybody, and its money comes back', async () => {
  const runner = heap.broker.app.get(OwnVerifierRunner);
  const look = runner.look.bind(runner);
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  runner.look = async (...given) => {
    await gate;
    return look(...given);
  };
  await heap.nodeOnline(heap.honest);
  const job_id = await place(3, await verifierOf(EQUAL));
  await until('all are settled', PATIENCE_MS, async () => ((await heap.results(job_id)).results.length === 3 ? true : undefined));
  const waiting = await heap.results(job_id);
  expect([waiting.job.finished_at, waiting.job.reason.code]).toEqual([null, 'in_check']);
  expect(statesOf(waiting.results)).toEqual([0, 1, 2].map((i) => [i, 'provisional', 'waiting']));
  expect((await heap.developer.call('GET', `/v1/jobs/${job_id}/results?wait=final`)).body.results).toEqual([]);
  await heap.developer.heap.job(job_id).cancel();
  letGo();
  runner.look = look;
  await until('what nobody looks at', PATIENCE_MS, async () =>
    (await checked(job_id)).own_verifier.results.skipped === 3 ? true : undefined,
  );
  expect(await checked(job_id)).toMatchObject({ results: { unchecked: 3 }, own_verifier: { state: 'closed', charged_micro: '0' } });
  expect((await released(job_id)).refunded).toBe(0n);
  expect(await heap.broker.broken()).toEqual([]);
});

test('an order says at once what is wrong with its verifier', async () => {
  const verifier = await verifierOf(EQUAL);
  const placed = async (more: Record<string, unknown>) => {
    const { status, body } = await order(heap.developer, heap.module_hash, { budget_micro: '1000000', ...more });
    return [status, body.code];
  };
  expect(await placed({ verification: 'L1', verifier })).toEqual([400, 'invalid_input']);
  expect(await placed({ verification: 'L0', verifier: { ...verifier, module_hash: 'f'.repeat(64) } })).toEqual([400, 'module_unknown']);
  expect(await placed({ verification: 'L0', verifier: { ...verifier, budget_micro: '10' } })).toEqual([400, 'verifier_budget_too_small']);
  const poor = await placed({ verification: 'L0', verifier: { ...verifier, budget_micro: '9000000000000' } });
  expect(poor).toEqual([402, 'insufficient_funds']);
  expect(await heap.broker.broken()).toEqual([]);
});
