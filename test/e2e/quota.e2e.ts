import fs from 'node:fs';
import { startAgain, startTestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { PieceKeeper } from '../support/piece-keeper.js';
import { encoded, eventually, keptVolume, someBytes, stored } from '../support/volumes.js';

const GB = 1_000_000_000;

let broker: TestBroker;
let dev: TestPerson;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker({ HEAP_VOLUMES_LOOK_MS: '600000' });
  [dev, owner] = [await broker.person({ funds_micro: 50_000_000n }), await broker.person({ funds_micro: 0n })];
});
afterAll(() => broker?.close());

test('an owner who allots less keeps pieces until they are elsewhere, and then they go from the disk', async () => {
  const { keepers, volume } = await keptVolume(broker, dev, 9);
  const storage = (bytes: number) => [{ storage_class: 'standard' as const, bytes, reserve_price_micro: 4_000n }];
  const before = await startTestAgent(broker, owner, { kept: { standing: [], storage: storage(10 * GB) } });
  const files: string[] = [];
  const of = (node_id: string) =>
    broker.sql<{ id: string; state: string; deleted: boolean }>(
      'SELECT id, state, deleted_at IS NOT NULL AS deleted FROM volume_piece WHERE node_id = $1 ORDER BY id',
      [node_id],
    );
  const onDisk = (ids: readonly string[]) => {
    const names = fs.readdirSync(before.dir, { recursive: true }).map(String);
    return ids.filter((id) => names.some((name) => name.includes(id)));
  };
  await eventually(
    'the agent leases',
    broker,
    () =>
      broker.sql(
        "SELECT 1 FROM kept_lease l JOIN node_storage s ON s.node_id = l.node_id AND s.said_at IS NOT NULL WHERE l.node_id = $1 AND l.state = 'ACTIVE'",
        [before.node_id],
      ),
    ({ length }) => length === 1,
  );
  files.push(await stored(broker, dev, volume, await encoded(someBytes(30_000))));
  const held = await eventually(
    'it keeps a piece',
    broker,
    () => of(before.node_id),
    (rows) => rows.length > 0 && rows.every(({ state }) => state === 'STORED'),
  );
  const ids = held.map(({ id }) => id);
  expect(onDisk(ids)).toEqual(ids);

  // The same device with less, and nobody else has room: nothing goes.
  await before.stop();
  const agent = await startAgain(broker, before, { standing: [], storage: [] });
  await eventually(
    'they are to leave',
    broker,
    () => of(agent.node_id),
    (rows) => rows.every(({ state }) => state === 'LEAVING'),
  );
  expect(onDisk(ids)).toEqual(ids);
  expect((await dev.call('GET', `/v1/files/${files[0]}`)).body.page[0].pieces.filter((state: string) => state !== 'STORED')).toEqual([
    'LEAVING',
  ]);

  keepers.push(await PieceKeeper.join(broker));
  await eventually(
    'they are elsewhere',
    broker,
    () => of(agent.node_id),
    (rows) => rows.every(({ state, deleted }) => state === 'GONE' && deleted),
  );
  expect((await dev.call('GET', `/v1/files/${files[0]}`)).body.page[0].pieces).toEqual(Array(10).fill('STORED'));
  expect(onDisk(ids)).toEqual([]);
  await agent.stop();
  await before.close();
  for (const keeper of keepers) await keeper.vanish();
  expect(await broker.broken()).toEqual([]);
});
