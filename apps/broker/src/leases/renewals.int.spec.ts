import { setTimeout as sleep } from 'node:timers/promises';
import { clear } from '#auction';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession, resultOf, type WireTask } from '../../../../test/support/fake-node.js';
import { echoModule, inline, placed } from '../../../../test/support/orders.js';
import { LeadStore } from '../auctions/lead.store.js';
import { ReceiptsService } from '../auctions/receipts.service.js';
import { MoneyService } from '../money/money.service.js';
import { OrdersStore } from '../orders/orders.store.js';
import { Transactions } from '../platform/database/transactions.js';
import { LeasesService } from './leases.service.js';

interface LeaseRow {
  id: string;
  job_id: string;
  slot_no: number;
  state: 'ACTIVE' | 'DRAINING' | 'ENDED';
  price_micro: bigint;
  epoch: number;
  renewals: number;
  end_code: string | null;
  end_sentence: string | null;
  leaving_code: string | null;
  next_job_id: string | null;
  /** Until its term, or its notice, is over. */
  left_ms: number;
}

let broker: TestBroker;
let owner: TestPerson;
let ann: TestPerson;
let bob: TestPerson;
let module_hash: string;
let node: FakeNode;
let session: FakeSession;
let held: WireTask[] = [];

beforeAll(async () => {
  // Terms end when a test says so.
  broker = await startBroker({ HEAP_LEASE_TERM_MS: '3600000' });
  [owner, ann, bob] = [await broker.person({ funds_micro: 0n }), await broker.person(), await broker.person()];
  module_hash = await echoModule(broker, ann);
});
afterAll(() => broker?.close());
beforeEach(async () => {
  node = await FakeNode.enrol(broker, owner);
  held = [];
  session = await node.online({
    script: (task) => {
      held.push(task);
      return null;
    },
  });
});
afterEach(async () => {
  session.send('bye', { code: 'test_over' });
  await session.closed;
  for (const person of [ann, bob])
    for (const { id, finished_at } of await person.heap.jobs()) if (finished_at === null) await person.heap.job(id).cancel();
  expect(await broker.broken()).toEqual([]);
});

const leases = () =>
  broker.sql<LeaseRow>(
    `SELECT id, job_id, slot_no, state, price_micro, epoch, renewals, end_code, end_sentence, leaving_code, next_job_id,
       (extract(epoch FROM expires_at - now()) * 1000)::float8 AS left_ms FROM lease WHERE node_id = $1 ORDER BY granted_at, slot_no`,
    [node.node_id],
  );
async function until(what: string, holds: (rows: LeaseRow[]) => boolean): Promise<LeaseRow[]> {
  let rows: LeaseRow[] = [];
  for (const end = Date.now() + 45_000; Date.now() < end; await sleep(15)) {
    rows = await leases();
    if (holds(rows)) return rows;
  }
  throw new Error(`${what}: not within 45 s; ${JSON.stringify(rows, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`);
}
const active = (job_id: string) => (rows: LeaseRow[]) =>
  rows.some((l) => l.job_id === job_id && l.state === 'ACTIVE' && l.leaving_code === null);
/** Until the heap knows what the node asks for now. */
async function offered(price_micro: bigint): Promise<void> {
  session.offer(1, 'micro', price_micro);
  const known = () => broker.sql('SELECT 1 FROM offer WHERE node_id = $1 AND reserve_price_micro = $2', [node.node_id, price_micro]);
  while ((await known()).length === 0) await sleep(10);
}
/** Lets so much of the database's time pass for every lease of the node. */
const pass = (ms: number) =>
  broker.sql(
    `UPDATE lease SET expires_at = expires_at - make_interval(secs => $2), leave_by = leave_by - make_interval(secs => $2)
     WHERE node_id = $1 AND state <> 'ENDED'`,
    [node.node_id, ms / 1000],
  );
const TERM_MS = 3_600_000;
const sweep = () => broker.app.get(LeasesService, { strict: false }).sweep();
async function endTerm(): Promise<void> {
  await pass(TERM_MS);
  await sweep();
}
async function job(person: TestPerson, max_price_micro: number, more: Record<string, unknown> = {}): Promise<string> {
  const inputs = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(inline);
  return (await placed(person, module_hash, { slots: 1, max_price_micro: String(max_price_micro), inputs, ...more })).id;
}
/** A job that holds the slot and has tasks out, and what was sent of it. */
async function holder(more: Record<string, unknown> = {}, max_price_micro = 90): Promise<string> {
  const id = await job(ann, max_price_micro, more);
  await until('the first lease', active(id));
  for (let i = 0; i < 3_000 && held.length === 0; i++) await sleep(10);
  expect(held.length).toBeGreaterThan(0);
  return id;
}
/** The bid has been in a round and was told why it waits. */
async function waiting(id: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if ((await bob.heap.job(id).get()).reason.code === 'all_leased') return;
    await sleep(10);
  }
  throw new Error('the rival was never told that all is leased');
}
const answer = (task: WireTask) => session.results(task, resultOf(task, task.input ?? ''));

describe('at the end of a term', () => {
  test('a lease that nobody outbids is renewed in place: the same lease, price and tasks', async () => {
    const id = await holder();
    const [before] = await leases();
    expect(before?.left_ms).toBeGreaterThan((TERM_MS * 5) / 6 - 60_000);
    expect(before?.left_ms).toBeLessThanOrEqual(TERM_MS);
    await endTerm();
    const [after, ...others] = await until('the renewal', (rows) => rows[0]?.renewals === 1);
    expect(others).toEqual([]);
    expect(after).toMatchObject({
      id: before?.id,
      job_id: id,
      price_micro: 50n,
      epoch: before?.epoch,
      state: 'ACTIVE',
      leaving_code: null,
    });
    expect(after?.left_ms).toBeGreaterThan((TERM_MS * 5) / 6 - 60_000);
    const [round] = await broker.sql<{ n: number }>(
      "SELECT count(*)::int AS n FROM round WHERE receipt::text LIKE '%' || $1 || '%' AND receipt::text LIKE '%incumbents%'",
      [node.node_id],
    );
    expect(round?.n).toBe(1);
  });

  test('a bid that is no higher displaces nobody, though it came first', async () => {
    const early = await job(bob, 90, { constraints: { nodes: [node.node_id] }, inputs: [inline('x')] });
    await until('the early lease', active(early));
    const id = await job(ann, 90);
    for (let i = 0; i < 3_000 && held.length === 0; i++) await sleep(10);
    const again = await job(bob, 90);
    for (const task of held.splice(0)) answer(task);
    await until('the turn of the second', active(id));
    // The first of all comes back with a bid as high and an earlier arrival than anybody else's.
    await broker.sql('UPDATE job SET arrival = -1 WHERE id = $1', [again]);
    await endTerm();
    const rows = await until('the decision', (all) => all.some((l) => l.job_id === id && (l.renewals > 0 || l.leaving_code !== null)));
    expect(rows.filter((l) => l.next_job_id === again)).toEqual([]);
    // It paid 90 from the start, as the other's bid was losing then already.
    expect(rows.find((l) => l.job_id === id)).toMatchObject({ state: 'ACTIVE', price_micro: 90n, renewals: 1 });
  });

  test('a higher bid displaces at once where no notice was asked for; the tasks are first in line again', async () => {
    const id = await holder({ max_attempts: 1 });
    const rival = await job(bob, 95);
    await waiting(rival);
    expect((await leases()).map((l) => [l.job_id, l.state])).toEqual([[id, 'ACTIVE']]);
    await endTerm();
    const rows = await until('the change of hands', active(rival));
    expect(rows).toMatchObject([
      { job_id: id, state: 'ENDED', end_code: 'displaced', price_micro: 50n },
      { job_id: rival, state: 'ACTIVE', price_micro: 90n, slot_no: 0 },
    ]);
    expect(rows[1]?.epoch).toBeGreaterThan(rows[0]?.epoch ?? 0);
    expect(rows[0]?.end_sentence).toContain('the price is now 0.00009');
    expect((await ann.heap.job(id).get()).tasks).toMatchObject({ queued: 8, leased: 0, failed: 0 });
    // What was cut does not count as an attempt, and what it answers now is nobody's any more.
    const [old] = held;
    if (old) answer(old);
    const ack = await session.next('results.ack');
    expect([ack.accepted, ack.stale.length]).toEqual([[], 1]);
  });

  test('within its notice an interruptible lease may finish what is out, and what is finished is paid', async () => {
    const id = await holder({ preemption_notice_ms: 30_000 });
    const rival = await job(bob, 95);
    await waiting(rival);
    const out = (await ann.heap.job(id).get()).tasks.leased;
    await endTerm();
    const [told] = await until('the notice', (rows) => rows[0]?.state === 'DRAINING');
    expect(told).toMatchObject({ leaving_code: 'displaced', next_job_id: rival });
    expect(told?.left_ms).toBeGreaterThan(20_000);
    expect(told?.left_ms).toBeLessThanOrEqual(30_000);
    const [one, ...rest] = held.splice(0);
    if (one) answer(one);
    await session.next('results.ack');
    await sweep();
    expect(await leases()).toHaveLength(1);
    expect((await ann.heap.job(id).get()).tasks).toMatchObject({ done: 1, leased: out - 1 });
    for (const task of rest) answer(task);
    const rows = await until('the change of hands before the notice is over', active(rival));
    expect(rows[0]).toMatchObject({ end_code: 'displaced', state: 'ENDED' });
    expect((await ann.heap.job(id).get()).tasks).toMatchObject({ done: out, leased: 0, queued: 8 - out });
    expect((await ann.heap.job(id).get()).charged_micro).toBe(BigInt(out) * 50n);
  });

  test('after its notice it is cut', async () => {
    const id = await holder({ preemption_notice_ms: 30_000 });
    const rival = await job(bob, 95);
    await waiting(rival);
    await endTerm();
    await until('the notice', (rows) => rows[0]?.state === 'DRAINING');
    await pass(29_000);
    await sweep();
    expect(await leases()).toMatchObject([{ job_id: id, state: 'DRAINING' }]);
    await pass(2_000);
    await sweep();
    expect(await until('the cut', active(rival))).toMatchObject([{ end_code: 'displaced' }, { job_id: rival }]);
    expect((await ann.heap.job(id).get()).tasks).toMatchObject({ queued: 8, done: 0 });
  });

  test('a firm lease works through its notice, then finishes what is out', async () => {
    const id = await holder({ interruptible: false, preemption_notice_ms: 30_000 });
    const rival = await job(bob, 95);
    await waiting(rival);
    await endTerm();
    await until('the notice', (rows) => rows[0]?.leaving_code === 'displaced');
    // Still new tasks, at the old price.
    for (const task of held.splice(0)) answer(task);
    for (let i = 0; i < 3_000 && held.length === 0; i++) await sleep(10);
    expect(held.length).toBeGreaterThan(0);
    expect(await leases()).toMatchObject([{ job_id: id, state: 'ACTIVE', price_micro: 50n, next_job_id: rival }]);
    await pass(31_000);
    await sweep();
    await until('the end of the notice', (rows) => rows[0]?.state === 'DRAINING');
    await pass(600_000);
    await sweep();
    expect(await leases()).toMatchObject([{ job_id: id, state: 'DRAINING' }]);
    for (const task of held.splice(0)) answer(task);
    expect(await until('the change of hands', active(rival))).toMatchObject([
      { end_code: 'displaced' },
      { job_id: rival, price_micro: 90n },
    ]);
    expect((await ann.heap.job(id).get()).tasks.leased).toBe(0);
  });

  test('the price of the next term is the next round’s: the job goes on in its slot as a new lease', async () => {
    const id = await holder();
    await offered(70n);
    await endTerm();
    await until('the decision', (rows) => rows[0]?.leaving_code === 'repriced');
    for (const task of held.splice(0)) answer(task);
    const rows = await until('the new lease', active(id));
    expect(rows).toMatchObject([
      { job_id: id, state: 'ENDED', end_code: 'repriced', price_micro: 50n },
      { job_id: id, state: 'ACTIVE', price_micro: 70n, slot_no: 0 },
    ]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['its owner asks for more than the order pays', () => offered(91n), 'price_above_maximum'],
    ['its owner refuses the buyer', () => owner.heap.setRules({ denyBuyers: [ann.person_id] }), 'owner_rules'],
    ['its developer blocks the node', () => ann.heap.setLimits({ notNodes: [node.node_id] }), 'order_rules'],
  ])('where %s it finishes what is out and is over', async (_, change, code) => {
    const id = await holder();
    await change();
    await endTerm();
    await until('the decision', (rows) => rows[0]?.leaving_code === code);
    for (const task of held.splice(0)) answer(task);
    const [over, ...others] = await until('the end', (rows) => rows[0]?.state === 'ENDED');
    expect([over?.end_code, others]).toEqual([code, []]);
    expect((await ann.heap.job(id).get()).tasks).toMatchObject({ leased: 0, failed: 0 });
    await owner.heap.setRules({ denyBuyers: [] });
    await ann.heap.setLimits({ notNodes: [] });
  });
});

describe('who won a slot and waits for it', () => {
  test('holds no second one meanwhile, and gets nothing where its job is over', async () => {
    const id = await holder({ preemption_notice_ms: 600_000 });
    const rival = await job(bob, 95);
    await waiting(rival);
    await endTerm();
    await until('the notice', (rows) => rows[0]?.next_job_id === rival);
    const other = await FakeNode.enrol(broker, owner);
    const spare = await other.online();
    await sleep(300);
    expect(await broker.sql('SELECT 1 FROM lease WHERE node_id = $1', [other.node_id])).toEqual([]);
    spare.send('bye', { code: 'test_over' });
    await spare.closed;
    await bob.heap.job(rival).cancel();
    for (const task of held.splice(0)) answer(task);
    const rows = await until('the slot to be the holder’s again', (all) => all[0]?.state === 'ENDED' && active(id)(all));
    expect(rows.map((l) => [l.job_id, l.end_code])).toEqual([
      [id, 'displaced'],
      [id, null],
    ]);
  });

  test('does not get it where the owner takes the device back; what was finished is paid, the rest is first in line', async () => {
    const id = await holder({ preemption_notice_ms: 600_000 });
    const rival = await job(bob, 95);
    await waiting(rival);
    await endTerm();
    await until('the notice', (rows) => rows[0]?.next_job_id === rival);
    const [one, ...rest] = held.splice(0);
    const [lease] = await leases();
    if (one) answer(one);
    session.send('yield', {
      lease_id: lease?.id ?? '',
      epoch: lease?.epoch ?? 0,
      notice_ms: 0,
      reason: { code: 'in_use', sentence: 'Its owner uses it.' },
    });
    session.send('offer', {
      slots: [],
      speed_fuel_per_ms: 100_000,
      available: false,
      reason: { code: 'in_use', sentence: 'Its owner uses it.' },
    });
    const rows = await until('the end', (all) => all.every((l) => l.state === 'ENDED'));
    expect(rows).toMatchObject([{ job_id: id, end_code: 'in_use', end_sentence: 'Its owner uses it.' }]);
    const { tasks, charged_micro } = await ann.heap.job(id).get();
    expect([tasks.done, tasks.leased, tasks.queued, charged_micro]).toEqual([1, 0, 7, 50n]);
    const [next] = await broker.sql<{ index: number }>("SELECT min(index) AS index FROM task WHERE job_id = $1 AND state = 'QUEUED'", [id]);
    expect(next?.index).toBe(Math.min(...rest.map((task) => task.index)));
  });
});

describe('within a term', () => {
  test('its owner may have the device back at any time: what is finished is paid, the rest is first in line and next elsewhere', async () => {
    const id = await holder({ max_attempts: 1 });
    const [lease] = await leases();
    const [first, ...rest] = held.splice(0);
    if (first) answer(first);
    await session.next('results.ack');
    // In the middle of its term: firm or not, nobody asks its developer.
    expect(lease?.left_ms).toBeGreaterThan(60_000);
    const reason = { code: 'in_use', sentence: 'Its owner uses it.' };
    session.send('yield', { lease_id: lease?.id ?? '', epoch: lease?.epoch ?? 0, notice_ms: 0, reason });
    session.send('offer', { slots: [], speed_fuel_per_ms: 100_000, available: false, reason });
    expect(await until('the end', (all) => all.every((l) => l.state === 'ENDED'))).toMatchObject([{ job_id: id, end_code: 'in_use' }]);
    const { tasks, charged_micro } = await ann.heap.job(id).get();
    expect([tasks.done, tasks.leased, tasks.queued, tasks.failed, charged_micro]).toEqual([1, 0, 7, 0, 50n]);
    const elsewhere = await (await FakeNode.enrol(broker, owner)).online();
    const [next] = await elsewhere.tasks();
    // No attempt was used up, and what was out comes before what never was.
    expect(next?.index).toBe(Math.min(...rest.map((task) => task.index)));
    elsewhere.send('bye', { code: 'test_over' });
    await elsewhere.closed;
  });

  test('whoever ends it first, the event or the sweep, says the same of a job that was cancelled', async () => {
    const id = await holder();
    const get = <T>(type: new (...args: never[]) => T): T => broker.app.get(type, { strict: false });
    // As a cancellation writes it, and nobody is told.
    await get(Transactions).run(async (tx) => {
      await get(OrdersStore).endEarly(tx, id, 'CANCELLED', { code: 'cancelled_by_developer', sentence: 'Its developer cancelled it.' });
      await get(MoneyService).resolveHold(tx, id);
    });
    await sweep();
    expect(await until('the end', (all) => all.every((l) => l.state === 'ENDED'))).toMatchObject([
      { job_id: id, end_code: 'job_cancelled' },
    ]);
  });

  test('a higher bid changes nothing before the term is over, and one a tick higher is enough after it', async () => {
    const id = await holder();
    const rival = await job(bob, 91);
    await waiting(rival);
    await pass(TERM_MS / 2);
    await sweep();
    expect(await leases()).toMatchObject([{ job_id: id, state: 'ACTIVE', leaving_code: null, price_micro: 50n }]);
    await pass(TERM_MS / 2);
    await sweep();
    expect((await until('the change of hands', active(rival)))[1]).toMatchObject({ job_id: rival, price_micro: 90n });
  });
});

test('a leader whose epoch is over changes nothing: the whole round fails', async () => {
  const lead = broker.app.get(LeadStore, { strict: false });
  const receipts = broker.app.get(ReceiptsService, { strict: false });
  const transactions = broker.app.get(Transactions, { strict: false });
  // A market of its own, in which nothing else goes on.
  const old = await lead.takeLead('work:large');
  const book = { offers: [], orders: [], resting: [] };
  const write = (epoch: bigint, number: bigint, held_before: boolean) =>
    transactions.run(async (tx) => {
      await tx.query('INSERT INTO blob (hash, bytes) VALUES ($1, 1)', [`round ${number}`]);
      if (held_before) await lead.hold(tx, 'work:large', epoch);
      await receipts.write(tx, 'work:large', epoch, { book, clearing: clear({ offers: [], orders: [] }) });
    });
  await write(old, 1n, true);
  const now = await lead.takeLead('work:large');
  expect(now).toBe(old + 1n);
  await expect(write(old, 2n, true)).rejects.toMatchObject({ code: 'lead_lost' });
  await expect(write(old, 2n, false)).rejects.toMatchObject({ code: 'lead_lost' });
  await write(now, 2n, true);
  const rows = await broker.sql("SELECT number, leader_epoch FROM round WHERE market = 'work:large' ORDER BY number");
  expect(rows).toEqual([
    { number: 1n, leader_epoch: old },
    { number: 2n, leader_epoch: now },
  ]);
  expect(await broker.sql("SELECT hash FROM blob WHERE hash LIKE 'round %' ORDER BY hash")).toEqual([
    { hash: 'round 1' },
    { hash: 'round 2' },
  ]);
});
