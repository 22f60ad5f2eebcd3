import { setTimeout as sleep } from 'node:timers/promises';
import type { Offer } from '#auction';
import { LeadStore } from '../../apps/broker/src/auctions/lead.store.js';
import { MarketLeader } from '../../apps/broker/src/auctions/market-leader.js';
import { RoundsService } from '../../apps/broker/src/auctions/rounds.service.js';
import { SupplyService } from '../../apps/broker/src/auctions/supply.service.js';
import { SupplyStore } from '../../apps/broker/src/auctions/supply.store.js';
import type { SupplyBook } from '../../apps/broker/src/auctions/supply-book.js';
import { EventBus } from '../../apps/broker/src/platform/bus/event-bus.js';
import { EventsMissed } from '../../apps/broker/src/platform/bus/relay.events.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

/*
 * The order book that rounds keep in memory, held against what the database says: after every kind of change, after changes of which no event came,
 * and after the lead was somebody else's. How often it is read whole is counted, as a book that is read anew each time is always right.
 */
let broker: TestBroker;
let dev: TestPerson;
let rival: TestPerson;
let owner: TestPerson;
let module_hash: string;
let store: SupplyStore;
let book: SupplyBook;
let wholes = 0;
const nodes: FakeNode[] = [];
const sessions: FakeSession[] = [];
const node = (n: number): FakeNode => nodes[n] as FakeNode;
const session = (n: number): FakeSession => sessions[n] as FakeSession;
const service = <T>(type: new (...args: never[]) => T): T => broker.app.get<T>(type as never, { strict: false });

beforeAll(async () => {
  broker = await startBroker({ HEAP_ROUND_INTERVAL_MS: '20' });
  [dev, rival, owner] = [await broker.person(), await broker.person(), await broker.person({ funds_micro: 0n })];
  module_hash = await echoModule(broker, dev);
  await echoModule(broker, rival);
  store = service(SupplyStore);
  book = (service(SupplyService) as unknown as { rounds: Map<string, SupplyBook> }).rounds.get('micro') as SupplyBook;
  const read = store.read.bind(store);
  store.read = (slot_class, some, ending, db) => {
    if (some === null && db !== undefined) wholes += 1;
    return read(slot_class, some, ending, db);
  };
  for (const price of [50n, 60n, 70n]) await add(price);
  // An order that nobody serves keeps rounds going: with nothing wanted none is held.
  await placed(dev, module_hash, { max_price_micro: '1', inputs: [inline('never')] });
  await right();
});
afterAll(async () => {
  for (const one of sessions) one.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((one) => one.closed));
  await broker?.close();
});
beforeEach(() => {
  wholes = 0;
});

async function add(price_micro: bigint): Promise<void> {
  const one = await FakeNode.enrol(broker, owner);
  nodes.push(one);
  sessions.push(await one.online({ script: () => null, slots: 1, price_micro }));
}

const round = () => service(RoundsService).round('work:micro');
const byId = (offers: readonly Offer[]) => [...offers].sort((a, b) => (a.id < b.id ? -1 : 1));
const truth = async () => byId(await store.read('micro', null, []));
/** Without the rounds of others in between: what one more round holds is what the database says. */
async function same(): Promise<boolean> {
  await round();
  const there = await truth();
  return JSON.stringify(byId(book.index.offers), text) === JSON.stringify(there, text);
}
const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
async function right(): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await same()) break;
    await sleep(20);
  }
  expect(byId(book.index.offers)).toEqual(await truth());
}
/** Waits until the database says it, then for the book to say the same. */
async function until(holds: (offers: Offer[]) => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !holds(await truth()); i++) await sleep(20);
  expect(holds(await truth())).toBe(true);
  await right();
}
const of = (n: number) => (offers: readonly Offer[]) => offers.find((offer) => offer.id === node(n).node_id);

describe('what is told of', () => {
  test('an offer that changes', async () => {
    session(0).offer(2, 'micro', 55n);
    await until((offers) => of(0)(offers)?.slots === 2 && of(0)(offers)?.reserve_price === 55n);
    expect(wholes).toBe(0);
  });

  test('an offer that is added, and one that is withdrawn', async () => {
    await add(80n);
    await until((offers) => offers.length === 4);
    session(3).offer(0, 'micro', 80n);
    await until((offers) => offers.length === 3);
    session(3).offer(1, 'micro', 80n);
    await until((offers) => offers.length === 4);
    expect(wholes).toBe(0);
  });

  test('where a device is, what its owner asks by the hour, and whom its owner admits', async () => {
    await owner.heap.setOffer(node(1).node_id, { region: 'fr' });
    await until((offers) => of(1)(offers)?.attributes.region === 'fr');
    await owner.heap.setRules({ denyBuyers: [rival.person_id] });
    await until((offers) => offers.every((offer) => offer.rules?.deny_buyers?.includes(rival.person_id)));
    await owner.heap.setRules({ denyBuyers: [] });
    await until((offers) => offers.every((offer) => !offer.rules?.deny_buyers));
    expect(wholes).toBe(0);
  });

  test('a new order takes a slot, and its end gives it back', async () => {
    const { id } = await placed(dev, module_hash, { slots: 1, inputs: [inline('a')] });
    await until((offers) => of(0)(offers)?.slots === 1 && of(0)(offers)?.leased_until_ms !== undefined);
    await dev.heap.job(id).cancel();
    await until((offers) => of(0)(offers)?.slots === 2 && of(0)(offers)?.leased_until_ms === undefined);
    expect(wholes).toBe(0);
  });

  test('a device that goes away, and one that its owner takes out', async () => {
    await add(90n);
    await until((offers) => offers.length === 5);
    await session(4).vanish();
    await until((offers) => offers.length === 4);
    await add(90n);
    await until((offers) => offers.length === 5);
    expect((await owner.call('DELETE', `/v1/nodes/${node(5).node_id}`)).status).toBe(204);
    await until((offers) => offers.length === 4);
    expect(wholes).toBe(0);
  });
});

describe('what nobody told of', () => {
  /** Changes offers as nobody is told of it. */
  const quietly = (sql: string, n: number) => broker.sql(sql, [node(n).node_id]);
  const priceOf = async (id: string) =>
    (await broker.sql<{ price_micro: bigint; node_id: string }>('SELECT price_micro, node_id FROM lease WHERE job_id = $1', [id]))[0];
  async function leaseOf(id: string): Promise<{ price_micro: bigint; node_id: string }> {
    for (let i = 0; i < 500; i++) {
      const lease = await priceOf(id);
      if (lease) return lease;
      await sleep(20);
    }
    throw new Error('no lease within 10 s');
  }

  test.each<[string, string, string]>([
    [
      'became dearer',
      'UPDATE offer SET reserve_price_micro = 900 WHERE node_id = $1',
      'UPDATE offer SET reserve_price_micro = 55 WHERE node_id = $1',
    ],
    ['was withdrawn', 'UPDATE offer SET available = false WHERE node_id = $1', 'UPDATE offer SET available = true WHERE node_id = $1'],
    ['lost its connection', "UPDATE node SET state = 'DISCONNECTED' WHERE id = $1", "UPDATE node SET state = 'ONLINE' WHERE id = $1"],
    ['has fewer slots', 'UPDATE offer SET slots = 0 WHERE node_id = $1', 'UPDATE offer SET slots = 2 WHERE node_id = $1'],
  ])('an offer that %s is not sold as it was: the next cheapest is, at its price', async (_, change, back) => {
    await quietly(change, 0);
    const { id } = await placed(dev, module_hash, { slots: 1, inputs: [inline('b')] });
    expect(await leaseOf(id)).toMatchObject({ node_id: node(1).node_id, price_micro: 60n });
    await dev.heap.job(id).cancel();
    await quietly(back, 0);
    service(EventBus).publish(EventsMissed, {});
    await right();
  });

  test('an owner who now refuses the buyer is not sold to them', async () => {
    await broker.sql('UPDATE owner_rules SET deny_buyers = ARRAY[$2::uuid] WHERE owner_id = $1', [owner.person_id, rival.person_id]);
    const { id } = await placed(rival, module_hash, { slots: 1, inputs: [inline('c')] });
    for (let i = 0; i < 2_000 && (await rival.heap.job(id).get()).reason.code !== 'buyer_blocked'; i++) await sleep(20);
    expect((await rival.heap.job(id).get()).reason.code).toBe('buyer_blocked');
    expect(await priceOf(id)).toBeUndefined();
    await rival.heap.job(id).cancel();
    await owner.heap.setRules({ denyBuyers: [] });
    await right();
  });

  test('what the leases say wins over the book: where both are wrong the round changes nothing and is held again', async () => {
    // As if another process had leased the slots while this round was cleared: the last guard stands before the lease.
    const read = store.read.bind(store);
    let lies = 2;
    store.read = async (slot_class, some, ending, db) => {
      const offers = await read(slot_class, some, ending, db);
      if (db === undefined || lies-- <= 0) return offers;
      return offers.map((offer) => (offer.id === node(0).node_id ? { ...offer, slots: 3 } : offer));
    };
    service(EventBus).publish(EventsMissed, {});
    const { id } = await placed(dev, module_hash, { slots: 3, inputs: ['d', 'e', 'f'].map(inline) });
    for (let i = 0; i < 2_000 && (await dev.heap.job(id).get()).reason.code !== 'running'; i++) await sleep(20);
    store.read = read;
    const leases = await broker.sql<{ node_id: string; n: number }>(
      'SELECT node_id, count(*)::int AS n FROM lease WHERE job_id = $1 GROUP BY 1 ORDER BY 2 DESC',
      [id],
    );
    expect(leases).toEqual([
      { node_id: node(0).node_id, n: 2 },
      { node_id: node(1).node_id, n: 1 },
    ]);
    await dev.heap.job(id).cancel();
    await until((offers) => of(0)(offers)?.slots === 2);
  });

  test('a change that is in nobody’s way is found by the sweep', async () => {
    await quietly('UPDATE offer SET reserve_price_micro = 65 WHERE node_id = $1', 2);
    expect(await same()).toBe(false);
    const at = book as unknown as { whole_at_ms: number };
    wholes = 0;
    at.whole_at_ms -= 31_000;
    expect(await same()).toBe(true);
    expect(wholes).toBe(1);
  });
});

test('after a while in which the process heard nothing, the whole book is read again', async () => {
  await broker.sql('UPDATE offer SET reserve_price_micro = 64 WHERE node_id = $1', [node(2).node_id]);
  expect(await same()).toBe(false);
  const [{ ended } = { ended: 0 }] = await broker.sql<{ ended: number }>(
    "SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );
  expect(ended).toBe(1);
  await right();
  expect(wholes).toBe(1);
});

test('who leads again has forgotten the book of before', async () => {
  await broker.sql('UPDATE offer SET reserve_price_micro = 66 WHERE node_id = $1', [node(2).node_id]);
  expect(await same()).toBe(false);
  // Another process led meanwhile: the rounds of the old epoch are refused, until this one stands for election again.
  await service(LeadStore).takeLead('work:micro');
  await expect(round()).rejects.toMatchObject({ code: 'lead_lost' });
  const leader = service(MarketLeader);
  const before = leader.epochOf('work:micro') ?? 0n;
  await broker.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  for (let i = 0; i < 2_000 && (leader.epochOf('work:micro') ?? 0n) <= before; i++) await sleep(20);
  expect(leader.epochOf('work:micro')).toBeGreaterThan(before);
  await right();
  expect(wholes).toBeGreaterThan(0);
});

test('a task that is done late in all this is still paid: the book has nothing to do with it', async () => {
  const { id } = await placed(dev, module_hash, { slots: 1, inputs: [inline('z')] });
  const task = await (async () => {
    for (;;) {
      const [one] = await session(0).tasks();
      if (one && one.lease.job_id === id) return one;
    }
  })();
  session(0).results(task, resultOf(task, 'z'));
  for (let i = 0; i < 2_000 && (await dev.heap.job(id).get()).state !== 'DONE'; i++) await sleep(20);
  expect((await dev.heap.job(id).get()).state).toBe('DONE');
  expect(await broker.broken()).toEqual([]);
});
