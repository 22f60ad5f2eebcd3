import { type DirectoryWrite, newDirectory, sealDirectory, toVerify } from '#erasure';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
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
  volumeOf,
  volumeView,
} from '../../../../test/support/volumes.js';

let broker: TestBroker;
let ann: TestPerson;
let keepers: PieceKeeper[];
let volume: string;

beforeAll(async () => {
  broker = await startBroker({
    ...{ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_LOG_LEVEL: 'fatal', HEAP_PIECE_TRANSFER_MS: '3000' },
    ...{ HEAP_RELAY_BYTES: String(16 * 1024 * 1024), HEAP_RELAY_WAIT_MS: '200' },
  });
  ann = await broker.person({ funds_micro: 50_000_000n });
  ({ keepers, volume } = await keptVolume(broker, ann));
});
afterAll(async () => {
  for (const keeper of keepers ?? []) await keeper.vanish();
  await broker?.close();
});

const used = async () =>
  Number((await broker.sql<{ bytes: bigint }>('SELECT COALESCE(sum(bytes), 0)::bigint AS bytes FROM relay_item'))[0]?.bytes);

test('the spool has a bound: who brings more waits with it, is sent away, and comes back', async () => {
  const [segment] = await encoded(someBytes(16 * 1024 * 1024 - 64 * 1024));
  if (!segment) throw new Error('no segment');
  const file_id = await begin(ann, volume);
  await announce(ann, file_id, segment);
  for (const keeper of keepers) keeper.deaf = true;
  for (const index of [0, 1, 2])
    expect((await bring(broker.url, ann, file_id, segment.ordinal, index, segment.pieces[index] as Uint8Array)).status).toBe(204);
  const full = await bring(broker.url, ann, file_id, segment.ordinal, 3, segment.pieces[3] as Uint8Array);
  expect([full.status, ((await full.json()) as { code: string }).code, full.headers.get('retry-after')]).toEqual([503, 'relay_full', '1']);
  expect(await used()).toBeLessThanOrEqual(16 * 1024 * 1024);
  for (const keeper of keepers) keeper.deaf = false;
  await eventually('there is room', broker, used, (bytes) => bytes === 0);
  for (let index = 3; index < 10; index++)
    await eventually(
      `piece ${index} is taken`,
      broker,
      async () => (await bring(broker.url, ann, file_id, segment.ordinal, index, segment.pieces[index] as Uint8Array)).status,
      (status) => status === 204,
    );
  const done = await ann.call('POST', `/v1/files/${file_id}/commit?wait_ms=20000`, { segments: 1 });
  expect(done.body.state).toBe('STORED');
});

test('a piece of a device that is away is refused at once; of the first k of a small volume the heap has a copy', async () => {
  const segments = await encoded(someBytes(9_000));
  const file_id = await stored(broker, ann, volume, segments);
  for (const keeper of keepers) await keeper.vanish();
  await broker.sql("UPDATE node SET state = 'DISCONNECTED', last_seen_at = now()");
  const away = await fetchPiece(broker.url, ann, file_id, 0, 7);
  expect([away.status, ((await away.json()) as { code: string }).code]).toEqual([503, 'piece_unavailable']);
  for (const index of [0, 1, 2]) {
    const answer = await fetchPiece(broker.url, ann, file_id, 0, index);
    expect(Buffer.from(await answer.arrayBuffer()).equals(segments[0]?.pieces[index] as Uint8Array)).toBe(true);
  }
  for (const keeper of keepers) await keeper.connect();
  await eventually(
    'they are back',
    broker,
    async () => (await fetchPiece(broker.url, ann, file_id, 0, 7)).status,
    (status) => status === 200,
  );
});

test('a transfer belongs to one device', async () => {
  const [segment] = await encoded(someBytes(5_000));
  if (!segment) throw new Error('no segment');
  const file_id = await begin(ann, volume);
  await announce(ann, file_id, segment);
  for (const keeper of keepers) keeper.deaf = true;
  await bring(broker.url, ann, file_id, 0, 5, segment.pieces[5] as Uint8Array);
  const [transfer] = await broker.sql<{ id: string; node_id: string }>("SELECT id, node_id FROM piece_transfer WHERE state = 'OPEN'");
  const ask = (keeper: PieceKeeper | undefined) =>
    fetch(`${broker.url}/v1/pieces/${transfer?.id}`, { headers: { authorization: `Bearer ${keeper?.session.welcome?.token}` } });
  expect((await ask(keepers.find(({ id }) => id !== transfer?.node_id))).status).toBe(404);
  const answer = await ask(keepers.find(({ id }) => id === transfer?.node_id));
  expect(Buffer.from(await answer.arrayBuffer()).equals(segment.pieces[5] as Uint8Array)).toBe(true);
  for (const keeper of keepers) keeper.deaf = false;
});

test('a directory takes the version that follows, from whoever has its key, and no other', async () => {
  const write: DirectoryWrite = await newDirectory(volume);
  const { directory_id } = await toVerify(write);
  const sealed = async (version: number) => Buffer.from(await sealDirectory(write, new Map(), version)).toString('base64');
  const put = (version: number, text: string, id = directory_id) =>
    ann.call('PUT', `/v1/volumes/${volume}/directories/${id}`, { version, sealed: text });
  const first = await sealed(1);
  expect((await put(1, first)).body).toMatchObject({ directory_id, version: 1 });
  expect((await put(1, first)).status).toBe(200);
  expect((await put(1, await sealed(1))).status).toBe(409);
  expect((await put(3, await sealed(3))).status).toBe(409);
  expect((await put(2, first)).status).toBe(400);
  const second = await sealed(2);
  expect((await put(2, second, 'ab'.repeat(32))).body.code).toBe('directory.signature_wrong');
  expect((await put(2, second)).status).toBe(200);
  const bob = await broker.person();
  expect((await bob.call('GET', `/v1/directories/${directory_id}`)).body).toMatchObject({ version: 2, sealed: second });
  expect((await bob.call('PUT', `/v1/volumes/${volume}/directories/${directory_id}`, { version: 3, sealed: await sealed(3) })).status).toBe(
    404,
  );
});

test('the heap keeps no copy of what no device is paid to keep', async () => {
  const bob = await broker.person({ funds_micro: 50_000_000n });
  const cheap = await volumeOf(bob, { name: 'nobody sells at that', gigabytes: 1_000, max_price_micro: '1', hours: 1 });
  const [segment] = await encoded(someBytes(9_000));
  if (!segment) throw new Error('no segment');
  const file_id = await begin(bob, cheap);
  expect((await announce(bob, file_id, segment)).body).toMatchObject({ pieces: Array(10).fill('UNPLACED'), held: [0, 1, 2] });
  const free = await bring(broker.url, bob, file_id, 0, 0, segment.pieces[0] as Uint8Array);
  expect([free.status, ((await free.json()) as { code: string }).code]).toEqual([503, 'piece_unplaced']);
  expect(await broker.sql('SELECT 1 FROM held_piece WHERE file_id = $1', [file_id])).toEqual([]);
  expect((await fetchPiece(broker.url, bob, file_id, 0, 0)).status).toBe(503);
});

test('a volume takes what was bought and no more, in files and in directories; what is deleted has left room', async () => {
  const full = await begin(ann, volume);
  const roots = Array.from({ length: 10 }, (_, i) => i.toString(16).padStart(64, '0'));
  await broker.sql(
    'INSERT INTO volume_segment (file_id, ordinal, volume_id, data_bytes, piece_bytes, roots) VALUES ($1, 0, $2, 16, 999900000, $3)',
    [full, volume, roots],
  );
  const [segment] = await encoded(someBytes(300_000));
  if (!segment) throw new Error('no segment');
  const file_id = await begin(ann, volume);
  const refused = await announce(ann, file_id, segment);
  expect([refused.status, refused.body.code]).toEqual([409, 'volume_full.conflict']);
  await ann.call('DELETE', `/v1/files/${full}`);
  expect((await announce(ann, file_id, segment)).status).toBe(200);

  await broker.sql("INSERT INTO volume_directory (id, volume_id, version, sealed) VALUES ($1, $2, 1, repeat('A', 50331600))", [
    'ab'.repeat(32),
    volume,
  ]);
  const write = await newDirectory(volume);
  const { directory_id } = await toVerify(write);
  const sealed = Buffer.from(await sealDirectory(write, new Map(), 1)).toString('base64');
  const put = () => ann.call('PUT', `/v1/volumes/${volume}/directories/${directory_id}`, { version: 1, sealed });
  const more = await put();
  expect([more.status, more.body.code]).toEqual([409, 'directories_full.conflict']);
  await broker.sql('DELETE FROM volume_directory WHERE id = $1', ['ab'.repeat(32)]);
  expect((await put()).status).toBe(200);
});

test('a volume that is given up is over: its files go, its money returns, its leases end', async () => {
  const bob = await broker.person({ funds_micro: 50_000_000n });
  const other = await volumeOf(bob, { name: 'short', gigabytes: 1 });
  await eventually(
    'it is ready',
    broker,
    () => volumeView(bob, other),
    ({ state }) => state === 'READY',
  );
  const write = await newDirectory(other);
  const { directory_id } = await toVerify(write);
  const sealed = Buffer.from(await sealDirectory(write, new Map(), 1)).toString('base64');
  expect((await bob.call('PUT', `/v1/volumes/${other}/directories/${directory_id}`, { version: 1, sealed })).status).toBe(200);
  const file_id = await stored(broker, bob, other, await encoded(someBytes(2_000)));
  expect((await bob.call('DELETE', `/v1/volumes/${other}`)).body).toMatchObject({
    state: 'ENDED',
    reason: { code: 'deleted_by_developer' },
    files: 0,
  });
  expect((await bob.call('GET', `/v1/files/${file_id}`)).body.state).toBe('DELETED');
  expect((await bob.call('GET', `/v1/directories/${directory_id}`)).status).toBe(404);
  expect((await bob.call('POST', `/v1/volumes/${other}/files`, {}, { 'idempotency-key': 'x' })).status).toBe(409);
  expect(
    await broker.sql(
      "SELECT 1 FROM kept_lease l JOIN volume v ON v.reservation_id = l.reservation_id WHERE v.id = $1 AND l.state <> 'ENDED'",
      [other],
    ),
  ).toEqual([]);
  expect(await broker.broken()).toEqual([]);
});
