import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Receipt as RoundReceipt, verifyReceipt } from '#auction';
import type { JobInfo } from '#sdk';
import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

const PRICE = 100_000_000n;
const TASKS = 40;

let broker: TestBroker;
let developer: TestPerson;
let owner: TestPerson;
let agent: TestAgent;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '0' });
  developer = await broker.person({ name: 'Dev' });
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  agent = await startTestAgent(broker, owner, { slots: 2, reserve_price_micro: PRICE });
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);

test("a function over inputs: priced, held, auctioned, run on somebody's device, settled, and explained to the last micro-unit", async () => {
  const { heap } = developer;
  const terms = { verification: 'L0' as const, fuelLimit: 100_000_000, slots: 2 };
  const plan = await heap.plan(terms, { tasks: TASKS });
  expect(plan).toMatchObject({ price_micro: PRICE, slots_now: 2, max_price_micro: 2n * PRICE });
  const before = await heap.balance();

  let placed: JobInfo | undefined;
  let held: bigint | undefined;
  const results = [];
  const run = heap.map(
    (n: number) => {
      let steps = 0;
      for (let x = n + 1; x !== 1; x = x % 2 ? 3 * x + 1 : x / 2) steps++;
      return { n, steps };
    },
    Array.from({ length: TASKS }, (_, i) => i),
    {
      ...terms,
      name: 'Collatz',
      onPlaced: (job) => {
        placed = job;
      },
    },
  );
  for await (const result of run) {
    if (held === undefined) held = (await heap.balance()).developer.held_micro;
    results.push(result);
  }
  const job = await heap.job((await run.job).id).get();
  const receipt = await heap.job(job.id).receipt();

  // Every input once, with its right value, and the order of settlement without gaps.
  expect(new Map(results.map(({ index, value }) => [index, value])).size).toBe(TASKS);
  for (const { index, value } of results) expect(value).toEqual({ n: index, steps: collatz(index) });
  expect(results.map(({ seq }) => seq)).toEqual(results.map((_, i) => i + 1));
  expect(results.every(({ node, verdict }) => node === agent.node_id && verdict === 'ok')).toBe(true);
  // The budget was held before anything ran; what was not used returned.
  expect(placed).toMatchObject({ name: 'Collatz', budget_micro: plan.budget_micro, charged_micro: 0n });
  expect(held).toBeGreaterThan(0n);
  expect(job).toMatchObject({ state: 'DONE', reason: { code: 'all_tasks_done' }, held_micro: 0n, tasks: { total: TASKS, done: TASKS } });

  // Task by task, line by line, and in all it is the same charge.
  expect(job.charged_micro).toBeGreaterThan(0n);
  expect(sum(results.map(({ cost }) => cost))).toBe(job.charged_micro);
  expect(sum(receipt.lines.map((line) => line.charge_micro))).toBe(job.charged_micro);
  expect(receipt).toMatchObject({
    charged_micro: job.charged_micro,
    returned_micro: job.budget_micro - job.charged_micro,
    tasks_charged: TASKS,
    fuel_charged: String(sum(results.map(({ fuel_used }) => BigInt(fuel_used) + TASK_BASE_FUEL))),
  });
  for (const line of receipt.lines) {
    const own = results.filter(({ lease }) => lease === line.lease_id);
    const fuel = sum(own.map(({ fuel_used }) => BigInt(fuel_used) + TASK_BASE_FUEL));
    expect(line).toMatchObject({ node_id: agent.node_id, price_micro: PRICE, tasks: own.length, fuel: String(fuel) });
    expect(line.charge_micro).toBe(charge(fuel, PRICE, FUEL_PER_PRICE_UNIT));
    expect(sum(own.map(({ cost }) => cost))).toBe(line.charge_micro);
  }

  // Both balances moved by exactly that.
  const jobs = await heap.jobs();
  const spent = sum(jobs.map(({ charged_micro }) => charged_micro));
  const fees = sum((await Promise.all(jobs.map(({ id }) => heap.job(id).receipt()))).map(({ fee_micro }) => fee_micro));
  const after = await heap.balance();
  expect(after.developer).toMatchObject({ available_micro: before.developer.available_micro - spent, held_micro: 0n, spent_micro: spent });
  let earned = await owner.heap.balance();
  for (const end_ms = performance.now() + 40_000; earned.owner.pending_micro > 0n && performance.now() < end_ms; ) {
    await sleep(50);
    earned = await owner.heap.balance();
  }
  expect(earned.owner).toMatchObject({ earned_micro: spent - fees, available_micro: spent - fees, pending_micro: 0n });
  expect(await broker.broken()).toEqual([]);

  // Anybody can compute the auction again.
  for (const round_id of new Set(receipt.lines.map((line) => line.round_id))) {
    const { body } = await developer.call('GET', `/v1/rounds/${round_id}`);
    const round: RoundReceipt = body.receipt;
    expect(verifyReceipt(round, sha256, body.previous_hash)).toEqual({ holds: true });
    const forged: RoundReceipt = JSON.parse(JSON.stringify(round).replaceAll(`"${PRICE}"`, `"${PRICE - 1n}"`));
    expect(forged).not.toEqual(round);
    expect(verifyReceipt(forged, sha256, body.previous_hash)).toMatchObject({ holds: false });
  }
});

test('a failing input ends the map with its error and its logs, cancels the rest and pays what ran', async () => {
  const { heap } = developer;
  const run = heap.map(
    (n: number) => {
      console.log(`looking at ${n}`);
      if (n === 3) throw new RangeError('three is too much');
      return n;
    },
    [1, 2, 3],
    { fuelLimit: 100_000_000, slots: 1 },
  );
  await expect(run.all()).rejects.toMatchObject({ code: 'task_failed', details: { index: 2, verdict: 'trap' } });
  const job = await heap.job((await run.job).id).get();
  expect(job.tasks.failed).toBe(1);
  expect(await heap.job(job.id).task(2)).toMatchObject({ state: 'FAILED', reason: { code: 'trapped' } });
  const results = [];
  for await (const result of heap.job(job.id).results()) results.push(result);
  expect(results.map(({ logs }) => logs.trim())).toEqual(['looking at 1', 'looking at 2', 'looking at 3']);
  expect(results[2]?.error?.message).toContain('three is too much');
  expect(await broker.broken()).toEqual([]);
});

test('a closure is refused before anything is sent or spent', async () => {
  const before = await developer.heap.balance();
  const rate = 3;
  await expect(developer.heap.map((n: number) => n * rate, [1]).all()).rejects.toMatchObject({ code: 'closure_captured' });
  expect(await developer.heap.balance()).toEqual(before);
});

function collatz(n: number): number {
  let steps = 0;
  for (let x = n + 1; x !== 1; x = x % 2 ? 3 * x + 1 : x / 2) steps++;
  return steps;
}
