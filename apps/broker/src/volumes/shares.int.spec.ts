import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { EncodedSegment } from '#erasure';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import {
  announce,
  begin,
  bring,
  encoded,
  eventually,
  fetchPiece,
  someBytes,
  stored,
  volumeOf,
  volumeView,
} from '../../../../test/support/volumes.js';

const MIB = 1024 * 1024;
let broker: TestBroker;
let ann: TestPerson;
let bob: TestPerson;
let keepers: PieceKeeper[];
const volumes = new Map<TestPerson, string>();

beforeAll(async () => {
  broker = await startBroker({
    ...{ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_LOG_LEVEL: 'fatal', HEAP_PIECE_TRANSFER_MS: '20000' },
    ...{ HEAP_RELAY_BYTES: String(64 * MIB), HEAP_RELAY_WAIT_MS: '100' },
  });
  keepers = [];
  for (let i = 0; i < 10; i++) keepers.push(await PieceKeeper.join(broker));
  [ann, bob] = [await broker.person({ funds_micro: 50_000_000n }), await broker.person({ funds_micro: 50_000_000n })];
  for (const person of [ann, bob]) {
    const id = await volumeOf(person);
    volumes.set(person, id);
    await eventually(
      'ten devices',
      broker,
      () => volumeView(person, id),
      ({ state, devices }) => state === 'READY' && devices.independent === 10,
    );
  }
});
afterAll(async () => {
  for (const keeper of keepers ?? []) await keeper.vanish();
  await broker?.close();
});
const deaf = (are: boolean) => {
  for (const keeper of keepers) keeper.deaf = are;
};
const spoolEmpty = () =>
  eventually(
    'the spool is empty',
    broker,
    () => broker.sql('SELECT 1 FROM relay_item'),
    ({ length }) => length === 0,
  );
const volume = (person: TestPerson): string => volumes.get(person) ?? '';
/** Of which a piece has 5.3 MiB. */
async function large(): Promise<EncodedSegment> {
  const [segment] = await encoded(someBytes(16 * MIB - 64 * 1024));
  if (!segment) throw new Error('no segment');
  return segment;
}
const codeOf = async (answer: Response) => [answer.status, answer.ok ? null : ((await answer.json()) as { code: string }).code];

test('one person fills half of the spool and no more, bringing or reading: others find room', async () => {
  const segment = await large();
  const file_id = await stored(broker, ann, volume(ann), [segment]);
  const of_bob = await stored(broker, bob, volume(bob), await encoded(someBytes(9_000)));
  await spoolEmpty();
  deaf(true);
  // Six fit into 32 MiB; of the seventh nothing is asked for.
  const stalled = [3, 4, 5, 6, 7, 8].map((index) => fetchPiece(broker.url, ann, file_id, 0, index));
  const opened = () => broker.sql("SELECT 1 FROM piece_transfer WHERE state = 'OPEN' AND kind = 'GET'");
  await until('they are asked for', 30_000, async () => ((await opened()).length === 6 ? true : undefined));
  expect(await codeOf(await fetchPiece(broker.url, ann, file_id, 0, 9))).toEqual([503, 'relay_full']);
  const theirs = fetchPiece(broker.url, bob, of_bob, 0, 9);
  await until('the other’s is asked for', 30_000, async () => ((await opened()).length === 7 ? true : undefined));
  await broker.sql("UPDATE piece_transfer SET state = 'FAILED', ended_at = now() WHERE state = 'OPEN'");
  for (const answer of await Promise.all([...stalled, theirs])) expect(await codeOf(answer)).toEqual([503, 'piece_unavailable']);

  const next = await begin(ann, volume(ann));
  await announce(ann, next, segment);
  for (let index = 0; index < 6; index++)
    expect((await bring(broker.url, ann, next, 0, index, segment.pieces[index] as Uint8Array)).status).toBe(204);
  expect(await codeOf(await bring(broker.url, ann, next, 0, 6, segment.pieces[6] as Uint8Array))).toEqual([503, 'relay_full']);
  const other = await begin(bob, volume(bob));
  await announce(bob, other, segment);
  expect((await bring(broker.url, bob, other, 0, 6, segment.pieces[6] as Uint8Array)).status).toBe(204);
  deaf(false);
  await eventually(
    'there is room',
    broker,
    () => bring(broker.url, ann, next, 0, 6, segment.pieces[6] as Uint8Array),
    ({ status }) => status === 204,
  );
});

test('a device brings a piece once, and once more where that hangs: what lies in the spool does not grow with its connections', async () => {
  const segment = await large();
  const file_id = await stored(broker, bob, volume(bob), [segment]);
  // A file is stored before its last pieces are with their devices, and what lies in the spool is read from there.
  await spoolEmpty();
  deaf(true);
  const read = fetchPiece(broker.url, bob, file_id, 0, 9);
  const transfer = await until('it is asked for', 30_000, async () => {
    const rows = await broker.sql<{ id: string; node_id: string }>(
      "SELECT id, node_id FROM piece_transfer WHERE state = 'OPEN' AND kind = 'GET'",
    );
    return rows[0];
  });
  const keeper = keepers.find(({ id }) => id === transfer.node_id);
  const piece = Buffer.from(segment.pieces[9] as Uint8Array);
  const headers = {
    authorization: `Bearer ${keeper?.session.welcome?.token}`,
    'content-type': 'application/octet-stream',
    'content-length': piece.length,
  };
  /** Sends most of it, and then nothing. */
  const hang = () => {
    const request = http.request(`${broker.url}/v1/pieces/${transfer.id}`, { method: 'PUT', headers });
    request.on('error', () => {});
    request.write(piece.subarray(0, -1));
    return request;
  };
  const drafts = () => fs.readdirSync(path.join(broker.config.data_dir, 'relay')).filter((name) => name.startsWith(transfer.id)).length;
  const hanging = [hang(), hang()];
  await until('both are read', 30_000, async () => (drafts() === 2 ? true : undefined));
  const third = hang();
  const [answer] = (await once(third, 'response')) as [http.IncomingMessage];
  expect([answer.statusCode, drafts()]).toEqual([409, 2]);
  third.destroy();
  hanging[0]?.destroy();
  await until('one is gone', 30_000, async () => (drafts() === 1 ? true : undefined));
  // The room of what the other still brings was not given away with it.
  expect(await broker.sql('SELECT bytes FROM relay_item WHERE id = $1', [transfer.id])).toEqual([{ bytes: piece.length }]);
  hanging[1]?.end(piece.subarray(-1));
  expect(Buffer.from(await (await read).arrayBuffer()).equals(piece)).toBe(true);
  deaf(false);
});
