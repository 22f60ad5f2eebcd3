import { charge, FUEL_PER_PRICE_UNIT, fee, TASK_BASE_FUEL } from '#units';
import { until } from '../../../../test/chaos/until.js';
import { CheckedHeap, CHECK_PATIENCE_MS as PATIENCE_MS, textInputs } from '../../../../test/support/checked-heap.js';
import { resultOf, type Script, type WireTask } from '../../../../test/support/fake-node.js';
import { heapTask, putModule } from '../../../../test/support/orders.js';
import { MoneyService } from '../money/money.service.js';
import { Transactions } from '../platform/database/transactions.js';
import { ChecksStore } from './checks.store.js';
import { ReferenceRunner } from './reference-runner.js';

let heap: CheckedHeap;
beforeAll(async () => {
  heap = await CheckedHeap.start({ HEAP_HOLDBACK_SECONDS: '1' });
}, 180_000);
afterEach(() => heap.sendHome());
afterAll(() => heap?.close());

test('what a lone node reports is provisional until the heap itself came to the same; then it is final and the owner is paid', async () => {
  await heap.nodeOnline(heap.honest);
  const job_id = await heap.place({ inputs: textInputs(6) });
  const first = await until('a result', PATIENCE_MS, async () => (await heap.results(job_id)).results[0]);
  expect(first.standing).toBe('provisional');
  const { results: all } = await heap.settled(job_id);
  expect(all.map((r: { standing: string }) => r.standing)).toEqual(Array(6).fill('final'));
  await until('the release', PATIENCE_MS, async () => {
    const states = await heap.broker.sql('SELECT DISTINCT state::text FROM capture WHERE job_id = $1', [job_id]);
    return states.length === 1 && states[0]?.state === 'RELEASED' ? true : undefined;
  });
  expect(await heap.broker.broken()).toEqual([]);
});

test('a wrong result is refuted, shown with the right one and paid back, and its node is on probation', async () => {
  const { node } = await heap.nodeOnline(async (task) =>
    task.index === 2 ? resultOf(task, 'wrong', { fuel_used: 1_000_000 }) : heap.right(task),
  );
  const job_id = await heap.place({ inputs: textInputs(5) });
  const { results: all } = await heap.settled(job_id);
  const wrong = all.find((r: { index: number }) => r.index === 2);
  expect([wrong.standing, Buffer.from(wrong.right.output.inline, 'base64').toString()]).toEqual(['refuted', 'input 2']);
  expect(all.filter((r: { standing: string }) => r.standing === 'final')).toHaveLength(4);
  const { tasks } = (await heap.developer.call('GET', `/v1/jobs/${job_id}/tasks`)).body;
  expect(tasks.map((t: { standing: string }) => t.standing)).toEqual(['final', 'final', 'refuted', 'final', 'final']);
  // Why it was checked, and what came of it, for who paid for it.
  const { attempts, checks } = await heapTask(heap.developer, job_id, 2);
  expect(attempts).toMatchObject([{ standing: 'refuted' }]);
  expect(checks.at(-1)).toMatchObject({ by_reference: true, state: 'DIFFERED', outcome: { code: 'reference_disagrees' } });
  expect(checks[0].reason.sentence).not.toBe('');
  const [penalty] = await heap.broker.sql('SELECT kind::text, code FROM penalty WHERE node_id = $1', [node.node_id]);
  expect(penalty).toEqual({ kind: 'probation', code: 'wrong_once' });
  // Only its own charge: what the same message brought beside it is still held, and becomes the owner's.
  const charges = await heap.broker.sql<{ index: number; charge_micro: bigint }>(
    'SELECT index, charge_micro FROM attempt WHERE job_id = $1',
    [job_id],
  );
  const charge = charges.find(({ index }) => index === 2)?.charge_micro;
  expect(await heap.paidBack(job_id)).toEqual([{ index: 2, amount: charge, kind: 'refund' }]);
  expect(await heap.broker.sql('SELECT voided FROM penalty WHERE node_id = $1', [node.node_id])).toEqual([{ voided: netOf(charge ?? 0n) }]);
  expect(await heap.broker.broken()).toEqual([]);
  const [sums] = await until('the release', PATIENCE_MS, async () => {
    const rows = await heap.broker.sql<{ held: bigint; gross: bigint; refunded: bigint }>(
      `SELECT count(*) FILTER (WHERE state IN ('CAPTURED', 'DISPUTED')) AS held, sum(gross)::bigint AS gross, sum(refunded)::bigint AS refunded
       FROM capture WHERE job_id = $1`,
      [job_id],
    );
    return rows[0]?.held === 0n ? rows : undefined;
  });
  expect(sums).toMatchObject({ gross: charges.reduce((sum, { charge_micro }) => sum + charge_micro, 0n), refunded: charge });
  expect(await heap.broker.broken()).toEqual([]);
});

test('what a database out of reach left undecided is decided by the next look, and counts as untried', async () => {
  const checks = heap.broker.app.get(ChecksStore);
  const decide = checks.decide.bind(checks);
  let refused = 0;
  checks.decide = async (...given) => {
    if (refused === 3) return decide(...given);
    refused++;
    throw new Error('out of reach');
  };
  try {
    await heap.nodeOnline(heap.honest);
    const job_id = await heap.place({ inputs: textInputs(6) });
    const { results: all } = await heap.settled(job_id);
    expect(all.map((r: { standing: string }) => r.standing)).toEqual(Array(6).fill('final'));
    expect(refused).toBe(3);
    expect(
      await heap.broker.sql('SELECT DISTINCT state::text, tries FROM result_check WHERE job_id = $1 AND by_reference', [job_id]),
    ).toEqual([{ state: 'AGREED', tries: 1 }]);
  } finally {
    checks.decide = decide;
  }
});

const netOf = (gross: bigint): bigint => gross - fee(gross, BigInt(heap.broker.config.fee_basis_points));

const checksOf = (job_id: string) =>
  heap.broker.sql<{ kind: string; state: string; by_reference: boolean; checker_id: string | null; index: number }>(
    'SELECT kind::text, state::text, by_reference, checker_id, index FROM result_check WHERE job_id = $1 ORDER BY index, wanted_at',
    [job_id],
  );
const decided = (job_id: string) =>
  until(`the checks of job ${job_id}`, PATIENCE_MS, async () => {
    const checks = await checksOf(job_id);
    return checks.length > 0 && checks.every(({ state }) => !['WANTED', 'OUT'].includes(state)) ? checks : undefined;
  });

test('at L2 another owner’s trusted node runs every task again, is paid for it by the developer, and the job waits for that', async () => {
  const [one, other] = [await heap.nodeOnline(heap.honest), await heap.nodeOnline(heap.honest)];
  await heap.known(one);
  await heap.known(other);
  const job_id = await heap.place({ inputs: textInputs(6), slots: 2, verification: 'L2' });
  const { results: all, job } = await heap.settled(job_id);
  expect([all.length, job.state]).toEqual([6, 'DONE']);
  const replicas = (await checksOf(job_id)).filter(({ kind }) => kind === 'replica');
  const by_nodes = replicas.filter(({ by_reference }) => !by_reference);
  expect(replicas).toHaveLength(6);
  expect(by_nodes.length).toBeGreaterThan(0);
  for (const { index, checker_id } of by_nodes) expect(checker_id).not.toBe(all.find((r: { index: number }) => r.index === index).node_id);
  const attempts = await heap.broker.sql<{ outcome: string; charge_micro: bigint }>(
    "SELECT outcome::text, charge_micro FROM attempt WHERE job_id = $1 AND outcome = 'checked'",
    [job_id],
  );
  expect(attempts).toHaveLength(by_nodes.length);
  expect(attempts.every(({ charge_micro }) => charge_micro > 0n)).toBe(true);
  expect(await heap.broker.sql('SELECT checking, reserved_micro FROM job WHERE id = $1', [job_id])).toEqual([
    { checking: 0, reserved_micro: 0n },
  ]);
  expect(await heap.broker.broken()).toEqual([]);
});

test('where two differ the heap’s own run decides; who was right is confirmed, who was wrong is refuted, although it reported first', async () => {
  const liar = await heap.nodeOnline(async (task) => resultOf(task, 'a lie', { fuel_used: 1_000_000 }));
  const checker = await heap.nodeOnline(heap.honest);
  await heap.known(checker);
  await heap.known(liar);
  // What the liar got for checking is past its holdback before the heap has run anything.
  const runner = heap.broker.app.get(ReferenceRunner);
  const run = runner.run.bind(runner);
  runner.run = async (...given) => {
    await until('the holdback is over', PATIENCE_MS, async () => {
      const [held] = await heap.broker.sql<{ n: bigint }>(
        `SELECT count(*) AS n FROM capture c JOIN lease l ON l.id = c.lease_id
         WHERE l.node_id = $1 AND c.nth IS NULL AND c.state = 'CAPTURED' AND c.release_at > now()`,
        [liar.node.node_id],
      );
      return held?.n === 0n ? true : undefined;
    });
    await heap.broker.app.get(Transactions).run((tx) => heap.broker.app.get(MoneyService).releaseDue(tx, 100));
    return run(...given);
  };
  const job_id = await heap.place({ inputs: textInputs(4), slots: 2, verification: 'L2' });
  await decided(job_id).finally(() => {
    runner.run = run;
  });
  const refuted = await heap.broker.sql<{ node_id: string }>('SELECT DISTINCT node_id FROM refuted_result WHERE job_id = $1', [job_id]);
  expect(refuted).toEqual([{ node_id: liar.node.node_id }]);
  expect(await heap.broker.sql('SELECT count(*)::int AS count FROM penalty WHERE node_id = $1', [checker.node.node_id])).toEqual([
    { count: 0 },
  ]);
  const [held] = await heap.broker.sql<{ kept: bigint }>(
    "SELECT COALESCE(sum(c.gross), 0)::bigint AS kept FROM capture c JOIN lease l ON l.id = c.lease_id WHERE l.node_id = $1 AND c.state <> 'REFUNDED'",
    [liar.node.node_id],
  );
  expect(held?.kept).toBe(0n);
  expect(await heap.broker.broken()).toEqual([]);
});

test('two that give the same wrong result are banned with their owners: nothing of what they hold is paid, their connections close', async () => {
  const lie: Script = async (task) => resultOf(task, 'our lie', { fuel_used: 2_000_000 });
  const [one, other] = [await heap.nodeOnline(lie), await heap.nodeOnline(lie)];
  await heap.known(one);
  await heap.known(other);
  const job_id = await heap.place({ inputs: textInputs(4), slots: 2, verification: 'L3' });
  await until('the replicas', PATIENCE_MS, async () =>
    (await checksOf(job_id)).some(({ kind, state }) => kind === 'replica' && state === 'AGREED') ? true : undefined,
  );
  // What the two agreed on the heap would find by its share of checks: here at once.
  const [agreed] = await heap.broker.sql<{ index: number; of_epoch: number; node_id: string }>(
    "SELECT index, of_epoch, node_id FROM result_check WHERE job_id = $1 AND state = 'AGREED' LIMIT 1",
    [job_id],
  );
  await heap.broker.sql(
    `INSERT INTO result_check (id, job_id, index, of_epoch, node_id, kind, by_reference, reason_code, reason_sentence)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, 'reference', true, 'test', 'A test looks.')`,
    [job_id, agreed?.index, agreed?.of_epoch, agreed?.node_id],
  );
  expect((await one.session.closed).code).toBe(4403);
  expect((await other.session.closed).code).toBe(4403);
  await decided(job_id);
  const penalties = await heap.broker.sql("SELECT kind::text, code FROM penalty WHERE node_id = ANY($1) AND kind = 'ban_identity'", [
    [one.node.node_id, other.node.node_id],
  ]);
  expect(penalties).toEqual(Array(2).fill({ kind: 'ban_identity', code: 'agreed_on_a_lie' }));
  await until('the refunds', PATIENCE_MS, async () => {
    const [row] = await heap.broker.sql<{ count: bigint }>(
      "SELECT count(*) AS count FROM capture WHERE job_id = $1 AND state <> 'REFUNDED'",
      [job_id],
    );
    return row?.count === 0n ? true : undefined;
  });
  expect(await heap.broker.broken()).toEqual([]);
});

test('what a check earns is held, shown and released like any earning, and void when its node is banned', async () => {
  const [worker, checker] = [await heap.nodeOnline(heap.honest), await heap.nodeOnline(heap.honest)];
  await heap.known(checker);
  // A newcomer whose first result is confirmed: the next ones go to other nodes.
  await heap.known(worker, { confirmed: 2, checked: 2 });
  // The heap itself checks what no other node took soon, as on a busy machine: then another job is looked at.
  const { job_id, pay } = await until('the pay of a check', PATIENCE_MS, async () => {
    const placed = await heap.place({ inputs: textInputs(8), slots: 2 });
    await decided(placed);
    const rows = await heap.broker.sql<{ owner_id: string; amount: bigint; code: string }>(
      'SELECT owner_id, amount, hold_code AS code FROM check_pay WHERE job_id = $1',
      [placed],
    );
    return rows.length > 0 ? { job_id: placed, pay: rows } : undefined;
  });
  // The developer and both nodes may be one: of a newcomer, whose results are all checked, a check earns the fee and never the price.
  const runs = await heap.broker.sql<{ amount: bigint; fuel: bigint; price: bigint; reason: string }>(
    `SELECT p.amount, a.fuel_used AS fuel, l.price_micro AS price, c.reason_code AS reason FROM check_pay p JOIN result_check c ON c.id = p.check_id
     JOIN attempt a ON a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.epoch JOIN lease l ON l.id = c.lease_id WHERE p.job_id = $1`,
    [job_id],
  );
  for (const { amount, fuel, price, reason } of runs) {
    const gross = charge(fuel + TASK_BASE_FUEL, price, FUEL_PER_PRICE_UNIT);
    expect([reason, amount]).toEqual(['probation', gross - netOf(gross)]);
  }
  const of_checker = pay.filter(({ owner_id }) => owner_id === checker.owner.person_id).reduce((sum, { amount }) => sum + amount, 0n);
  const earned = async () => BigInt((await checker.owner.call('GET', '/v1/earnings')).body.earned_micro);
  const [{ net } = { net: 0n }] = await heap.broker.sql<{ net: bigint }>(
    'SELECT COALESCE(sum(net - refunded_net), 0)::bigint AS net FROM capture WHERE owner_id = $1',
    [checker.owner.person_id],
  );
  expect(await earned()).toBe(net + of_checker);
  expect(await heap.broker.broken()).toEqual([]);
  await until('the release', PATIENCE_MS, async () => {
    const states = await heap.broker.sql('SELECT DISTINCT state::text FROM check_pay WHERE job_id = $1', [job_id]);
    return states.length === 1 && states[0]?.state === 'RELEASED' ? true : undefined;
  });
  expect(await heap.broker.broken()).toEqual([]);
});

test('an appeal is granted when the independent run comes to the node’s result: money, standing and result are as if nothing had been', async () => {
  const { node, owner } = await heap.nodeOnline(heap.honest);
  await heap.broker.sql('INSERT INTO node_standing (node_id, owner_id, confirmed, checked) VALUES ($1, $2, 0, 7)', [
    node.node_id,
    owner.person_id,
  ]);
  // The heap's own machine errs, once.
  const runner = heap.broker.app.get(ReferenceRunner);
  const right = runner.run.bind(runner);
  runner.run = async (...given) => (await right(...given)).map((outcome) => ({ ...outcome, fuel_used: outcome.fuel_used + 1n }));
  const job_id = await heap.place({ inputs: textInputs(1) });
  const [penalty] = await until('the penalty', PATIENCE_MS, async () => {
    const list = (await owner.call('GET', '/v1/penalties')).body.penalties;
    return list.length > 0 ? list : undefined;
  });
  runner.run = right;
  expect(penalty).toMatchObject({ kind: 'probation', state: 'ACTIVE', evidence: { job_id, index: 0 } });
  const paid_before = BigInt((await owner.call('GET', '/v1/earnings')).body.earned_micro);
  expect((await heap.results(job_id)).results[0].standing).toBe('refuted');
  await owner.call('POST', `/v1/penalties/${penalty.penalty_id}/appeal`, { reason: 'It is right.' });
  const over = await until('the decision', PATIENCE_MS, async () => {
    const [row] = (await owner.call('GET', '/v1/penalties')).body.penalties;
    return row.decision ? row : undefined;
  });
  expect(over).toMatchObject({ state: 'OVERTURNED', decision: { code: 'appeal_granted' } });
  const [standing] = await heap.broker.sql(
    'SELECT confirmed, checked, mismatches, wrong_at, banned FROM node_standing WHERE node_id = $1',
    [node.node_id],
  );
  expect(standing).toEqual({ confirmed: 1, checked: 8, mismatches: 0, wrong_at: [], banned: null });
  expect((await heap.results(job_id)).results[0].standing).not.toBe('refuted');
  expect(paid_before).toBe(0n);
  // It comes back as any earning does: held first, and a part in the reserve of a new owner.
  const given_back = await heap.broker.sql<{ amount: bigint; held: boolean }>(
    'SELECT amount, release_at > earned_at AS held FROM check_pay WHERE check_id = $1',
    [penalty.penalty_id],
  );
  expect(given_back).toEqual([{ amount: BigInt(over.voided_micro), held: true }]);
  expect(BigInt((await owner.call('GET', '/v1/earnings')).body.earned_micro)).toBe(BigInt(over.voided_micro));
  await until('the release', PATIENCE_MS, async () => {
    const [row] = await heap.broker.sql<{ state: string }>('SELECT state::text FROM check_pay WHERE check_id = $1', [penalty.penalty_id]);
    return row?.state === 'RELEASED' ? true : undefined;
  });
  const { owner: money } = await owner.heap.balance();
  expect(money.available_micro + money.reserve_micro).toBe(BigInt(over.voided_micro));
  expect(await heap.broker.broken()).toEqual([]);
});

describe('what a node may try is found out or worth nothing', () => {
  const takenBack = async (job_id: string) => (await heap.paidBack(job_id)).map(({ index }) => index);

  test('more fuel than it burned, with the right output', async () => {
    await heap.nodeOnline(async (task) => {
      const right = await heap.right(task);
      return task.index === 1 ? { ...right, fuel_used: right.fuel_used + 1 } : right;
    });
    const job_id = await heap.place({ inputs: textInputs(3) });
    expect([await heap.refuted(job_id), await takenBack(job_id)]).toEqual([[1], [1]]);
  });

  test('the result of another task, or of the same input under another module', async () => {
    const other = (await putModule(heap.broker, heap.developer, 'javascript', 'export default (input) => input.slice(0, 2);')).body.hash;
    await heap.nodeOnline(async (task) => (task.index === 2 ? resultOf(task, 'input 0', { fuel_used: 1_500_000 }) : heap.right(task)));
    const job_id = await heap.place({ inputs: textInputs(3) });
    expect(await heap.refuted(job_id)).toEqual([2]);
    // What it remembers of this job is no answer to the next one, which runs other code on the same inputs.
    const next = await heap.place({ inputs: textInputs(1) }, other);
    expect(await heap.refuted(next)).toEqual([0]);
    expect(await takenBack(next)).toEqual([0]);
  });

  test('a result for a task that it was not given, or before it was given', async () => {
    const { session } = await heap.nodeOnline(async () => null);
    const job_id = await heap.place({ inputs: textInputs(8) });
    const [task] = await session.tasks();
    if (!task) throw new Error('no task came');
    const early = { ...task, index: 7, epoch: 1 };
    session.results(task, resultOf(early, 'early'), resultOf({ ...task, epoch: task.epoch + 1 }, 'from the future'));
    expect((await session.next('results.ack')).stale).toHaveLength(2);
    expect(await heap.broker.sql('SELECT charged_micro, settled_seq FROM job WHERE id = $1', [job_id])).toEqual([
      { charged_micro: 0n, settled_seq: 0 },
    ]);
    await heap.developer.heap.job(job_id).cancel();
  });

  test('another node’s result, replayed: over its own connection, under its own lease, as the answer to its own task', async () => {
    const [worker, thief] = [await heap.nodeOnline(async () => null), await heap.nodeOnline(async () => null)];
    const job_id = await heap.place({ inputs: textInputs(8), slots: 2 });
    const [theirs, own] = [(await worker.session.tasks())[0], (await thief.session.tasks())[0]];
    if (!theirs || !own) throw new Error('one of the two was given nothing');
    const stolen = await heap.right(theirs);
    thief.session.results(theirs, stolen);
    expect((await thief.session.next('results.ack')).stale).toEqual([[theirs.index, theirs.epoch]]);
    thief.session.results(own, stolen);
    expect((await thief.session.next('results.ack')).stale).toEqual([[theirs.index, theirs.epoch]]);
    expect(await heap.broker.sql('SELECT charged_micro FROM job WHERE id = $1', [job_id])).toEqual([{ charged_micro: 0n }]);

    thief.session.results(own, { ...stolen, index: own.index, epoch: own.epoch });
    const { accepted } = await thief.session.next('results.ack');
    expect(accepted).toEqual([[own.index, own.epoch]]);
    // Whose it is brings it after all that, and is paid.
    worker.session.results(theirs, stolen);
    expect((await worker.session.next('results.ack')).accepted).toEqual([[theirs.index, theirs.epoch]]);
    const standings = await until('both are judged', PATIENCE_MS, async () => {
      const of = (await heap.results(job_id)).results.map((r: { node_id: string; standing: string }) => [r.node_id, r.standing]);
      return of.length === 2 && of.every(([, standing]: [string, string]) => standing !== 'provisional')
        ? Object.fromEntries(of)
        : undefined;
    });
    expect(standings).toEqual({ [worker.node.node_id]: 'final', [thief.node.node_id]: 'refuted' });
    expect((await heap.paidBack(job_id)).map(({ index }) => index)).toEqual([own.index]);
    expect(BigInt((await thief.owner.call('GET', '/v1/earnings')).body.earned_micro)).toBe(0n);
    await heap.developer.heap.job(job_id).cancel();
    expect(await heap.broker.broken()).toEqual([]);
  });

  test('answers that it makes up to be early: its third ends it, and none of them is paid', async () => {
    const quick = await heap.nodeOnline(async (task) => resultOf(task, 'done!', { fuel_used: 1_000 }));
    const job_id = await heap.place({ inputs: textInputs(6) });
    expect((await quick.session.closed).code).toBe(4403);
    const refuted = await until('all of it is void', PATIENCE_MS, async () => {
      const of = (await heap.results(job_id)).results.map((r: { standing: string }) => r.standing);
      const [held] = await heap.broker.sql<{ n: bigint }>("SELECT count(*) AS n FROM capture WHERE job_id = $1 AND state <> 'REFUNDED'", [
        job_id,
      ]);
      return held?.n === 0n && of.every((standing: string) => standing === 'refuted') ? of : undefined;
    });
    expect(refuted.length).toBeGreaterThanOrEqual(3);
    expect(await heap.broker.sql("SELECT code FROM penalty WHERE node_id = $1 AND kind = 'ban_device'", [quick.node.node_id])).toEqual([
      { code: 'wrong_too_often' },
    ]);
    expect(BigInt((await quick.owner.call('GET', '/v1/earnings')).body.earned_micro)).toBe(0n);
    await heap.developer.heap.job(job_id).cancel();
    expect(await heap.broker.broken()).toEqual([]);
  });

  test('a check that it withholds: the heap runs it, what comes later is stale and unpaid, and its share of withheld tasks grows', async () => {
    const worker = await heap.nodeOnline(heap.honest);
    await heap.known(worker, { confirmed: 2, checked: 2 });
    // It works as any node does and keeps checks to itself, which it could not tell apart: the test looks them up for it.
    let take: (task: WireTask) => void;
    const kept_check = new Promise<WireTask>((resolve) => {
      take = resolve;
    });
    const checkOut = (task: WireTask) =>
      heap.broker.sql<{ id: string }>(
        "SELECT id FROM result_check WHERE job_id = $1 AND index = $2 AND epoch = $3 AND state = 'OUT' AND NOT by_reference",
        [task.lease.job_id, task.index, task.epoch],
      );
    const withholder = await heap.nodeOnline(async (task) => {
      if ((await checkOut(task)).length === 0) return heap.right(task);
      take(task);
      return null;
    });
    await heap.known(withholder);
    const job_id = await heap.place({ inputs: textInputs(2), slots: 2, open: true });
    // On a busy machine the heap may have run what was drawn before the withholder had room: results come until one check is with it.
    const keptAfter = async (first_index: number): Promise<WireTask> => {
      const { status } = await heap.developer.call('POST', `/v1/jobs/${job_id}/tasks`, { first_index, inputs: textInputs(4) });
      expect(status).toBe(200);
      const turn = new Promise<null>((resolve) => setTimeout(resolve, 500, null));
      return (await Promise.race([kept_check, turn])) ?? keptAfter(first_index + 4);
    };
    const kept = await keptAfter(2);
    const [check] = await checkOut(kept);
    if (!check) throw new Error('no check was out');
    await heap.broker.sql("UPDATE result_check SET sent_at = now() - interval '1 hour' WHERE id = $1", [check.id]);
    await until('the run of the heap', PATIENCE_MS, async () => {
      const [row] = await heap.broker.sql<{ state: string; by_reference: boolean }>(
        'SELECT state::text, by_reference FROM result_check WHERE id = $1',
        [check.id],
      );
      return row?.by_reference && row.state === 'AGREED' ? true : undefined;
    });
    withholder.session.results(kept, await heap.right(kept));
    let ack = await withholder.session.next('results.ack');
    while (ack.stale.length === 0) ack = await withholder.session.next('results.ack');
    expect(ack).toMatchObject({ accepted: [], duplicate: [], stale: [[kept.index, kept.epoch]] });
    expect(await heap.broker.sql('SELECT 1 FROM check_pay WHERE check_id = $1', [check.id])).toEqual([]);
    const reputation = (await withholder.owner.call('GET', `/v1/nodes/${withholder.node.node_id}/reputation`)).body;
    expect(reputation.withheld_share).toBeGreaterThan(0);
    await heap.developer.heap.job(job_id).cancel();
    expect(await heap.broker.broken()).toEqual([]);
  });
});
