import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import { encoded, eventually, keptVolume, someBytes, stored, volumeView } from '../../../../test/support/volumes.js';

let broker: TestBroker;
let ann: TestPerson;
let keepers: PieceKeeper[];
let volume: string;

beforeAll(async () => {
  broker = await startBroker({ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_HOLDBACK_SECONDS: '0', HEAP_LOG_LEVEL: 'error' });
  ann = await broker.person({ funds_micro: 50_000_000n });
  ({ keepers, volume } = await keptVolume(broker, ann, 12));
});
afterAll(async () => {
  for (const keeper of keepers ?? []) if (keeper.session.socket.readyState === 1) await keeper.vanish();
  await broker?.close();
});
afterEach(async () => expect(await broker.broken()).toEqual([]));

const leases = () =>
  broker.sql<{ id: string; node_id: string; charged_micro: bigint; audited_byte_hours: bigint }>(
    "SELECT l.id, l.node_id, l.charged_micro, l.audited_byte_hours FROM kept_lease l JOIN volume v ON v.reservation_id = l.reservation_id WHERE v.id = $1 AND l.state <> 'ENDED' ORDER BY l.id",
    [volume],
  );

test('two devices more than a segment has pieces are leased, and a device that leaves has its successor among them', async () => {
  expect(await volumeView(ann, volume)).toMatchObject({
    reserved: { wanted: 12, leased: 12 },
    devices: { leased: 12, independent: 12, needed: 10, reserved: 12 },
  });
  const file_id = await stored(broker, ann, volume, await encoded(someBytes(60_000)));
  const holders = keepers.filter(({ pieces }) => pieces.size > 0);
  expect(holders).toHaveLength(10);
  const spares = keepers.filter(({ pieces }) => pieces.size === 0);
  // Audits pay for bytes: a day later the empty ones have cost nothing.
  const day = "interval '24 hours'";
  await broker.sql(`UPDATE volume_piece SET paid_to = paid_to - ${day}, audit_due_at = now() - ${day} WHERE volume_id = $1`, [volume]);
  await broker.sql(`UPDATE kept_lease SET granted_at = granted_at - ${day} WHERE state <> 'ENDED'`);
  await eventually(
    'those that hold are paid',
    broker,
    leases,
    (rows) => rows.filter((row) => row.audited_byte_hours > 100_000n).length === 10,
  );
  const before = await leases();
  for (const { id } of spares)
    expect(before.find(({ node_id }) => node_id === id)).toMatchObject({ audited_byte_hours: 0n, charged_micro: 0n });
  // Nobody else joins, and no round finds anybody: the piece goes to one that was leased before.
  const leaver = holders[0] as PieceKeeper;
  await broker.sql("UPDATE node SET drained_at = now(), drain_code = 'leaves', drain_sentence = 'It leaves.' WHERE id = $1", [leaver.id]);
  await eventually(
    'it is empty',
    broker,
    async () => leaver.pieces.size,
    (pieces) => pieces === 0,
  );
  const after = await leases();
  expect(after.map(({ id }) => id)).toEqual(before.filter(({ node_id }) => node_id !== leaver.id).map(({ id }) => id));
  expect(spares.filter(({ pieces }) => pieces.size === 1)).toHaveLength(1);
  expect((await ann.call('GET', `/v1/files/${file_id}`)).body.page[0].pieces).toEqual(Array(10).fill('STORED'));
});

test('an estimate counts the owners that sell space, not their devices', async () => {
  const { owner } = keepers.at(-1) as PieceKeeper;
  keepers.push(await PieceKeeper.join(broker, { owner }));
  await eventually(
    'the second device offers',
    broker,
    () => broker.sql('SELECT 1 FROM kept_offer k JOIN node n ON n.id = k.node_id WHERE k.available AND n.owner_id = $1', [owner.person_id]),
    ({ length }) => length === 2,
  );
  const ask = { market: 'storage:standard', quantity: 60, max_per_node: 1 };
  const counted = async (more: object) => (await ann.call('POST', '/v1/reservations/estimate', { ...ask, ...more })).body.quantity_now;
  expect([await counted({}), await counted({ spread: 'owner' })]).toEqual([12, 11]);
});
