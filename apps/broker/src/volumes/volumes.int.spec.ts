import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import type { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import {
  announce,
  begin,
  bring,
  encoded,
  eventually,
  fetchPiece,
  keptVolume,
  someBytes,
  stored,
  volumeView,
} from '../../../../test/support/volumes.js';

let broker: TestBroker;
let ann: TestPerson;
let keepers: PieceKeeper[];
let volume: string;

beforeAll(async () => {
  broker = await startBroker({ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_HOLDBACK_SECONDS: '0', HEAP_LOG_LEVEL: 'error' });
  ann = await broker.person({ funds_micro: 50_000_000n });
  ({ keepers, volume } = await keptVolume(broker, ann));
});
afterAll(async () => {
  for (const keeper of keepers ?? []) await keeper.vanish();
  await broker?.close();
});
afterEach(async () => expect(await broker.broken()).toEqual([]));

const holders = (): number => keepers.filter(({ pieces }) => pieces.size > 0).length;

test('a volume asks for a fifth more owners than it has pieces, and is ready where there are no more than these', async () => {
  const view = await volumeView(ann, volume);
  expect(view).toMatchObject({
    ...{ state: 'READY', class: 'small', k: 3, n: 10, repair_at: 7, durable: false, gigabytes: 3 },
    reserved: { wanted: 12, leased: 10 },
    devices: { leased: 10, independent: 10, needed: 10, reserved: 12 },
  });
  const { leases } = (await ann.call('GET', `/v1/reservations/${view.reservation_id}`)).body;
  expect(leases.map((lease: { quantity: number }) => lease.quantity)).toEqual(Array(10).fill(1));
  expect(new Set(leases.map((lease: { node_id: string }) => lease.node_id)).size).toBe(10);
});

test('a file is stored on ten devices, comes back byte for byte, and nothing of it can be read where it lies', async () => {
  const canary = `canary ${randomUUID()}`;
  const segments = await encoded(Buffer.from(canary.repeat(2_000)));
  const file_id = await stored(broker, ann, volume, segments);
  expect(holders()).toBe(10);
  const file = (await ann.call('GET', `/v1/files/${file_id}`)).body;
  expect(file).toMatchObject({ state: 'STORED', segments: segments.length, reason: { code: 'stored' } });
  expect(file.page[0].pieces).toEqual(Array(10).fill('STORED'));
  for (const { ordinal, pieces } of segments)
    for (const index of [0, 4, 9]) {
      const answer = await fetchPiece(broker.url, ann, file_id, ordinal, index);
      expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(pieces[index] as Uint8Array)]).toEqual([200, true]);
    }
  // What is on the disks and in the database of the heap, and at the devices, is ciphertext.
  const files = fs.readdirSync(broker.config.data_dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) expect(fs.readFileSync(path.join(entry.parentPath, entry.name)).includes(canary)).toBe(false);
  for (const { pieces } of keepers) for (const { bytes } of pieces.values()) expect(bytes.includes(canary)).toBe(false);
  const tables = await broker.sql<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'");
  for (const { name } of tables) {
    const [row] = await broker.sql<{ found: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM "${name}" AS t WHERE t::text LIKE '%' || $1 || '%') AS found`,
      [canary],
    );
    expect([name, row?.found]).toEqual([name, false]);
  }
});

test('what the heap does not keep it asks the device for; wrong bytes, a wrong length and another descriptor are refused', async () => {
  const [segment] = await encoded(someBytes(40_000));
  if (!segment) throw new Error('no segment');
  const file_id = await begin(ann, volume);
  expect((await announce(ann, file_id, segment)).status).toBe(200);
  expect((await announce(ann, file_id, segment)).body.pieces).toEqual(Array(10).fill('PLANNED'));
  const other = { ...segment.descriptor, roots: [...segment.descriptor.roots].reverse() };
  expect((await announce(ann, file_id, { ...segment, descriptor: other })).status).toBe(409);
  const wrong = Buffer.from(segment.pieces[5] as Uint8Array);
  wrong[7] = (wrong[7] as number) ^ 1;
  const refused = await bring(broker.url, ann, file_id, 0, 5, wrong);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([422, 'root_differs']);
  expect((await bring(broker.url, ann, file_id, 0, 5, wrong.subarray(1))).status).toBe(400);
  expect(fs.readdirSync(path.join(broker.config.data_dir, 'relay'))).toEqual([]);
  expect(await broker.sql('SELECT id FROM relay_item')).toEqual([]);
  const bob = await broker.person();
  expect((await bring(broker.url, bob, file_id, 0, 5, segment.pieces[5] as Uint8Array)).status).toBe(404);
});

test('an upload that broke off goes on where it was, through another process', async () => {
  const other = await startProcess(broker, { HEAP_ROLES: 'api' });
  const segments = await encoded(someBytes(70_000));
  const [segment] = segments;
  if (!segment) throw new Error('no segment');
  const file_id = await begin(ann, volume);
  await announce(ann, file_id, segment);
  for (const index of [0, 1, 2, 3])
    expect((await bring(broker.url, ann, file_id, 0, index, segment.pieces[index] as Uint8Array)).status).toBe(204);
  const { body: waits } = await ann.call('POST', `/v1/files/${file_id}/commit`, { segments: 1 });
  expect(waits).toMatchObject({ state: 'UPLOADING', reason: { code: 'awaits_pieces' } });
  const { page } = (await ann.call('GET', `/v1/files/${file_id}`)).body;
  const missing = page[0].pieces.flatMap((state: string, index: number) => (state === 'PLANNED' ? [index] : []));
  expect(missing).toEqual([4, 5, 6, 7, 8, 9]);
  for (const index of missing)
    expect((await bring(other.url, ann, file_id, 0, index, segment.pieces[index] as Uint8Array)).status).toBe(204);
  // Again, and to whoever has it, changes nothing.
  expect((await bring(other.url, ann, file_id, 0, 9, segment.pieces[9] as Uint8Array)).status).toBe(204);
  const committed = await ann.call('POST', `/v1/files/${file_id}/commit?wait_ms=15000`, { segments: 1 });
  expect(committed.body).toMatchObject({ state: 'STORED', segments: 1 });
  // And comes back through either.
  for (const url of [broker.url, other.url]) {
    const answer = await fetchPiece(url, ann, file_id, 0, 8);
    expect(Buffer.from(await answer.arrayBuffer()).equals(segment.pieces[8] as Uint8Array)).toBe(true);
  }
  await other.close();
});

test('a deleted file leaves a tombstone here and nothing at its devices', async () => {
  const file_id = await stored(broker, ann, volume, await encoded(someBytes(1)));
  const before = keepers.reduce((sum, { pieces }) => sum + pieces.size, 0);
  expect((await ann.call('DELETE', `/v1/files/${file_id}`)).body).toMatchObject({ state: 'DELETED', reason: { code: 'deleted' } });
  await eventually(
    'its pieces are gone',
    broker,
    async () => keepers.reduce((sum, { pieces }) => sum + pieces.size, 0),
    (now) => now === before - 10,
  );
  expect((await ann.call('GET', `/v1/files/${file_id}`)).body).toMatchObject({ state: 'DELETED', page: [] });
  expect((await fetchPiece(broker.url, ann, file_id, 0, 0)).status).toBe(404);
  expect(fs.existsSync(path.join(broker.config.data_dir, 'held', file_id))).toBe(false);
});
