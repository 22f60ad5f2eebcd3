import { createHash, randomUUID } from 'node:crypto';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf, type Script } from '../support/fake-node.js';
import { echoModule, inline, order, placed } from '../support/orders.js';

let broker: TestBroker;
let developer: TestPerson;
let owner: TestPerson;
let node: FakeNode;
let module_hash: string;
let session: FakeSession | undefined;
beforeAll(async () => {
  broker = await startBroker();
  developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  node = await FakeNode.enrol(broker, owner);
  module_hash = await echoModule(broker, developer);
});
afterEach(async () => {
  session?.send('bye', { code: 'test_over' });
  await session?.closed;
  session = undefined;
  expect(await broker.broken()).toEqual([]);
});
afterAll(() => broker?.close());

const echo: Script = (task) => resultOf(task, task.input ?? '');
const online = async (script: Script): Promise<FakeSession> => {
  session = await node.online({ script });
  return session;
};
const terms = { verification: 'L0' as const, slots: 1, maxPrice: 1_000n, budget: 100_000n, fuelLimit: 1_000_000_000_000 };

test('cancelled midway: what ran is paid, the rest returns, nothing comes after', async () => {
  // Answers three tasks and is silent then.
  let answered = 0;
  const { next } = await online((task) => (answered++ < 3 ? resultOf(task, task.input ?? '') : null)).then((s) => ({
    next: s.next.bind(s),
  }));
  const before = await developer.heap.balance();
  const stop = new AbortController();
  const run = developer.heap.map(
    (n: number) => n,
    Array.from({ length: 20 }, (_, i) => i),
    { ...terms, signal: stop.signal },
  );
  const seen: unknown[] = [];
  await expect(
    (async () => {
      for await (const { value } of run) {
        seen.push(value);
        if (seen.length === 3) stop.abort(new Error('enough'));
      }
    })(),
  ).rejects.toThrow('enough');
  expect(seen).toEqual([0, 1, 2]);
  const job = developer.heap.job((await run.job).id);
  const { price_micro = 0n } = (await job.receipt()).lines[0] ?? {};
  expect(await job.get()).toMatchObject({
    state: 'CANCELLED',
    reason: { code: 'cancelled_by_developer' },
    charged_micro: 3n * price_micro,
    held_micro: 0n,
    tasks: { done: 3, queued: 0, leased: 0, cancelled: 17 },
  });
  expect((await next('lease.end')).reason.code).toBe('job_cancelled');
  expect(await job.task(19)).toMatchObject({ state: 'CANCELLED', reason: { code: 'job_cancelled' } });
  expect((await developer.heap.balance()).developer).toMatchObject({
    available_micro: before.developer.available_micro - 3n * price_micro,
    held_micro: 0n,
  });
  // Once more changes nothing.
  expect((await job.cancel()).charged_micro).toBe(3n * price_micro);
});

test('a budget that runs out stops the job with its reason; nothing above it is charged', async () => {
  await online(echo);
  const run = developer.heap.map((n: number) => n, [1, 2, 3, 4, 5, 6], { ...terms, maxPrice: 50n, budget: 175n });
  const values: unknown[] = [];
  const failure = await (async () => {
    for await (const { value } of run) values.push(value);
  })().catch((error) => error);
  expect(failure).toMatchObject({ code: 'budget_exhausted', fault: 'developer' });
  expect(values).toEqual([1, 2, 3]);
  expect(await developer.heap.job((await run.job).id).get()).toMatchObject({ state: 'STOPPED', charged_micro: 150n, held_micro: 0n });
});

test('no money, no job: refused at once with what is missing', async () => {
  const poor = await broker.person({ name: 'Poor', funds_micro: 10n });
  await expect(poor.heap.map((n: number) => n, [1], terms).all()).rejects.toMatchObject({
    code: 'insufficient_funds',
    details: { needed_micro: '100000', available_micro: '10' },
  });
  expect(await poor.heap.jobs()).toEqual([]);
  await poor.heap.deposit('0.10');
  await online(echo);
  expect(await poor.heap.map((n: number) => n, [1], terms).values()).toEqual([1]);
});

test('an open job takes inputs while it runs, waits for more, and ends when it is closed', async () => {
  await online(echo);
  const { id } = await placed(developer, module_hash, { open: true, inputs: [] });
  const job = developer.heap.job(id);
  expect((await job.get()).reason.code).toBe('no_inputs');
  const results = job.results();
  const add = (first_index: number, ...texts: string[]) =>
    developer.call('POST', `/v1/jobs/${id}/tasks`, { first_index, inputs: texts.map(inline) });
  const outputs: string[] = [];
  for (const [i, text] of ['one', 'two', 'three'].entries()) {
    expect((await add(i, text)).body).toEqual({ total: i + 1 });
    const { value } = await results.next();
    outputs.push(Buffer.from(value?.output ?? []).toString());
    expect(await job.get()).toMatchObject({ finished_at: null, tasks: { total: i + 1, done: i + 1 } });
  }
  expect(outputs).toEqual(['one', 'two', 'three']);
  expect((await job.get()).reason.code).toBe('open_for_inputs');
  expect((await developer.call('POST', `/v1/jobs/${id}/close`)).body.state).toBe('DONE');
  expect((await results.next()).done).toBe(true);
});

test('inputs from a generator without an end, until the reader has had enough', async () => {
  await online(echo);
  function* naturals() {
    for (let n = 0; ; n++) yield n;
  }
  const seen: unknown[] = [];
  const run = developer.heap.map((n: number) => n, naturals(), { ...terms, maxAhead: 50, orderedResults: true });
  for await (const { value } of run) if (seen.push(value) === 120) break;
  expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i));
  const job = await developer.heap.job((await run.job).id).get();
  expect(job.state).toBe('CANCELLED');
  expect(job.tasks.total).toBeLessThanOrEqual(120 + 50 + 50);
});

describe('the stream of results', () => {
  interface Event {
    id: string | undefined;
    event: string;
    data: { seq?: number; state?: string };
  }

  async function events(job_id: string, last_event_id: number | null, count: number): Promise<Event[]> {
    const response = await fetch(`${broker.url}/v1/jobs/${job_id}/stream`, {
      headers: { authorization: `Bearer ${developer.api_key}`, ...(last_event_id !== null && { 'last-event-id': String(last_event_id) }) },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const seen: Event[] = [];
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const event = field('event');
        if (event) seen.push({ id: field('id'), event, data: JSON.parse(field('data') ?? '') });
      }
      if (seen.length >= count) break;
    }
    return seen;
  }

  test('goes on behind the last event that a client has seen, before and after the end', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await online(async (task) => {
      if (task.index >= 3) await held;
      return echo(task, session as FakeSession);
    });
    const { id } = await placed(developer, module_hash, { inputs: ['a', 'b', 'c', 'd', 'e'].map(inline), slots: 1 });
    const first = await events(id, null, 2);
    expect(first.slice(0, 2).map(({ id: place, event }) => [place, event])).toEqual([
      ['1', 'result'],
      ['2', 'result'],
    ]);
    release();
    const rest = await events(id, 2, Number.POSITIVE_INFINITY);
    expect(rest.map(({ id: place, event, data }) => [place, event, data.seq ?? data.state])).toEqual([
      ['3', 'result', 3],
      ['4', 'result', 4],
      ['5', 'result', 5],
      [undefined, 'end', 'DONE'],
    ]);
    expect((await events(id, 5, Number.POSITIVE_INFINITY)).map(({ event }) => event)).toEqual(['end']);
  });
});

describe('a request that is sent again', () => {
  test('places one job, adds each input once, and deposits once', async () => {
    const key = randomUUID();
    const before = await developer.heap.balance();
    const answers = [
      await order(developer, module_hash, { open: true, inputs: [] }, key),
      await order(developer, module_hash, { open: true, inputs: [] }, key),
    ];
    expect(answers.map(({ status, body }) => [status, body.id])).toEqual(Array(2).fill([201, answers[0]?.body.id]));
    const id: string = answers[0]?.body.id;
    expect((await developer.heap.balance()).developer.held_micro).toBe(before.developer.held_micro + 100_000n);
    const inputs = ['a', 'b'].map(inline);
    const adding = { first_index: 0, inputs };
    await Promise.all(Array.from({ length: 8 }, () => developer.call('POST', `/v1/jobs/${id}/tasks`, adding)));
    expect((await developer.heap.job(id).get()).tasks).toMatchObject({ total: 2, queued: 2 });
    const deposit = () => developer.call('POST', '/v1/deposits', { amount_micro: '5' }, { 'idempotency-key': key });
    expect((await deposit()).body.deposit_id).toBe((await deposit()).body.deposit_id);
    // Also when the job is over: the answer is the job as it is now.
    await developer.heap.job(id).cancel();
    expect((await order(developer, module_hash, { open: true, inputs: [] }, key)).body).toMatchObject({ id, state: 'CANCELLED' });
    expect((await developer.heap.balance()).developer).toMatchObject({
      available_micro: before.developer.available_micro + 5n,
      held_micro: before.developer.held_micro,
    });
  });
});

describe('with a real agent', () => {
  let agent: TestAgent;
  beforeAll(async () => {
    agent = await startTestAgent(broker, owner, { slots: 2 });
  });
  afterAll(() => agent?.close());

  test('inputs and outputs that are too large for a frame travel by their hashes', async () => {
    const large = Buffer.alloc(300_000, 'a large input ');
    const hash = createHash('sha256').update(large).digest('hex');
    const reverse = { module: 'export default (bytes) => Uint8Array.from(bytes).reverse()', codec: 'bytes' as const };
    const results = await developer.heap.map(reverse, [large, 'small', large], { outputLimit: 400_000 }).all();
    expect(Buffer.from(results[0]?.output ?? [])).toEqual(Buffer.from(large).reverse());
    expect(Buffer.from(results[1]?.output ?? []).toString()).toBe('llams');
    expect(results[2]?.output_hash).toBe(results[0]?.output_hash);
    expect(results[0]?.output_hash).not.toBe(hash);
    const { body } = await developer.call('GET', `/v1/jobs/${(await developer.heap.jobs())[0]?.id}/results`);
    expect(body.results.map((r: { output: object }) => Object.keys(r.output)[0]).sort()).toEqual(['hash', 'hash', 'inline']);
  });

  test('an output above its limit fails its task, with the reason', async () => {
    const blow = { module: 'export default () => new Uint8Array(2000)', codec: 'bytes' as const };
    const run = developer.heap.map(blow, [''], { outputLimit: 1_000, onTaskError: 'yield' });
    expect(await run.all()).toMatchObject([{ verdict: 'output-limit', error: { code: 'task_failed' } }]);
    expect((await developer.heap.job((await run.job).id).task(0)).reason.code).toBe('output_too_large');
  });

  test('the hold button gives the device back at once; its work is first in line and ends right when it is released', async () => {
    const work = (n: number) => {
      let s = 0;
      for (let i = 0; i < 300_000; i++) s = (s + i * n) % 1_000_003;
      return s;
    };
    const run = developer.heap.map(
      work,
      Array.from({ length: 30 }, (_, i) => i),
      { slots: 2 },
    );
    const seen = new Map<number, unknown>();
    for await (const { index, value } of run) {
      expect(seen.has(index)).toBe(false);
      seen.set(index, value);
      if (seen.size === 3) {
        expect(await agent.hold()).toBeLessThan(1_000);
        agent.release();
      }
    }
    expect([...seen.entries()].every(([index, value]) => value === work(index))).toBe(true);
    expect(seen.size).toBe(30);
    const { charged_micro } = await developer.heap.job((await run.job).id).get();
    const { lines } = await developer.heap.job((await run.job).id).receipt();
    expect(lines.reduce((sum, line) => sum + line.tasks, 0)).toBe(30);
    expect(lines.reduce((sum, line) => sum + line.charge_micro, 0n)).toBe(charged_micro);
  });
});
