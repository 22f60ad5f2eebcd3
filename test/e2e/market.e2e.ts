import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderTerms } from '#sdk';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf, type Script } from '../support/fake-node.js';
import { echoModule, inline, order, placed } from '../support/orders.js';

const root = path.resolve(import.meta.dirname, '../../..');
const ALWAYS = { weekdays: [1, 2, 3, 4, 5, 6, 7], fromHour: 0, toHour: 24 };

let broker: TestBroker;
let dev: TestPerson;
let module_hash: string;
/** Two owners with a device each: one in Germany, one in the United States. */
let berta: TestPerson;
let uma: TestPerson;
let german: FakeNode;
let american: FakeNode;
const sessions: FakeSession[] = [];
const echo: Script = (task) => resultOf(task, task.input ?? '');

beforeAll(async () => {
  broker = await startBroker();
  [dev, berta, uma] = [
    await broker.person({ name: 'Dev' }),
    await broker.person({ name: 'Berta', funds_micro: 0n }),
    await broker.person({ name: 'Uma', funds_micro: 0n }),
  ];
  [german, american] = [await FakeNode.enrol(broker, berta), await FakeNode.enrol(broker, uma)];
  module_hash = await echoModule(broker, dev);
  await berta.heap.setOffer(german.node_id, { region: 'de', labels: ['gpu', 'ssd'] });
  await uma.heap.setOffer(american.node_id, { region: 'us-ca', labels: ['ssd'] });
  sessions.push(await german.online({ script: echo, slots: 2 }), await american.online({ script: echo, slots: 2 }));
  while ((await berta.heap.offers()).length + (await uma.heap.offers()).length < 2) await sleep(10);
});
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((session) => session.closed));
  await broker?.close();
});
afterEach(async () => {
  for (const { id, finished_at } of await dev.heap.jobs()) if (finished_at === null) await dev.heap.job(id).cancel();
  expect(await broker.broken()).toEqual([]);
});

const bounds = { verification: 'L0' as const, slots: 1, maxPrice: 1_000n, budget: 100_000n, fuelLimit: 1_000_000_000_000 };

/** Runs one task under these terms. @returns where it ran. */
async function ranOn(terms: OrderTerms): Promise<string | undefined> {
  const [result] = await dev.heap.map((n: number) => n, [1], { ...bounds, ...terms }).all();
  return result?.node;
}

/** Places a job and waits until the market has said why it does not run. */
async function waitsFor(code: string, more: Record<string, unknown>): Promise<string> {
  const { id } = await placed(dev, module_hash, { slots: 1, ...more });
  await reason(id, code);
  return id;
}
async function reason(id: string, code: string): Promise<void> {
  const told = async () => (await dev.heap.job(id).get()).reason.code;
  for (const until = Date.now() + 40_000; Date.now() < until && (await told()) !== code; ) await sleep(20);
  expect(await told()).toBe(code);
}
async function ends(id: string): Promise<string> {
  for (;;) {
    const { state, finished_at } = await dev.heap.job(id).get();
    if (finished_at !== null) return state;
    await sleep(20);
  }
}

describe('where an order runs', () => {
  test('what it demands of a node, and what it will not have, decides', async () => {
    expect(await ranOn({ constraints: { regions: ['de'] } })).toBe(german.node_id);
    expect(await ranOn({ constraints: { regions: ['us-ca', 'ie'] } })).toBe(american.node_id);
    expect(await ranOn({ constraints: { labels: ['ssd', 'gpu'] } })).toBe(german.node_id);
    expect(await ranOn({ constraints: { nodes: [american.node_id] } })).toBe(american.node_id);
    expect(await ranOn({ constraints: { owners: [berta.person_id], kinds: ['server'], minSpeed: 100_000 } })).toBe(german.node_id);
    expect(await ranOn({ constraints: { notNodes: [german.node_id] } })).toBe(american.node_id);
    expect(await ranOn({ constraints: { notOwners: [uma.person_id] } })).toBe(german.node_id);
  });

  test('a wish moves it where that costs no more than it is worth', async () => {
    for (const [region, node] of [
      ['de', german.node_id],
      ['us-ca', american.node_id],
    ] as const)
      expect(await ranOn({ preferences: [{ prefer: { regions: [region] }, weight: 100n }] })).toBe(node);
    await berta.heap.setRules({ hours: [{ ...ALWAYS, price: 200n }] });
    expect(await ranOn({ preferences: [{ prefer: { regions: ['de'] }, weight: 100n }] })).toBe(american.node_id);
    await berta.heap.setRules({ hours: [] });
  });

  test.each<[string, OrderTerms['constraints'] & object, string]>([
    ['a region nobody is in', { regions: ['jp'] }, 'no_node_satisfies'],
    ['a speed nobody has', { minSpeed: 1e9 }, 'no_node_satisfies'],
    ['trust that nobody has earned', { minTrust: 1 }, 'no_node_satisfies'],
    ['nodes of its own, which it has not', { own: true }, 'no_node_satisfies'],
  ])('%s: it is told so, and an estimate says the same', async (_, constraints, code) => {
    expect((await dev.heap.estimate({ ...bounds, constraints })).reason.code).toBe(code);
    const snake = {
      regions: constraints.regions,
      min_speed_fuel_per_ms: constraints.minSpeed,
      min_trust: constraints.minTrust,
      own: constraints.own,
    };
    await waitsFor(code, { constraints: snake });
  });

  test('all or nothing: with fewer slots than its least it takes none', async () => {
    const id = await waitsFor('below_minimum_quantity', { slots: 5, min_slots: 5, inputs: ['a', 'b', 'c', 'd', 'e'].map(inline) });
    expect((await dev.heap.job(id).get()).tasks).toMatchObject({ done: 0, queued: 5 });
    const { id: four } = await placed(dev, module_hash, { slots: 4, min_slots: 4, inputs: ['a', 'b', 'c', 'd'].map(inline) });
    expect(await ends(four)).toBe('DONE');
  });
});

describe('whom and what an owner admits', () => {
  test('a denied buyer is told so, and runs once pardoned', async () => {
    await berta.heap.setRules({ denyBuyers: [dev.person_id] });
    expect(await ranOn({})).toBe(american.node_id);
    const id = await waitsFor('buyer_blocked', { constraints: { regions: ['de'] } });
    await berta.heap.setRules({ denyBuyers: [] });
    expect(await ends(id)).toBe('DONE');
  });

  test('an owner who names buyers serves no others', async () => {
    await uma.heap.setRules({ allowBuyers: [berta.person_id] });
    const id = await waitsFor('denied_by_owner', { constraints: { nodes: [american.node_id] } });
    await uma.heap.setRules({ allowBuyers: [berta.person_id, dev.person_id] });
    expect(await ends(id)).toBe('DONE');
    await uma.heap.setRules({ allowBuyers: null });
  });

  test('work that is off by default needs consent', async () => {
    const id = await waitsFor('denied_by_owner', { workload_class: 'crypto' });
    const { workload_classes } = await uma.heap.rules();
    expect(workload_classes).toEqual(['general', 'science', 'media', 'learning']);
    await uma.heap.setRules({ workloadClasses: [...workload_classes, 'crypto'] });
    expect(await ends(id)).toBe('DONE');
    expect((await dev.heap.job(id).receipt()).lines.map((line) => line.node_id)).toEqual([american.node_id]);
    await uma.heap.setRules({ workloadClasses: workload_classes });
  });

  test('a developer blocks an owner and a node for all jobs', async () => {
    await dev.heap.setLimits({ notOwners: [berta.person_id] });
    expect(await ranOn({})).toBe(american.node_id);
    await dev.heap.setLimits({ notNodes: [american.node_id] });
    const id = await waitsFor('excluded_by_order', {});
    await dev.heap.setLimits({ notOwners: [], notNodes: [] });
    expect(await ends(id)).toBe('DONE');
  });
});

describe('what an order may not ask', () => {
  const soon = () => new Date(Date.now() + 60_000).toISOString();
  test.each<[string, () => Record<string, unknown>, string, string | undefined]>([
    ['trusted nodes without saying which', () => ({ verification: 'L4' }), 'trusted_nodes_missing', undefined],
    ['a level that is none', () => ({ verification: 'L9' }), 'invalid_input', 'body.verification'],
    ['a deadline that has passed', () => ({ deadline: '2020-01-01T00:00:00Z' }), 'deadline_passed', undefined],
    ['a least above the most', () => ({ slots: 2, min_slots: 3, deadline: soon() }), 'invalid_input', 'body.min_slots'],
    ['own nodes of others', () => ({ constraints: { own: true, owners: [uma.person_id] } }), 'invalid_input', 'body.constraints.owners'],
    ['no region at all', () => ({ constraints: { regions: [] } }), 'invalid_input', 'body.constraints.regions'],
    ['a wish for nothing', () => ({ preferences: [{ prefer: {}, weight_micro: '1' }] }), 'invalid_input', 'body.preferences.0.prefer'],
    ['patience without end', () => ({ disconnect_wait_ms: 1e9 }), 'invalid_input', 'body.disconnect_wait_ms'],
    ['a notice of an hour', () => ({ preemption_notice_ms: 3_600_000 }), 'invalid_input', 'body.preemption_notice_ms'],
  ])('%s', async (_, terms, code, member) => {
    const { status, body } = await order(dev, module_hash, terms());
    expect([status, body.code]).toEqual([400, code]);
    if (member) expect(body.details.issues[0].path).toBe(member);
  });

  test('what it asked is on the job', async () => {
    const terms = {
      workload_class: 'science',
      spread: 'owner',
      deadline: soon(),
      disconnect_wait_ms: 5_000,
      on_disconnect: 'replace',
      interruptible: false,
    };
    const preferences = [{ prefer: { regions: ['de'] }, weight_micro: '7' }];
    const { id } = await placed(dev, module_hash, {
      ...terms,
      preferences,
      preemption_notice_ms: 30_000,
      constraints: { kinds: ['server'] },
    });
    const { order: asked } = (await dev.call('GET', `/v1/jobs/${id}`)).body;
    expect(asked).toEqual({
      ...terms,
      preferences,
      constraints: { kinds: ['server'] },
      min_slots: 1,
      priority: 0,
      verification: 'L0',
      preemption_notice_ms: 30_000,
    });
  });
});

describe('bounds in time and money', () => {
  test('a deadline stops a job and gives the rest back', async () => {
    const before = await dev.heap.balance();
    const { id } = await placed(dev, module_hash, { constraints: { regions: ['jp'] }, deadline: new Date(Date.now() + 300).toISOString() });
    expect(await ends(id)).toBe('STOPPED');
    expect(await dev.heap.job(id).get()).toMatchObject({ reason: { code: 'deadline_passed' }, held_micro: 0n });
    expect((await dev.heap.balance()).developer.available_micro).toBe(before.developer.available_micro);
  });

  test("a day's cap is never exceeded by all jobs together, and raising it lets them go on", async () => {
    const { spent_today_micro } = await dev.heap.limits();
    // A task costs 50 and may cost 51: three fit, whichever jobs they belong to.
    await dev.heap.setLimits({ dayCap: spent_today_micro + 175n });
    const inputs = ['a', 'b', 'c', 'd', 'e', 'f'].map(inline);
    const jobs = await Promise.all([1, 2].map(() => placed(dev, module_hash, { slots: 2, max_price_micro: '50', inputs })));
    await Promise.all(jobs.map(({ id }) => reason(id, 'day_cap')));
    expect((await dev.heap.limits()).spent_today_micro).toBe(spent_today_micro + 150n);
    // The slots are free for others meanwhile.
    const other = await broker.person({ name: 'Other' });
    expect((await other.heap.map((n: number) => n, [1], { ...bounds, slots: 4 }).all()).length).toBe(1);
    await dev.heap.setLimits({ dayCap: null });
    expect(await Promise.all(jobs.map(({ id }) => ends(id)))).toEqual(['DONE', 'DONE']);
  });

  test("a job within the cap of a job, and no task above a day's cap", async () => {
    await dev.heap.setLimits({ jobCap: 99_999n });
    expect((await order(dev, module_hash)).body).toMatchObject({ code: 'job_cap_exceeded', details: { cap_micro: '99999' } });
    await dev.heap.setLimits({ jobCap: null, dayCap: 1_000n });
    expect((await order(dev, module_hash)).body).toMatchObject({
      code: 'day_cap_too_small',
      details: { cap_micro: '1000', least_micro: '1001' },
    });
    await dev.heap.setLimits({ dayCap: null });
    expect((await order(dev, module_hash)).status).toBe(201);
  });
});

/** The balance once nothing waits for its holdback any more. */
async function settled(who: TestPerson) {
  let balance = await who.heap.balance();
  for (const until = Date.now() + 40_000; balance.owner.pending_micro > 0n && Date.now() < until; balance = await who.heap.balance())
    await sleep(50);
  return balance;
}

describe('an owner who buys', () => {
  test('from oneself pays the own reserve, moves no price, and earns nothing that can be paid out', async () => {
    await berta.heap.deposit(1_000_000n);
    const before = await settled(berta);
    const terms = { ...bounds, constraints: { own: true } };
    const run = berta.heap.map((n: number) => n, [1, 2], terms);
    expect((await run.all()).map((result) => result.node)).toEqual([german.node_id, german.node_id]);
    const receipt = await berta.heap.job((await run.job).id).receipt();
    expect(receipt.lines).toMatchObject([{ price_micro: 50n }]);
    const after = await settled(berta);
    expect(after.owner).toMatchObject({ pending_micro: 0n, available_micro: before.owner.available_micro });
    // What is not the fee can be spent again.
    expect(after.developer.available_micro).toBe(before.developer.available_micro - receipt.fee_micro);
    expect(receipt.charged_micro).toBe(100n);
  });
});

test('owners see who leases their devices and what is known of them', async () => {
  const { id } = await placed(dev, module_hash, { constraints: { regions: ['de'] }, workload_class: 'science' });
  expect(await ends(id)).toBe('DONE');
  const [lease] = await berta.heap.leases({ limit: 1 });
  expect(lease).toMatchObject({ node_id: german.node_id, buyer_id: dev.person_id, workload_class: 'science', price_micro: 50n, tasks: 1 });
  const jobs = await dev.heap.jobs({ limit: 100 });
  const of = (state: string) => jobs.filter((job) => job.state === state).length;
  expect(lease?.buyer).toMatchObject({
    jobs_done: of('DONE'),
    jobs_cancelled: of('CANCELLED'),
    jobs_stopped: of('STOPPED'),
    jobs_cancelled_started: expect.any(Number),
    disputes: 0,
    disputes_lost: 0,
    objections: 0,
    refused_by_owners: 0,
    paid_micro: jobs.reduce((sum, job) => sum + job.charged_micro, 0n),
  });
  expect(of('CANCELLED')).toBeGreaterThan(0);
  const [next] = await berta.heap.leases({ limit: 1, before: lease?.id ?? '' });
  expect(next?.id).not.toBe(lease?.id);
  expect((await dev.heap.leases()).length).toBe(0);
});

describe('from a shell', () => {
  async function heap(who: TestPerson, ...args: string[]) {
    const env = {
      ...process.env,
      HEAP_URL: broker.url,
      HEAP_API_KEY: who.api_key,
      HEAP_PROFILE: path.join(os.tmpdir(), 'no profile.json'),
    };
    const child = spawn(process.execPath, [path.join(root, 'apps/cli/bin/heap.mjs'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { out, err, code: code as number };
  }

  test('an owner sees and changes rules and offers', async () => {
    const { out, code } = await heap(
      uma,
      'rules',
      '--kwh',
      '0.20',
      '--margin',
      '10',
      '--deny',
      dev.person_id,
      '--consent',
      'adult',
      '--price',
      'daily 0-24 0.0007',
    );
    expect([out, code]).toEqual([expect.stringContaining('0.20 USD (simulated) a kWh (as you said) and 10 % more'), 0]);
    expect(out).toContain('but daily 0-24 0.0007');
    expect(out).toContain(`not ${dev.person_id}`);
    expect(out).toContain('Consents to adult: content for adults only');
    expect((await heap(uma, 'leases', '--limit', '3')).out).toMatch(new RegExp(`${dev.person_id} +\\d+ jobs done`));
    const offers = await heap(uma, 'offer');
    expect(offers.out).toMatch(/2\/2 micro +0\.0007 +your price at this hour/);
    const device = await heap(uma, 'offer', american.node_id, '--label', 'quiet', '--price', 'daily 0-24 0.0009', '--json');
    expect(JSON.parse(device.out)).toMatchObject([
      { labels: ['quiet'], reserve_price_micro: '900', price_source: 'device_hours', region: 'us-ca' },
    ]);
    await heap(uma, 'offer', american.node_id, '--clear');
    await heap(uma, 'rules', '--kwh', 'auto', '--pardon', dev.person_id, '--refuse', 'adult', '--clear-prices');
    expect(await uma.heap.rules()).toMatchObject({
      hours: [],
      deny_buyers: [],
      price_per_kwh_micro: null,
      electricity: { source: 'anywhere' },
    });
    expect((await heap(uma, 'rules', '--time-zone', 'Moon/Base')).err).toContain('body.time_zone');
  });

  test('a developer sees and changes caps, and places an order with terms', async () => {
    expect((await heap(dev, 'limits', '--day-cap', '5', '--block-node', german.node_id)).out).toContain('Cap for a day:  5.00 USD');
    expect((await heap(dev, 'limits', '--day-cap', 'none', '--unblock', german.node_id)).out).toContain('Blocked nodes:  none');
    const program = path.join(root, 'test/programs/js/primes.js');
    const refused = await heap(
      dev,
      'run',
      '--yes',
      program,
      '--codec',
      'bytes',
      '--region',
      'de',
      '--verify',
      'L4',
      '--max-price',
      '0.001',
      '--json',
    );
    expect([JSON.parse(refused.out).code, refused.code]).toEqual(['trusted_nodes_missing', 2]);
    const wrong = await heap(dev, 'run', program, '--kind', 'toaster');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('It must be one of phone')]);
  });
});
