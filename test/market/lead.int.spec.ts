import { setTimeout as sleep } from 'node:timers/promises';
import { LeadStore } from '../../apps/broker/src/auctions/lead.store.js';
import { MarketLeader } from '../../apps/broker/src/auctions/market-leader.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { startBroker, type TestBroker } from '../support/broker.js';

/** What a leader does who is not heard of, or does not hear. How a stopped process is succeeded is in `test/chaos/leader.chaos.ts`. */
let broker: TestBroker;
/** Leads no market, so that nobody takes part in what a test does by hand. */
let bystander: TestBroker;
let leader: MarketLeader;
let store: LeadStore;
const MARKET = 'work:small';

beforeAll(async () => {
  broker = await startBroker();
  bystander = await startBroker({ HEAP_ROLES: 'api' });
  leader = broker.app.get(MarketLeader, { strict: false });
  store = broker.app.get(LeadStore, { strict: false });
});
afterAll(async () => {
  await broker?.close();
  await bystander?.close();
});

async function led(beyond: bigint): Promise<bigint> {
  for (let i = 0; i < 2_000 && (leader.epochOf(MARKET) ?? -1n) <= beyond; i++) await sleep(20);
  expect(leader.epochOf(MARKET)).toBeGreaterThan(beyond);
  return leader.epochOf(MARKET) ?? -1n;
}

test('a leader is heard of, so that nobody may succeed it; one that is not is named to a single successor', async () => {
  await led(0n);
  expect(await store.silent([MARKET])).toEqual([]);
  const apart = bystander.app.get(LeadStore, { strict: false });
  await apart.takeLead('storage:cold');
  expect(await apart.silent(['storage:cold'])).toEqual([]);
  await bystander.sql("UPDATE market_beat SET seen_at = seen_at - interval '3 s' WHERE market = 'storage:cold'");
  const named = await Promise.all([1, 2, 3].map(() => apart.silent(['storage:cold'])));
  expect(named.flat()).toEqual(['storage:cold']);
});

test('whose epoch is over hears it with the next beat, lets go of its locks, and may stand again', async () => {
  const before = await led(0n);
  const other = await store.takeLead(MARKET);
  expect(other).toBe(before + 1n);
  expect(await led(other)).toBe(other + 1n);
});

test('a connection that says nothing any more costs the lead, and a new one brings it back', async () => {
  const before = await led(0n);
  // The beat waits behind this for longer than a leader waits for its answer, as it does for a server that is gone without a word.
  const [held] = await broker.sql<{ pid: number }>(
    `SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32) + l.objid::bigint = hashtextextended('market ' || $1, 0)`,
    [MARKET],
  );
  const transactions = broker.app.get(Transactions, { strict: false });
  const after = await transactions.run(async (tx) => {
    await tx.query('SELECT 1 FROM market_beat WHERE market = $1 FOR UPDATE', [MARKET]);
    for (let i = 0; i < 2_000 && leader.epochOf(MARKET) !== null; i++) await sleep(20);
    return leader.epochOf(MARKET);
  });
  expect(after).toBeNull();
  await led(before);
  const gone = async () => (await broker.sql('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [held?.pid])).length === 0;
  for (let i = 0; i < 2_000 && !(await gone()); i++) await sleep(20);
  expect(await gone()).toBe(true);
});

test('a round that its process does not go on with lets go of the market', async () => {
  const transactions = bystander.app.get(Transactions, { strict: false });
  const apart = bystander.app.get(LeadStore, { strict: false });
  const epoch = await apart.takeLead('storage:standard');
  let successor: Promise<bigint> | undefined;
  const round = transactions.run(async (tx) => {
    await apart.hold(tx, 'storage:standard', epoch);
    // Stands still until somebody else has the market.
    successor = apart.takeLead('storage:standard');
    await successor;
    await tx.query('SELECT 1');
  });
  await expect(round).rejects.toThrow();
  expect(await successor).toBe(epoch + 1n);
});
