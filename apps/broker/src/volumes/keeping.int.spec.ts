import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { PieceKeeper } from '../../../../test/support/piece-keeper.js';
import { encoded, eventually, fetchPiece, keptVolume, moved, someBytes, stored, volumeView } from '../../../../test/support/volumes.js';

const HOUR_S = 3_600;
const PIECE_BYTES = 400_000;

let broker: TestBroker;
let ann: TestPerson;
let keepers: PieceKeeper[];
let volume: string;

beforeAll(async () => {
  broker = await startBroker({
    ...{ HEAP_VOLUMES_LOOK_MS: '600000', HEAP_HOLDBACK_SECONDS: '0', HEAP_LOG_LEVEL: 'error' },
    ...{ HEAP_AUDIT_ANSWER_MS: '1000', HEAP_PIECE_TRANSFER_MS: '4000' },
  });
});
afterAll(() => broker?.close());

beforeEach(async () => {
  ann = await broker.person({ funds_micro: 50_000_000n });
  ({ keepers, volume } = await keptVolume(broker, ann));
});
afterEach(async () => {
  await ann.call('DELETE', `/v1/volumes/${volume}`);
  for (const keeper of keepers) if (keeper.session.socket.readyState === 1) await keeper.vanish();
  await moved(broker, 'UPDATE kept_offer SET available = false', []);
  await moved(broker, "UPDATE node SET state = 'REVOKED'", []);
  expect(await broker.broken()).toEqual([]);
});

/** Lets the database's time pass for pieces, leases and devices. */
async function pass(seconds: number): Promise<void> {
  await moved(
    broker,
    `UPDATE volume_piece SET paid_to = paid_to - x.t, audit_due_at = audit_due_at - x.t, audited_at = audited_at - x.t, lost_at = lost_at - x.t
     FROM (SELECT make_interval(secs => $1) AS t) AS x`,
    [seconds],
  );
  await moved(
    broker,
    "UPDATE kept_lease SET granted_at = granted_at - make_interval(secs => $1), charged_at = charged_at - make_interval(secs => $1) WHERE state <> 'ENDED'",
    [seconds],
  );
  await moved(broker, "UPDATE node SET last_seen_at = last_seen_at - make_interval(secs => $1) WHERE state = 'DISCONNECTED'", [seconds]);
  await moved(broker, 'UPDATE node_storage SET recheck_at = recheck_at - make_interval(secs => $1)', [seconds]);
  await moved(broker, 'UPDATE volume_segment SET look_at = look_at - make_interval(secs => $1)', [seconds]);
}

/** They vanish, and the broker has seen it. */
async function gone(...those: PieceKeeper[]): Promise<void> {
  for (const keeper of those) await keeper.vanish();
  await eventually(
    'they are gone',
    broker,
    () => broker.sql("SELECT 1 FROM node WHERE id = ANY($1) AND state = 'DISCONNECTED'", [those.map(({ id }) => id)]),
    ({ length }) => length === those.length,
  );
}

const aFile = async () => {
  const segments = await encoded(someBytes(3 * PIECE_BYTES - 4_096));
  return { segments, file_id: await stored(broker, ann, volume, segments) };
};
const states = async (file_id: string): Promise<string[]> => (await ann.call('GET', `/v1/files/${file_id}`)).body.page[0].pieces;
const audited = (what: string, holds: (paid: { audited: number; n: number }) => boolean) =>
  eventually(
    what,
    broker,
    async () =>
      (
        await broker.sql<{ audited: number; n: number }>(
          "SELECT count(*) FILTER (WHERE audited_at > now() - interval '1 minute')::int AS audited, count(*)::int AS n FROM volume_piece WHERE volume_id = $1 AND state IN ('STORED', 'SUSPECT')",
          [volume],
        )
      )[0] ?? { audited: 0, n: 0 },
    holds,
  );
const all = ({ audited: done, n }: { audited: number; n: number }) => n > 0 && done === n;

test('what is proven is paid for by the byte and the hour, and nothing else', async () => {
  const { file_id } = await aFile();
  await audited('the first audits', all);
  const lease = async () =>
    (
      await broker.sql<{ byte_hours: bigint; charged: bigint }>(
        'SELECT sum(audited_byte_hours)::bigint AS byte_hours, sum(charged_micro)::bigint AS charged FROM kept_lease l JOIN volume v ON v.reservation_id = l.reservation_id WHERE v.id = $1',
        [volume],
      )
    )[0] ?? { byte_hours: 0n, charged: 0n };
  const before = await lease();
  await pass(40 * HOUR_S);
  await audited('the audits after 40 hours', all);
  const [{ piece_bytes = 0 } = {}] = await broker.sql<{ piece_bytes: number }>(
    'SELECT piece_bytes FROM volume_segment WHERE file_id = $1',
    [file_id],
  );
  const paid = await lease();
  const due = 10 * piece_bytes * 40;
  const got = Number(paid.byte_hours - before.byte_hours);
  expect(got).toBeGreaterThanOrEqual(due);
  // Beyond it only the seconds that the test itself took.
  expect(got).toBeLessThan(due + 10 * piece_bytes * 0.05);
  // No more than 72 hours are paid at once, whatever the time between two audits.
  await pass(200 * HOUR_S);
  await audited('the audits after 200 hours', all);
  expect(Number((await lease()).byte_hours - paid.byte_hours)).toBeLessThanOrEqual(10 * piece_bytes * 72);
  const view = await volumeView(ann, volume);
  expect(BigInt(view.charged_micro)).toBe((await lease()).charged);
  expect(view).toMatchObject({ pieces: { STORED: 10 }, least: { available: 10, above_k: 7, above_repair: 3 } });
  const [keeper] = keepers;
  if (!keeper) throw new Error('no keeper');
  expect((await keeper.owner.call('GET', `/v1/nodes/${keeper.id}/storage`)).body).toMatchObject({
    ...{ pieces: 1, bytes: piece_bytes, volumes: 1, people: 1, leaving: 0, scores: { corruption: 1 } },
    audits: { passed: 3, failed: 0, unanswered: 0 },
  });
});

test('a piece deleted in secret is found by the audits of two days, and made anew', async () => {
  const { file_id } = await aFile();
  await audited('the first audits', all);
  for (const keeper of keepers.slice(0, 3)) keeper.forget();
  expect(await states(file_id)).toEqual(Array(10).fill('STORED'));
  await pass(48 * HOUR_S);
  const found = () => broker.sql("SELECT id FROM volume_piece WHERE volume_id = $1 AND code = 'not_there'", [volume]);
  await eventually('they are found', broker, found, ({ length }) => length === 3);
  await eventually(
    'they are made anew',
    broker,
    () => states(file_id),
    (now) => now.every((state) => state === 'STORED'),
  );
  const { owner, id } = keepers[0] as PieceKeeper;
  expect((await owner.call('GET', `/v1/nodes/${id}/storage`)).body.audits.failed).toBe(1);
});

test('other bytes are proof: the device is on record, the segment is repaired and reads as it was written', async () => {
  const { file_id, segments } = await aFile();
  await audited('the first audits', all);
  for (const keeper of keepers.slice(0, 4)) keeper.corrupt();
  await pass(48 * HOUR_S);
  await eventually(
    'all is well again',
    broker,
    () => states(file_id),
    (now) => now.every((state) => state === 'STORED'),
  );
  expect(await broker.sql('SELECT node_id FROM node_storage WHERE refuted_at IS NOT NULL')).toHaveLength(4);
  expect(await broker.sql("SELECT 1 FROM penalty WHERE code = 'wrong_bytes'")).toHaveLength(4);
  for (let index = 0; index < 10; index++) {
    const answer = await fetchPiece(broker.url, ann, file_id, 0, index);
    expect(Buffer.from(await answer.arrayBuffer()).equals(segments[0]?.pieces[index] as Uint8Array)).toBe(true);
  }
  expect((await volumeView(ann, volume)).repaired_bytes).toBe(4 * (segments[0]?.descriptor.piece_bytes ?? 0));
});

test('silence is asked about three times before it is a loss, and who is away is not silent', async () => {
  const { file_id } = await aFile();
  await audited('the first audits', all);
  const [silent, away] = keepers as [PieceKeeper, PieceKeeper];
  silent.silent = true;
  await gone(away);
  await pass(48 * HOUR_S);
  const standing = async () =>
    (
      await broker.sql<{ standing: string; unanswered: bigint }>('SELECT standing, unanswered FROM node_storage WHERE node_id = $1', [
        silent.id,
      ])
    )[0];
  await eventually('it is contained', broker, standing, (row) => row?.standing === 'contained');
  expect((await states(file_id)).filter((state) => state === 'SUSPECT')).toHaveLength(1);
  for (let asked = 2; asked <= 4; asked++) {
    await pass(25 * HOUR_S);
    await eventually(`it is asked for the ${asked}. time`, broker, standing, (row) => row?.unanswered === BigInt(asked));
  }
  expect(silent.audits.length).toBeGreaterThanOrEqual(4);
  expect(new Set(silent.audits.slice(-3).map(({ challenges }) => JSON.stringify(challenges))).size).toBe(1);
  // 123 hours later the other counts as missing, and comes back to what nobody has made anew.
  expect((await states(file_id)).filter((state) => state === 'MISSING')).toHaveLength(2);
  expect(await broker.sql('SELECT failed, unanswered FROM node_storage WHERE node_id = $1', [away.id])).toEqual([
    { failed: 0n, unanswered: 0n },
  ]);
  await away.connect();
  await eventually(
    'it is taken back',
    broker,
    () => states(file_id),
    (now) => now.filter((state) => state === 'STORED').length === 9,
  );
});

test('a device that leaves with notice is paid, its piece moves, and is deleted there last', async () => {
  keepers.push(await PieceKeeper.join(broker));
  await eventually(
    'one device more than pieces',
    broker,
    () => volumeView(ann, volume),
    ({ devices }) => devices.independent === 11,
  );
  const { file_id } = await aFile();
  await audited('the first audits', all);
  const spare = keepers.find(({ pieces }) => pieces.size === 0) as PieceKeeper;
  const leaver = keepers.find(({ pieces }) => pieces.size > 0) as PieceKeeper;
  const [piece_id] = leaver.pieces.keys();
  await pass(10 * HOUR_S);
  await broker.sql("UPDATE node SET drained_at = now(), drain_code = 'leaves', drain_sentence = 'It leaves.' WHERE id = $1", [leaver.id]);
  await eventually(
    'its piece is elsewhere',
    broker,
    async () => spare.pieces.size,
    (pieces) => pieces === 1,
  );
  await eventually(
    'it is empty',
    broker,
    async () => leaver.pieces.size,
    (pieces) => pieces === 0,
  );
  expect(await states(file_id)).toEqual(Array(10).fill('STORED'));
  const [moved] = await broker.sql<{ state: string; lost: boolean }>(
    'SELECT state, code IS NOT NULL AS lost FROM volume_piece WHERE id = $1',
    [piece_id],
  );
  expect(moved).toEqual({ state: 'GONE', lost: false });
  const [lease] = await broker.sql<{ end_code: string; audited_byte_hours: bigint }>(
    'SELECT end_code, audited_byte_hours FROM kept_lease WHERE node_id = $1',
    [leaver.id],
  );
  expect(lease?.end_code).toBe('leaving');
  expect(lease?.audited_byte_hours).toBeGreaterThan(BigInt(PIECE_BYTES * 9));
});

test('of a small volume a device that was always there is missing after a day, one that comes and goes after two', async () => {
  const { file_id } = await aFile();
  const [steady, phone] = keepers as [PieceKeeper, PieceKeeper];
  await gone(steady, phone);
  await moved(
    broker,
    `UPDATE node SET enrolled_at = now() - interval '60 days', present_us = CASE WHEN id = $1 THEN 58 ELSE 30 END * 86400000000::bigint
     WHERE id = ANY($2)`,
    [steady.id, [steady.id, phone.id]],
  );
  const missing = async () =>
    (await broker.sql<{ node_id: string }>("SELECT node_id FROM volume_piece WHERE file_id = $1 AND state = 'MISSING'", [file_id])).map(
      ({ node_id }) => node_id,
    );
  await pass(23 * HOUR_S);
  expect(await eventually('a look', broker, missing, () => true)).toEqual([]);
  await pass(2 * HOUR_S);
  await eventually('the first', broker, missing, ({ length }) => length > 0);
  expect(await missing()).toEqual([steady.id]);
  await pass(24 * HOUR_S);
  await eventually('both', broker, missing, ({ length }) => length > 1);
});

test('devices at another process are sent to, audited and read through any', async () => {
  const other = await startProcess(broker, {
    ...{ HEAP_GATEWAY_NAME: 'other', HEAP_VOLUMES_LOOK_MS: '600000', HEAP_DRAIN_MS: '0' },
  });
  for (const keeper of keepers.slice(0, 5)) {
    await keeper.vanish();
    await keeper.connect(other.url);
  }
  await eventually(
    'they are there',
    broker,
    () => volumeView(ann, volume),
    ({ state }) => state === 'READY',
  );
  const { file_id, segments } = await aFile();
  for (const index of [3, 5, 7, 9])
    for (const url of [broker.url, other.url]) {
      const answer = await fetchPiece(url, ann, file_id, 0, index);
      expect([answer.status, Buffer.from(await answer.arrayBuffer()).equals(segments[0]?.pieces[index] as Uint8Array)]).toEqual([
        200,
        true,
      ]);
    }
  await audited('the audits', all);
  for (const keeper of keepers.slice(0, 5)) await keeper.vanish();
  await other.close();
});
