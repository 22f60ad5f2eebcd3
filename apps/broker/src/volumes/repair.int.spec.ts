import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import type { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import { encoded, eventually, fetchPiece, keptVolume, someBytes, stored, volumeView } from '../../../../test/support/volumes.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Relay } from './relay.js';
import { Repairs } from './repair.service.js';
import { RepairStore } from './repair.store.js';
import { SegmentsAtRisk } from './volumes.events.js';
import { VolumesProcessor } from './volumes.processor.js';

const PIECE_BYTES = 4_096;
/** Three are read and three made. */
const REPAIR_BYTES = 6 * PIECE_BYTES;
const BUDGET = 2 * REPAIR_BYTES + 1;

let broker: TestBroker;
let ann: TestPerson;
let keepers: PieceKeeper[];
let volume: string;
let repairs: Repairs;

beforeAll(async () => {
  broker = await startBroker({
    ...{ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_HOLDBACK_SECONDS: '0', HEAP_LOG_LEVEL: 'fatal', HEAP_REPAIRS_AT_ONCE: '5' },
    ...{ HEAP_REPAIR_BYTES_PER_DAY: String(BUDGET) },
  });
  ann = await broker.person({ funds_micro: 50_000_000n });
  ({ keepers, volume } = await keptVolume(broker, ann));
  repairs = broker.app.get(Repairs, { strict: false });
});
afterAll(async () => {
  for (const keeper of keepers ?? []) await keeper.vanish();
  await broker?.close();
});
const warn = Logger.prototype.warn;
/** What is warned of from now on. */
function warnings(): unknown[][] {
  const said: unknown[][] = [];
  Logger.prototype.warn = (...args: unknown[]) => said.push(args);
  return said;
}
beforeEach(async () => {
  // Only the test repairs: not the queue's own turn.
  await broker.app.get(VolumesProcessor, { strict: false }).worker.pause();
  await broker.sql('DELETE FROM repair_day');
});
afterEach(async () => {
  Logger.prototype.warn = warn;
  expect(await broker.broken()).toEqual([]);
});

const aFile = async () => stored(broker, ann, volume, await encoded(someBytes(3 * PIECE_BYTES - 34)));
/** The pieces from this index on are lost at their devices. */
async function lose(file_id: string, from: number): Promise<void> {
  await broker.sql("UPDATE volume_piece SET state = 'MISSING', code = 'given_up', lost_at = now() WHERE file_id = $1 AND index >= $2", [
    file_id,
    from,
  ]);
  await broker.sql('UPDATE volume_segment SET look_at = now() WHERE file_id = $1', [file_id]);
}
const there = async (file_id: string) =>
  (
    await broker.sql<{ n: number }>(
      "SELECT count(DISTINCT index)::int AS n FROM volume_piece WHERE file_id = $1 AND state IN ('SPOOLED', 'STORED', 'SUSPECT')",
      [file_id],
    )
  )[0]?.n;
const today = async () => Number((await broker.sql<{ bytes: bigint }>('SELECT bytes FROM repair_day'))[0]?.bytes ?? 0n);
const waiting = async () =>
  (await broker.sql<{ file_id: string }>('SELECT file_id FROM volume_segment WHERE look_at <= now() AND repairing_at IS NULL')).map(
    ({ file_id }) => file_id,
  );

test('a process repairs as many at a time as it is set to', () => {
  expect(broker.app.get(VolumesProcessor, { strict: false }).worker.concurrency).toBe(5);
});

test('repairs at the same time stay within the bytes of the day; the others wait, and go on the next day', async () => {
  const files = [await aFile(), await aFile(), await aFile(), await aFile()];
  const [{ piece_bytes = 0 } = {}] = await broker.sql<{ piece_bytes: number }>(
    'SELECT piece_bytes FROM volume_segment WHERE file_id = $1',
    [files[0]],
  );
  expect(6 * piece_bytes).toBe(REPAIR_BYTES);
  for (const file of files) await lose(file, 7);
  const said = warnings();
  await Promise.all(files.map((file_id) => repairs.repair({ file_id, ordinal: 0 })));
  const counts = await Promise.all(files.map(there));
  expect(counts.filter((count) => count === 10)).toHaveLength(2);
  expect(await today()).toBe(2 * REPAIR_BYTES);
  const left = files.filter((_, i) => counts[i] === 7);
  expect((await waiting()).sort()).toEqual([...left].sort());
  expect(said.map(([, sentence]) => sentence)).toEqual(Array(2).fill('the bytes of the day for repair are used up: a segment waits'));
  // The plan takes none of them, and says so.
  expect(await repairs.plan()).toEqual([]);
  expect(said.at(-1)).toEqual([{ waiting: 2 }, 'the bytes of the day for repair are used up: segments wait']);
  await broker.sql('UPDATE repair_day SET day = day - 1');
  await eventually(
    'the next day they are made',
    broker,
    async () => Promise.all(left.map(there)),
    (now) => now.every((n) => n === 10),
  );
});

test('what is near to loss waits for no budget and comes first, with an alarm', async () => {
  const [calm, urgent] = [await aFile(), await aFile()];
  await broker.sql("INSERT INTO repair_day (day, bytes) VALUES ((now() AT TIME ZONE 'UTC')::date, $1)", [BUDGET]);
  await lose(calm, 7);
  await lose(urgent, 5);
  const said = warnings();
  const planned = await repairs.plan();
  expect(planned).toEqual([{ file_id: urgent, ordinal: 0, priority: expect.any(Number) }]);
  expect(said).toContainEqual([{ beyond_budget: 1 }, 'segments near to loss are repaired beyond the bytes of the day']);
  for (const job of planned) await repairs.repair(job);
  expect([await there(urgent), await there(calm)]).toEqual([10, 7]);
  expect(await today()).toBe(BUDGET + 8 * PIECE_BYTES);
  await broker.sql('DELETE FROM repair_day');
  const [later] = await repairs.plan();
  expect(later?.file_id).toBe(calm);
  expect(later?.priority).toBeGreaterThan(planned[0]?.priority ?? Number.POSITIVE_INFINITY);
  await eventually(
    'the other is made',
    broker,
    () => there(calm),
    (n) => n === 10,
  );
});

test('a process that dies in the middle of a repair loses nothing, and the repair is finished', async () => {
  const segments = await encoded(someBytes(3 * PIECE_BYTES - 34));
  const file_id = await stored(broker, ann, volume, segments);
  await lose(file_id, 7);
  // It dies when the devices for three pieces are chosen, and none is made.
  const relay = broker.app.get(Relay, { strict: false });
  const put = relay.put.bind(relay);
  let made = 0;
  relay.put = (...args) => (++made === 1 ? new Promise<never>(() => undefined) : put(...args));
  void repairs.repair({ file_id, ordinal: 0 });
  while (made < 1) await sleep(5);
  relay.put = put;
  // Nobody takes it up while it may still live.
  expect(await repairs.plan()).toEqual([]);
  await broker.sql("UPDATE volume_segment SET repairing_at = repairing_at - interval '31 minutes' WHERE file_id = $1", [file_id]);
  await broker.sql("UPDATE relay_item SET draft_until = draft_until - interval '31 minutes'");
  await broker.sql('UPDATE volume_segment SET look_at = now() WHERE file_id = $1', [file_id]);
  const states = async (): Promise<string[]> => (await ann.call('GET', `/v1/files/${file_id}`)).body.page[0].pieces;
  await eventually('it is whole', broker, states, (now) => now.every((state) => state === 'STORED'));
  for (const index of [0, 7, 8, 9]) {
    const answer = await fetchPiece(broker.url, ann, file_id, 0, index);
    expect(Buffer.from(await answer.arrayBuffer()).equals(segments[0]?.pieces[index] as Uint8Array)).toBe(true);
  }
  expect((await volumeView(ann, volume)).segments.repairing).toBe(0);
});

test('what is lost while a segment is looked at, or worked on, is not overlooked', async () => {
  const store = broker.app.get(RepairStore, { strict: false });
  const { due, segment } = store;
  const file_id = await aFile();
  await lose(file_id, 8);
  store.due = async (limit) => {
    const read = await due.call(store, limit);
    await lose(file_id, 7);
    return read;
  };
  expect(await repairs.plan()).toEqual([]);
  store.due = due;
  expect(await repairs.plan()).toMatchObject([{ file_id, ordinal: 0 }]);

  await broker.sql("UPDATE volume_piece SET state = 'STORED', lost_at = NULL WHERE file_id = $1 AND index = 7", [file_id]);
  store.segment = async (...given) => {
    const read = await segment.call(store, ...given);
    await lose(file_id, 7);
    return read;
  };
  await repairs.repair({ file_id, ordinal: 0 });
  store.segment = segment;
  expect(await waiting()).toContain(file_id);
  await broker.sql('UPDATE volume_segment SET look_at = NULL WHERE file_id = $1', [file_id]);
});

test('the queue takes what is planned up by itself', async () => {
  const files = [await aFile(), await aFile()];
  for (const file of files) await lose(file, 7);
  await broker.app.get(VolumesProcessor, { strict: false }).worker.resume();
  broker.app.get(EventBus, { strict: false }).publish(SegmentsAtRisk, {});
  const end = Date.now() + 20_000;
  while ((await Promise.all(files.map(there))).some((n) => n !== 10) && Date.now() < end) await sleep(50);
  expect(await Promise.all(files.map(there))).toEqual([10, 10]);
});
