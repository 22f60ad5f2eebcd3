import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Database } from './database.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await freshDatabase();
  database = new Database({ url: server.url, max: 3, application_name: 'lock test' });
});
afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const endConnections = () =>
  database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lock test' AND pid <> pg_backend_pid()");
const connectionsOut = () => database.pool.totalCount - database.pool.idleCount;

async function eventually(what: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !what(); i++) await sleep(10);
  expect(what()).toBe(true);
}

test('locks that are lost with their connection are told of once, and cost the pool no connection', async () => {
  let lost = 0;
  for (let round = 1; round <= 5; round++) {
    const session = await database.lockSession(() => {
      lost += 1;
    });
    expect(await session.tryLock(['lead', 'chair'])).toEqual(['lead', 'chair']);
    await endConnections();
    await eventually(() => lost === round);
    await session.release();
  }
  await sleep(50);
  expect(lost).toBe(5);
  expect(connectionsOut()).toBe(0);
});

test('each lock has one holder; who gives them back is not told that they were lost, and the next may have them', async () => {
  let lost = 0;
  const told = () => {
    lost += 1;
  };
  const [first, second] = [await database.lockSession(told), await database.lockSession(told)];
  expect(await first.tryLock(['a', 'b'])).toEqual(['a', 'b']);
  expect(await second.tryLock(['b', 'c'])).toEqual(['c']);
  await first.release();
  expect(await second.tryLock(['a', 'b'])).toEqual(['a', 'b']);
  await second.release();
  expect(lost).toBe(0);
  expect(connectionsOut()).toBe(0);
});

test('who listens hears every session of the database, until its connection is lost', async () => {
  const heard: string[] = [];
  let lost = 0;
  const listener = await database.listen(
    'news',
    (text) => heard.push(text),
    () => {
      lost += 1;
    },
  );
  await database.query("SELECT pg_notify('news', t) FROM unnest($1::text[]) AS t", [['one', 'two']]);
  await database.query("SELECT pg_notify('other', 'three')");
  await eventually(() => heard.length === 2);
  expect(heard).toEqual(['one', 'two']);
  await endConnections();
  await eventually(() => lost === 1);
  listener.close();
  expect(connectionsOut()).toBe(0);
});
