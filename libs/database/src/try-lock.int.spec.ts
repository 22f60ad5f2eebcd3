import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Database } from './database.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await freshDatabase();
  database = new Database({ url: server.url, max: 2, application_name: 'lock test' });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const endConnections = () =>
  database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lock test' AND pid <> pg_backend_pid()");

test('a lock that is lost with its connection is told of once, and costs the pool no connection', async () => {
  let lost = 0;
  for (let round = 1; round <= 5; round++) {
    const lock = await database.tryLock('lead', () => {
      lost += 1;
    });
    expect(lock).not.toBeNull();
    await endConnections();
    for (let i = 0; i < 200 && lost < round; i++) await sleep(10);
    expect(lost).toBe(round);
    await lock?.release();
  }
  await sleep(50);
  expect(lost).toBe(5);
  expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
});

test('who gives a lock back is not told that it was lost, and the next may have it', async () => {
  let lost = 0;
  const first = await database.tryLock('chair', () => {
    lost += 1;
  });
  expect(await database.tryLock('chair', () => {})).toBeNull();
  await first?.release();
  const second = await database.tryLock('chair', () => {});
  expect(second).not.toBeNull();
  await second?.release();
  expect(lost).toBe(0);
});
