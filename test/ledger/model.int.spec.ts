import { Database } from '#database';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
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
