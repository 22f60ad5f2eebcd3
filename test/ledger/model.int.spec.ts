import { randomUUID } from 'node:crypto';
import { Database } from '#database';
import { deposit } from '#ledger';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
import { LedgerStore } from '../../apps/broker/src/money/ledger.store.js';
import { EventBus } from '../../apps/broker/src/platform/bus/event-bus.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { runModel } from './model-commands.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await freshDatabase();
  database = new Database({ url: server.url, max: 8, role: 'openheaps_app' });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

// A slice of `npm run test:soak`.
test('the ledger does what its model does, and its invariants hold', async () => {
  let operations = 0;
  for (let seed = 1; seed <= 12; seed++) operations += await runModel(database, seed, 20, 40);
  expect(operations).toBeGreaterThan(1_500);
  for (const [invariant, sql] of Object.entries(JOURNAL_FINDINGS))
    expect({ invariant, findings: (await database.query(sql)).rows }).toEqual({ invariant, findings: [] });
});

test('of a batch whose first and last journals are known, only those between move money', async () => {
  const ledger = new LedgerStore(database, new EventBus());
  const [ada, bea] = [randomUUID(), randomUUID()];
  const draft = (developer: string, amount: bigint) => deposit({ deposit_id: randomUUID(), developer, amount });
  const [first, second, third, last] = [draft(ada, 5n), draft(bea, 7n), draft(ada, 11n), draft(bea, 13n)];
  const post = (drafts: (typeof first)[]) => database.inTransaction((tx) => ledger.post(tx, 'usd', drafts));
  expect([...(await post([first, last]))].toSorted()).toEqual([first.key, last.key].toSorted());
  expect([...(await post([first, second, third, last]))].toSorted()).toEqual([second.key, third.key].toSorted());
  expect([...(await post([last, first]))]).toEqual([]);
  const available = async (person: string) => (await ledger.balances('usd', person)).get(2000);
  expect([await available(ada), await available(bea)]).toEqual([-16n, -20n]);
  for (const [invariant, sql] of Object.entries(JOURNAL_FINDINGS))
    expect({ invariant, findings: (await database.query(sql)).rows }).toEqual({ invariant, findings: [] });
});
