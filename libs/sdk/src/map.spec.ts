import { setTimeout as sleep } from 'node:timers/promises';
import { FakeHeap, type FakeHeapOptions } from '../../../test/support/fake-heap.js';
import { Heap } from './heap.js';
import type { Progress } from './progress.js';

let fake: FakeHeap;
afterEach(() => fake.close());

async function start(options: FakeHeapOptions = {}): Promise<Heap> {
  fake = await FakeHeap.start(options);
  return new Heap({ url: fake.url, apiKey: fake.api_key });
}
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const onlyJob = () => {
  const [job] = fake.jobs.values();
  if (!job) throw new Error('no job was placed');
  return job;
};

describe('heap.map', () => {
  test('five lines', async () => {
    const heap = await start();
    const seen: [number, number, bigint][] = [];
    for await (const r of heap.map((n) => n * n, [1, 2, 3])) seen.push([r.index, r.value, r.cost]);
    expect(seen).toEqual([
      [0, 1, 3n],
      [1, 4, 3n],
      [2, 9, 3n],
    ]);
    expect(fake.requests.map((r) => r.name).sort()).toEqual(['balance', 'estimate', 'placeJob', 'putModule', 'streamResults']);
    expect(onlyJob().state).toBe('DONE');
  });

  test('thousands of inputs are streamed in chunks and come back whole', async () => {
    const heap = await start();
    const values = await heap.map((n) => n + 1, range(2_500)).values();
    expect(values).toEqual(range(2_500).map((n) => n + 1));
    const sizes = fake.asked('addTasks').map((r) => (r.body as { inputs: unknown[] }).inputs.length);
    expect(sizes).toEqual([1_000, 500]);
    expect(fake.asked('closeJob')).toHaveLength(1);
  });

  test('answers that got lost lose and double nothing', async () => {
    const heap = await start({
      fault: ({ name }, earlier) =>
        ['placeJob', 'addTasks', 'closeJob', 'putModule'].includes(name) && earlier === 0 ? 'drop-after' : undefined,
    });
    expect(await heap.map((n) => n, range(1_100)).values()).toEqual(range(1_100));
    expect(fake.jobs.size).toBe(1);
    expect(onlyJob().inputs).toHaveLength(1_100);
  });

  test('a stream that breaks every few events is resumed where it broke', async () => {
    const heap = await start({ stream_events_max: 7, settle_ms: 1 });
    expect(await heap.map((n) => n, range(40)).values()).toEqual(range(40));
    const resumed = fake.asked('streamResults').map((r) => Number(r.headers['last-event-id']));
    expect(resumed.length).toBeGreaterThan(1);
    expect(resumed).toEqual([...resumed].sort((a, b) => a - b));
  });

  test('where streams do not get through, pages do', async () => {
    const heap = await start({ no_streams: true, settle_ms: 1 });
    expect(await heap.map((n) => n, range(30)).values()).toEqual(range(30));
    expect(fake.asked('listResults').length).toBeGreaterThan(0);
  });

  test('large inputs and outputs travel as blobs and are checked', async () => {
    const heap = await start();
    const text = 'x'.repeat(50_000);
    const [result] = await heap.map((s: string) => s + s, [text]).all();
    expect(result?.value).toBe(text + text);
    expect(fake.asked('putBlob')).toHaveLength(1);
    expect(fake.asked('getBlob')).toHaveLength(1);
    const { output_hash } = result ?? {};
    fake.blobs.set(String(output_hash), new Uint8Array(3));
    await expect(heap.job(onlyJob().id).results().next()).rejects.toMatchObject({ code: 'hash_mismatch', fault: 'platform' });
  });

  test('an endless source runs only so far ahead, and leaving cancels the job', async () => {
    const heap = await start({ settle_ms: 2 });
    let taken = 0;
    async function* endless() {
      for (;;) yield taken++;
    }
    let count = 0;
    for await (const r of heap.map((n: number) => n, endless(), { maxAhead: 1_000 })) {
      expect(r.value).toBe(r.index);
      if (++count === 5) break;
    }
    expect(onlyJob().state).toBe('CANCELLED');
    expect(taken).toBeLessThan(4_000);
  });

  test('a failed task ends the map with its error, and the job is cancelled', async () => {
    const heap = await start({ settle_ms: 1 });
    const run = heap.map((n) => {
      if (n === 2) throw new RangeError('two is odd');
      return n;
    }, range(100));
    await expect(run.all()).rejects.toMatchObject({
      code: 'task_failed',
      message: expect.stringContaining('two is odd'),
      details: { index: 2, verdict: 'trap' },
    });
    expect(onlyJob().state).toBe('CANCELLED');
  });

  test('or is yielded', async () => {
    const heap = await start();
    const results = await heap
      .map(
        (n) => {
          if (n === 1) throw new Error('no');
          return n;
        },
        range(3),
        { onTaskError: 'yield' },
      )
      .all();
    expect(results.map((r) => r.error?.code ?? r.value)).toEqual([0, 'task_failed', 2]);
  });

  test('a signal cancels', async () => {
    const heap = await start({ settle_ms: 5 });
    const stop = new AbortController();
    const run = heap.map((n) => n, range(1_000), { signal: stop.signal });
    const first = run[Symbol.asyncIterator]();
    await first.next();
    stop.abort(new Error('stop it'));
    await expect(
      (async () => {
        for (;;) if ((await first.next()).done) return;
      })(),
    ).rejects.toThrow('stop it');
    expect(onlyJob().state).toBe('CANCELLED');
  });

  test('a budget that ends the job is said with its reason', async () => {
    const heap = await start();
    const run = heap.map((n) => n, range(10), { budget: 9n, maxPrice: 1n });
    await expect(run.all()).rejects.toMatchObject({ code: 'budget_exhausted', details: { state: 'STOPPED' } });
    expect(fake.asked('cancelJob')).toHaveLength(0);
  });

  test('no money: nothing is placed', async () => {
    const heap = await start({ balance_micro: 0n });
    const run = heap.map((n) => n, [1]);
    await expect(run.all()).rejects.toMatchObject({ code: 'insufficient_funds', details: { status: 402 } });
    await expect(run.job).rejects.toMatchObject({ code: 'insufficient_funds' });
    expect(fake.jobs.size).toBe(0);
  });

  test('no inputs: no job', async () => {
    const heap = await start();
    const run = heap.map((n) => n, []);
    expect(await run.all()).toEqual([]);
    await expect(run.job).rejects.toMatchObject({ code: 'no_inputs' });
    expect(fake.asked('placeJob')).toHaveLength(0);
  });

  test('closures are refused before anything is sent', async () => {
    const heap = await start();
    const rate = 2;
    await expect(heap.map((n) => n * rate, [1]).all()).rejects.toMatchObject({
      code: 'closure_captured',
      message: expect.stringContaining('"rate"'),
    });
    expect(fake.requests).toHaveLength(0);
  });

  test('an input that cannot travel is named, and the job with it is cancelled', async () => {
    const heap = await start();
    const inputs = [...range(1_500), () => 1];
    await expect(heap.map((n) => n, inputs as number[]).all()).rejects.toMatchObject({ code: 'bad_input', details: { index: 1_500 } });
    expect(onlyJob().state).toBe('CANCELLED');
  });

  test('ordered, with progress, and one upload for two maps', async () => {
    const heap = await start();
    const square = (n: number) => n * n;
    const progress: Progress[] = [];
    const indices: number[] = [];
    for await (const r of heap.map(square, range(50), { orderedResults: true, onProgress: (p) => progress.push(p) })) indices.push(r.index);
    expect(indices).toEqual(range(50));
    expect(progress.at(-1)).toMatchObject({ sent: 50, complete: true, done: 50, failed: 0, cost: 150n });
    await heap.map(square, [1]).all();
    expect(fake.asked('putModule')).toHaveLength(1);
    expect(progress.length).toBeGreaterThanOrEqual(51);
  });

  test('it runs once, and not before it is asked to', async () => {
    const heap = await start();
    const run = heap.map((n) => n, [1]);
    await sleep(5);
    expect(fake.requests).toHaveLength(0);
    await run.all();
    await expect(run.all()).rejects.toMatchObject({ code: 'already_running' });
  });
});

describe('the price of an order', () => {
  test('the maximum is twice the present price, the budget what the tasks can cost', async () => {
    const heap = await start();
    expect(await heap.plan({ fuelLimit: 1_000_000_000 }, { tasks: 10 })).toMatchObject({
      price_micro: 2_000n,
      slots_now: 4,
      reason: { code: 'priced', sentence: 'Four slots are free.' },
      max_price_micro: 4_000n,
      budget_micro: 50n,
      worst_case_micro: 50n,
    });
  });

  test.each<[string, FakeHeapOptions, number | null, bigint]>([
    ['of unknown length: one unit of the currency', {}, null, 1_000_000n],
    ['above the balance: the balance', { balance_micro: 700n }, 1_000, 700n],
    ['without money: what it would need, which the heap refuses', { balance_micro: 0n }, 10, 410n],
  ])('%s', async (_, options, tasks, budget_micro) => {
    const heap = await start(options);
    expect(await heap.plan({}, { tasks })).toMatchObject({ budget_micro });
  });

  test('while nobody offers a slot there is still a maximum', async () => {
    const heap = await start({ price_micro: null });
    expect(await heap.plan()).toMatchObject({ price_micro: null, max_price_micro: 100_000n, reason: { code: 'no_offers' } });
  });

  test('amounts are micro-units or decimal strings; others are refused', async () => {
    const heap = await start();
    expect(await heap.plan({ maxPrice: '0.5', budget: 7n })).toMatchObject({ max_price_micro: 500_000n, budget_micro: 7n });
    await expect(heap.plan({ maxPrice: '1,5' })).rejects.toMatchObject({ code: 'bad_amount' });
    await expect(heap.map((n) => n, [1], { slots: 0, budget: 1n }).all()).rejects.toMatchObject({
      code: 'bad_terms',
      message: expect.stringContaining('slots'),
    });
  });
});

describe('the rest of the heap', () => {
  test('run: one program, one input', async () => {
    const heap = await start({ program: (input, args) => ({ output: input, exit_code: 3, verdict: 'exit', logs: args.join() }) });
    const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const result = await heap.run(wasm, 'hello', { args: ['a', 'b'] });
    expect(result).toMatchObject({ exit_code: 3, logs: 'a,b', verdict: 'exit', job_id: onlyJob().id });
    expect(new TextDecoder().decode(result.output)).toBe('hello');
    expect(onlyJob().order.codec).toBe('bytes');
  });

  test('run throws for a trap', async () => {
    const heap = await start();
    await expect(heap.run('export default () => { throw new Error("x"); };', 1)).rejects.toMatchObject({ code: 'task_failed' });
  });

  test('jobs, a job, its receipt, the balance and a deposit have bigint money', async () => {
    const heap = await start();
    await heap.map((n) => n, range(4)).all();
    const [info] = await heap.jobs();
    expect(info).toMatchObject({ state: 'DONE', charged_micro: 12n });
    const job = heap.job(info?.id ?? '');
    expect(await job.get()).toEqual(info);
    expect(await job.receipt()).toMatchObject({ charged_micro: 12n, lines: [{ charge_micro: 12n, tasks: 4 }] });
    expect(await job.cancel()).toMatchObject({ state: 'DONE' });
    expect((await heap.deposit('2.50')).amount_micro).toBe(2_500_000n);
    expect((await heap.balance()).developer.available_micro).toBe(7_500_000n);
    expect((await heap.enrolmentCode()).command).toContain('npx openheaps agent');
    expect(await heap.nodes()).toEqual([]);
    await expect(heap.job('0190a0a0-0000-7000-8000-000000000000').get()).rejects.toMatchObject({ code: 'job_not_found' });
  });
});
