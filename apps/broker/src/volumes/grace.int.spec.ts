import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import type { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import {
  encoded,
  eventually,
  fetchPiece,
  keptVolume,
  lookAtVolumes,
  moved,
  someBytes,
  stored,
  volumeOf,
  volumeView,
} from '../../../../test/support/volumes.js';
import { WatchesService } from '../notices/watches.service.js';
import { VolumesService } from './volumes.service.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

/** Lets the database's time pass for volumes and what they lease, and looks. */
async function pass(days: number): Promise<void> {
  const shift = (table: string, columns: string[], where = 'true') =>
    moved(
      broker,
      `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} - make_interval(days => $1)`).join(', ')} WHERE ${where}`,
      [days],
    );
  await shift('volume', ['created_at', 'ends_at', 'deletes_at'], "state <> 'ENDED'");
  await shift('kept_lease', ['granted_at', 'charged_at', 'expires_at'], "state <> 'ENDED'");
  await shift('volume_piece', ['paid_to', 'audited_at', 'audit_due_at', 'stored_at'], 'stored_at IS NOT NULL');
  await shift('reservation', ['ends_at'], "state IN ('WAITING', 'RUNNING')");
  await look();
}
const look = () => broker.app.get(VolumesService, { strict: false }).look(true);
const said = async (): Promise<{ kind: string; title: string; sentence: string; params: Record<string, string> }[]> => {
  await broker.app.get(WatchesService, { strict: false }).look({ all: true });
  const { notices } = (await ann.call('GET', '/v1/notices?limit=100')).body;
  return notices.filter(({ kind }: { kind: string }) => kind.startsWith('volume.') || kind.startsWith('reservation.'));
};
const at = (instant: string) => Date.parse(instant);
const begin = (id: string) => ann.call('POST', `/v1/volumes/${id}/files`, {}, { 'idempotency-key': String(Math.random()) });
const audited = async () =>
  Number((await broker.sql<{ sum: bigint }>('SELECT COALESCE(sum(audited_byte_hours), 0)::bigint AS sum FROM kept_lease'))[0]?.sum);
const renewed = () => broker.sql<{ n: number }>("SELECT count(*)::int AS n FROM kept_lease WHERE state = 'ACTIVE' AND expires_at > now()");

test('before the end there is a notice, after it a week to read in, which is paid; renewing brings it back, and else its files go', async () => {
  const file_id = await stored(broker, ann, volume, await encoded(someBytes(30_000)));
  await look();
  const fresh = await volumeView(ann, volume);
  expect(Math.abs(at(fresh.ends_at) - at(fresh.created_at) - 30 * DAY_MS)).toBeLessThan(HOUR_MS);
  expect(Math.abs(at(fresh.deletes_at) - at(fresh.ends_at) - 7 * DAY_MS)).toBeLessThan(HOUR_MS);
  expect(await said()).toEqual([]);

  await pass(24);
  const [ending] = await said();
  const { ends_at, deletes_at } = await volumeView(ann, volume);
  expect(ending).toMatchObject({
    ...{ kind: 'volume.ending', title: `A volume is paid until ${ends_at.slice(0, 10)}` },
    sentence: `After that it can only be read, and on ${deletes_at.slice(0, 10)} its files are deleted. Renew it in time to keep them.`,
  });
  expect(await said()).toHaveLength(1);

  // Its leases' terms end meanwhile, and what was held with its hours pays for the next.
  await pass(7);
  const before = await audited();
  const last = await volumeView(ann, volume);
  expect(last).toMatchObject({ state: 'GRACE', reason: { code: 'not_renewed' }, files: 1 });
  expect((await said())[0]).toMatchObject({
    kind: 'volume.grace',
    title: `The files of a volume are deleted on ${last.deletes_at.slice(0, 10)}`,
  });
  expect((await begin(volume)).body.code).toBe('volume_in_grace.conflict');
  expect((await fetchPiece(broker.url, ann, file_id, 0, 9)).status).toBe(200);
  await eventually('all leases go on', broker, renewed, ([row]) => row?.n === 10);
  await eventually('owners are paid in it', broker, audited, (now) => now > before);

  const budget = BigInt((await volumeView(ann, volume)).budget_micro);
  const until = new Date(Date.now() + 30 * DAY_MS).toISOString();
  expect((await ann.call('POST', `/v1/volumes/${volume}/renew`, { budget_micro: '1' })).body.code).toBe('invalid_input');
  expect((await ann.call('POST', `/v1/volumes/${volume}/renew`, { until })).body).toMatchObject({ state: 'WAITING' });
  const back = await eventually(
    'it is back',
    broker,
    () => volumeView(ann, volume),
    ({ state }) => state === 'READY',
  );
  expect(Math.abs(at(back.ends_at) - at(until))).toBeLessThan(HOUR_MS);
  expect(BigInt(back.budget_micro)).toBeGreaterThan(budget);
  expect((await ann.call('POST', `/v1/volumes/${volume}/renew`, { until })).body.budget_micro).toBe(back.budget_micro);
  expect((await begin(volume)).status).toBe(201);
  expect((await fetchPiece(broker.url, ann, file_id, 0, 9)).status).toBe(200);

  await pass(31);
  await said();
  expect((await volumeView(ann, volume)).state).toBe('GRACE');
  await eventually('all leases go on', broker, renewed, ([row]) => row?.n === 10);
  await pass(7);
  const over = await eventually(
    'it is over',
    broker,
    async () => {
      await look();
      return volumeView(ann, volume);
    },
    ({ state }) => state === 'ENDED',
  );
  expect(over).toMatchObject({ reason: { code: 'not_renewed' }, files: 0 });
  expect((await ann.call('GET', `/v1/files/${file_id}`)).body.state).toBe('DELETED');
  await eventually(
    'nobody keeps what nobody pays',
    broker,
    async () => keepers.reduce((sum, { pieces }) => sum + pieces.size, 0),
    (pieces) => pieces === 0,
  );
  expect((await ann.call('POST', `/v1/volumes/${volume}/renew`, { until: new Date(Date.now() + 90 * DAY_MS).toISOString() })).status).toBe(
    409,
  );
  expect((await said()).map(({ kind }) => kind)).toEqual(['volume.ended', 'volume.grace', 'volume.grace', 'volume.ending']);
});

test('a volume that its budget bounds keeps the end of it as its grace, and lasts longer with more', async () => {
  const id = await volumeOf(ann, { hours: null, budget_micro: '400000', gigabytes: 1 });
  await eventually(
    'its leases',
    broker,
    () => volumeView(ann, id),
    ({ reserved }) => reserved.leased === 10,
  );
  await look();
  const bought = await volumeView(ann, id);
  const lasts_ms = at(bought.deletes_at) - at(bought.created_at);
  expect(at(bought.deletes_at) - at(bought.ends_at)).toBeGreaterThan(Math.min(7 * DAY_MS, lasts_ms / 4) - HOUR_MS);
  expect((await ann.call('POST', `/v1/volumes/${id}/renew`, { until: new Date().toISOString() })).body.code).toBe('invalid_input');
  const { body: more } = await ann.call('POST', `/v1/volumes/${id}/renew`, { budget_micro: '800000' });
  expect(more.budget_micro).toBe('800000');
  expect(at(more.ends_at) - at(bought.ends_at)).toBeGreaterThan(lasts_ms / 2);
  expect((await ann.call('POST', `/v1/volumes/${id}/renew`, { budget_micro: '99000000000' })).body.code).toBe('insufficient_funds');
  await ann.call('DELETE', `/v1/volumes/${id}`);
  await lookAtVolumes(broker);
});
