import { kernel, merkleRoot, verify } from '#erasure';
import { PIECES, PROTOCOL, SOCKET_LIMITS, type WireBody } from '#protocol';
import { HeapError } from '#units';
import type { AgentConfig } from '../agent.js';
import type { FakePeer } from '../fakes/fake-broker.js';
import { settle } from '../fakes/fake-clock.js';
import { FakeHost, MemoryOutbox } from '../fakes/fake-host.js';
import { FakePieces } from '../fakes/fake-pieces.js';
import { NOTHING_READ, type Readings } from '../owner/readings.js';
import { NO_RULES, SAFE_RULES } from '../owner/rules.js';

const DAY_MS = 86_400_000;
const pieceId = (n: number) => `00000000-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`;
const transferId = (n: number) => `00000000-0000-7000-8000-0000000003${String(n).padStart(2, '0')}`;
const AUDIT = '00000000-0000-7000-8000-000000000400';
const math = await kernel();

/** Bytes that no other piece has. */
function pieceOf(n: number, bytes = 50_000): Uint8Array {
  const data = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) data[i] = (i * 31 + n * 7 + (i >> 9)) & 255;
  return data;
}

async function keeping(quota_bytes: number, over: Partial<AgentConfig> = {}, pieces = new FakePieces(), day_bytes: number | null = null) {
  const host = new FakeHost(new MemoryOutbox(), pieces);
  host.versions = [PROTOCOL, PIECES];
  const storage = [{ storage_class: 'standard' as const, bytes: quota_bytes, reserve_price_micro: null }];
  // Days pass in these tests without a word of the heap's.
  const bounds = { heartbeat_min_ms: 1_000 * DAY_MS, heartbeat_max_ms: 1_000 * DAY_MS, ...over.bounds };
  const { agent, peer } = await host.online({ kept: { standing: [], storage, moved_bytes_per_day: day_bytes }, ...over, bounds });
  await settle();
  return { host, agent, peer, pieces };
}

interface Put extends Partial<WireBody<'piece.put'>> {
  /** What the heap sends, where it is not what it promised. */
  sent?: Uint8Array;
}

/** Waits until nothing moves and nothing waits for its turn. */
async function still(): Promise<void> {
  for (let i = 0; i < 60; i++) await settle();
}

async function put(peer: FakePeer, pieces: FakePieces, n: number, { sent, ...over }: Put = {}, data = pieceOf(n)): Promise<Uint8Array> {
  pieces.http.offered.set(over.transfer_id ?? transferId(n), sent ?? data);
  peer.send('piece.put', {
    piece_id: pieceId(n),
    transfer_id: transferId(n),
    bytes: data.length,
    root: merkleRoot(math, data),
    keep_ms: 31 * DAY_MS,
    deadline_ms: 600_000,
    ...over,
  });
  await still();
  return data;
}
const failures = (peer: FakePeer) => peer.all('piece.failed').map(({ code }) => code);
const get = (n: number, over: Partial<WireBody<'piece.get'>> = {}): WireBody<'piece.get'> => ({
  piece_id: pieceId(n),
  transfer_id: transferId(n + 50),
  offset: 0,
  bytes: 50_000,
  deadline_ms: 600_000,
  ...over,
});

describe('a device that keeps pieces', () => {
  test('says so to a heap that knows them, and to no other', async () => {
    const { peer } = await keeping(1_000_000);
    expect(peer.all('pieces')).toEqual([{ held: 0, bytes: 0, free_bytes: 1_000_000 }]);
    const host = new FakeHost(new MemoryOutbox(), new FakePieces());
    const older = await host.online();
    await settle();
    expect(older.peer.all('pieces')).toEqual([]);
    expect((await keeping(0)).peer.all('pieces')).toEqual([]);
  });

  test('fetches a piece, keeps it, says so again when it is asked again, and brings any part of it', async () => {
    const { peer, pieces, agent } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    expect(peer.all('piece.stored')).toEqual([{ piece_id: pieceId(1), transfer_id: transferId(1) }]);
    await put(peer, pieces, 1, { transfer_id: transferId(2) });
    expect(peer.last('piece.stored')).toEqual({ piece_id: pieceId(1), transfer_id: transferId(2) });
    expect(pieces.http.requests).toBe(1);
    peer.send('piece.get', get(1));
    peer.send('piece.get', get(1, { transfer_id: transferId(60), offset: 4_001, bytes: 40_000 }));
    await still();
    expect(pieces.http.brought.get(transferId(51))).toEqual(data);
    expect(pieces.http.brought.get(transferId(60))).toEqual(data.subarray(4_001, 44_001));
    expect(agent.status.pieces).toMatchObject({ held: 1, bytes: 50_000, quota_bytes: 1_000_000, free_bytes: 950_000, damaged: 0 });
  });

  test('proves leaves of what it keeps, and says what it does not have', async () => {
    const { peer, pieces } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    peer.send('audit', {
      audit_id: AUDIT,
      challenges: [
        { piece_id: pieceId(1), leaf: 24 },
        { piece_id: pieceId(9), leaf: 0 },
        { piece_id: pieceId(1), leaf: 25 },
      ],
    });
    await still();
    const { answers } = peer.last('audit.answer');
    const [shown, absent, beyond] = answers;
    expect(
      verify(math, {
        root: merkleRoot(math, data),
        piece_bytes: data.length,
        range: { first: 24, count: 1 },
        bytes: Buffer.from(shown?.data ?? '', 'base64'),
        proof: shown?.proof ?? [],
      }),
    ).toBe(true);
    expect([absent, beyond]).toMatchObject([
      { data: null, proof: [] },
      { data: null, proof: [] },
    ]);
    expect(peer.all('piece.failed')).toMatchObject([{ piece_id: pieceId(9), transfer_id: null, code: 'piece_missing' }]);
  });

  test('sixteen answers of the largest piece fit into a frame', async () => {
    const { peer, pieces } = await keeping(100_000_000);
    pieces.http.chunk_bytes = 1_000_000;
    await put(peer, pieces, 1, {}, pieceOf(1, 8 * 1024 * 1024));
    expect(failures(peer)).toEqual([]);
    // A larger frame makes the fake heap throw.
    peer.send('audit', { audit_id: AUDIT, challenges: Array.from({ length: 16 }, (_, i) => ({ piece_id: pieceId(1), leaf: i * 200 })) });
    await still();
    const answer = peer.last('audit.answer');
    expect(answer.answers.every(({ data }) => data !== null)).toBe(true);
    expect(JSON.stringify(answer).length).toBeLessThan(SOCKET_LIMITS.packed_bytes);
  });

  test('deletes what is not needed any more, also what is on its way', async () => {
    const { peer, pieces, agent } = await keeping(1_000_000);
    await put(peer, pieces, 1);
    let open = () => {};
    pieces.http.gate = new Promise((resolve) => {
      open = resolve;
    });
    await put(peer, pieces, 2);
    peer.send('piece.del', { pieces: [pieceId(1), pieceId(2), pieceId(3)] });
    await settle();
    open();
    await still();
    expect(peer.last('piece.gone').pieces).toEqual([pieceId(1), pieceId(2), pieceId(3)]);
    expect(pieces.lying.size + pieces.drafts).toBe(0);
    expect(agent.status.pieces).toMatchObject({ held: 0, bytes: 0, transfers: { running: 0, waiting: 0 } });
    expect(peer.all('piece.stored')).toHaveLength(1);
  });
});

describe('what was kept', () => {
  test('is there after a restart, and what was half written is not', async () => {
    const { host, agent, peer, pieces } = await keeping(1_000_000);
    await put(peer, pieces, 1);
    void agent.stop(0);
    await host.clock.advance(1_000);
    const next = await keeping(1_000_000, {}, pieces);
    expect(next.peer.last('pieces')).toEqual({ held: 1, bytes: 50_000, free_bytes: 950_000 });
  });

  test('and was damaged is reported, never sent, and may be put again', async () => {
    const { peer, pieces } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    const lying = pieces.found(pieceId(1));
    lying.data[30_000] = (lying.data[30_000] ?? 0) ^ 1;
    peer.send('piece.get', get(1));
    await still();
    expect(peer.all('piece.failed')).toMatchObject([{ piece_id: pieceId(1), transfer_id: transferId(51), code: 'piece_corrupt' }]);
    expect(pieces.http.brought.size).toBe(0);
    peer.send('audit', { audit_id: AUDIT, challenges: [{ piece_id: pieceId(1), leaf: 0 }] });
    await still();
    expect(peer.last('audit.answer').answers[0]?.data).toBeNull();
    await put(peer, pieces, 1, { transfer_id: transferId(3) }, data);
    expect(peer.last('piece.stored').transfer_id).toBe(transferId(3));
    peer.send('piece.get', get(1, { transfer_id: transferId(4) }));
    await still();
    expect(pieces.http.brought.get(transferId(4))).toEqual(data);
  });

  test.each([
    ['changed', (leaves: Uint8Array) => leaves.map((byte, i) => (i === 40 ? byte ^ 1 : byte))],
    ['cut', (leaves: Uint8Array) => leaves.subarray(0, 41)],
    ['emptied', () => new Uint8Array()],
  ])('is mended where only its tree was %s', async (_, damage) => {
    const { peer, pieces, agent } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    const lying = pieces.found(pieceId(1));
    lying.leaves = damage(lying.leaves);
    peer.send('piece.get', get(1));
    await still();
    expect(pieces.http.brought.get(transferId(51))).toEqual(data);
    expect(agent.status.pieces?.damaged).toBe(0);
    expect(pieces.found(pieceId(1)).leaves).toHaveLength(25 * 32);
  });

  test('is given up when nobody has asked for it for long, and the heap was there to ask', async () => {
    const { host, agent, peer, pieces } = await keeping(1_000_000, { bounds: { piece_sweep_ms: DAY_MS } });
    await put(peer, pieces, 1, { keep_ms: 2 * DAY_MS });
    await put(peer, pieces, 2, { keep_ms: 2 * DAY_MS });
    await host.clock.advance(5 * DAY_MS);
    peer.drop();
    await host.clock.advance(5 * DAY_MS);
    expect(pieces.lying.size).toBe(2);
    agent.hurry();
    const next = await host.greet();
    await still();
    next.send('audit', { audit_id: AUDIT, challenges: [{ piece_id: pieceId(2), leaf: 0 }] });
    await still();
    expect(pieces.lying.size).toBe(2);
    await host.clock.advance(DAY_MS + 1);
    await still();
    expect([...pieces.lying.keys()]).toEqual([pieceId(2)]);
    expect(next.last('piece.gone').pieces).toEqual([pieceId(1)]);
  });

  test('stays when the quota shrinks, until it is moved or a grace is over, also over restarts', async () => {
    const first = await keeping(200_000);
    for (const n of [1, 2, 3]) await put(first.peer, first.pieces, n, { keep_ms: n * DAY_MS });
    const bounds = { piece_sweep_ms: DAY_MS, quota_grace_ms: 3 * DAY_MS, piece_grace_ms: 100 * DAY_MS };
    const second = await keeping(60_000, { bounds }, first.pieces);
    expect(second.peer.last('pieces')).toEqual({ held: 3, bytes: 150_000, free_bytes: 0 });
    await put(second.peer, second.pieces, 4);
    expect(failures(second.peer)).toEqual(['no_room']);
    second.peer.send('piece.del', { pieces: [pieceId(3)] });
    await still();
    // The clock of this agent begins where that of the one before it did.
    const third = await keeping(60_000, { bounds }, first.pieces);
    await third.host.clock.advance(2 * DAY_MS);
    expect(first.pieces.lying.size).toBe(2);
    await third.host.clock.advance(2 * DAY_MS);
    await still();
    expect([...first.pieces.lying.keys()]).toEqual([pieceId(2)]);
    expect(third.peer.last('piece.gone').pieces).toEqual([pieceId(1)]);
  });
});

describe('moving pieces', () => {
  const sensed = (readings: Partial<Readings>) => {
    const device = { readings: { ...NOTHING_READ, charging: true, idle_ms: 600_000, ...readings } };
    return { device, sensors: { every_ms: 1_000, read: async () => device.readings } };
  };

  test('pauses on a network that costs by the byte, and begins again afterwards', async () => {
    const { device, sensors } = sensed({ metered: false });
    const { host, peer, pieces, agent } = await keeping(1_000_000, { rules: SAFE_RULES, sensors });
    let open = () => {};
    pieces.http.gate = new Promise((resolve) => {
      open = resolve;
    });
    await put(peer, pieces, 1);
    device.readings = { ...device.readings, metered: true };
    await host.clock.advance(1_000);
    open();
    await still();
    expect(agent.status.pieces).toMatchObject({ held: 0, paused: { code: 'metered_network' }, transfers: { running: 0, waiting: 1 } });
    expect(pieces.drafts).toBe(0);
    device.readings = { ...device.readings, metered: false };
    await host.clock.advance(1_000);
    await still();
    expect(peer.all('piece.stored')).toHaveLength(1);
  });

  test('goes on while somebody uses the device, but not while its owner holds it', async () => {
    const { device, sensors } = sensed({ idle_ms: 0 });
    const { host, peer, pieces, agent } = await keeping(1_000_000, { rules: SAFE_RULES, sensors });
    expect(agent.status.standing.code).toBe('in_use');
    await put(peer, pieces, 1);
    expect(peer.all('piece.stored')).toHaveLength(1);
    void agent.hold(60_000);
    await put(peer, pieces, 2, { deadline_ms: 5_000 });
    peer.send('audit', { audit_id: AUDIT, challenges: [{ piece_id: pieceId(1), leaf: 0 }] });
    await still();
    expect(peer.last('audit.answer').answers[0]?.data).not.toBeNull();
    await host.clock.advance(5_000);
    expect(peer.all('piece.failed')).toMatchObject([
      { piece_id: pieceId(2), code: 'rules', sentence: expect.stringContaining('holds it') },
    ]);
    expect(device.readings.idle_ms).toBe(0);
  });

  test('whoever reads is told at once that the rules forbid it, and otherwise goes first', async () => {
    const { device, sensors } = sensed({ metered: false });
    const { host, peer, pieces } = await keeping(1_000_000, { rules: SAFE_RULES, sensors, bounds: { piece_transfers: 1 } });
    await put(peer, pieces, 1);
    let open = () => {};
    pieces.http.gate = new Promise((resolve) => {
      open = resolve;
    });
    for (const n of [2, 3]) await put(peer, pieces, n);
    peer.send('piece.get', get(1));
    await still();
    open();
    await still();
    const stored = () => peer.all('piece.stored').map(({ piece_id }) => piece_id);
    expect(pieces.http.order).toEqual([transferId(1), transferId(2), transferId(51), transferId(3)]);
    expect(stored()).toEqual([1, 2, 3].map(pieceId));
    pieces.http.gate = new Promise(() => {});
    peer.send('piece.get', get(2));
    await still();
    device.readings = { ...device.readings, metered: true };
    await host.clock.advance(1_000);
    peer.send('piece.get', get(3));
    await still();
    expect(peer.all('piece.failed')).toMatchObject([
      { transfer_id: transferId(52), code: 'rules' },
      { transfer_id: transferId(53), code: 'rules' },
    ]);
  });

  test('stays within what its owner lets it move in a day, also over a restart', async () => {
    const first = await keeping(1_000_000, { rules: NO_RULES }, new FakePieces(), 120_000);
    await put(first.peer, first.pieces, 1);
    first.peer.send('piece.get', get(1));
    await still();
    await put(first.peer, first.pieces, 2);
    expect(failures(first.peer)).toEqual(['rules']);
    const second = await keeping(1_000_000, {}, first.pieces, 120_000);
    expect(second.agent.status.pieces).toMatchObject({ moved_today_bytes: 100_000, bytes_per_day: 120_000 });
    await put(second.peer, second.pieces, 2);
    expect(failures(second.peer)).toEqual(['rules']);
    await second.host.clock.advance(DAY_MS);
    await put(second.peer, second.pieces, 2, { transfer_id: transferId(9) });
    expect(second.peer.all('piece.stored')).toHaveLength(1);
  });

  test('is done for a few at a time, and again when the heap could not be reached', async () => {
    const { host, peer, pieces } = await keeping(1_000_000);
    const away = () => new HeapError('blob_unreachable', 'The heap does not answer.', 'provider');
    pieces.http.failures.push(away(), away(), new HeapError('blob_unauthorised', 'Another token.', 'provider'));
    for (let n = 1; n <= 8; n++) await put(peer, pieces, n);
    await host.clock.advance(20_000);
    await still();
    expect(new Set(peer.all('piece.stored').map(({ piece_id }) => piece_id)).size).toBe(8);
    expect(pieces.http.most_at_a_time).toBe(2);
  });

  test('fails with a word when the time for it is over, or there is no such piece', async () => {
    const { host, peer, pieces } = await keeping(1_000_000);
    pieces.http.gate = new Promise(() => {});
    await put(peer, pieces, 1, { deadline_ms: 1_000 });
    await host.clock.advance(1_000);
    expect(peer.all('piece.failed')).toMatchObject([{ transfer_id: transferId(1), code: 'transfer_failed' }]);
    peer.send('piece.get', get(2));
    await still();
    expect(peer.last('piece.failed')).toMatchObject({ piece_id: pieceId(2), transfer_id: transferId(52), code: 'piece_missing' });
  });

  test('goes on when the session does, with the token of the new connection', async () => {
    const { host, peer, pieces } = await keeping(1_000_000);
    peer.drop();
    pieces.http.offered.set(transferId(1), pieceOf(1));
    await host.clock.advance(5_000);
    const next = await host.greet();
    await put(next, pieces, 1);
    expect(next.all('piece.stored')).toHaveLength(1);
  });
});

describe('a heap that means harm', () => {
  test.each<[string, Put]>([
    ['more than it promised', { sent: pieceOf(2, 50_001) }],
    ['less than it promised', { sent: pieceOf(2, 49_999) }],
    ['something else', { sent: pieceOf(3) }],
  ])('that sends %s puts nothing on the disk', async (_, sent) => {
    const { peer, pieces, agent } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    await put(peer, pieces, 2, sent);
    expect(failures(peer)).toEqual(['root_differs']);
    expect([...pieces.lying.keys()]).toEqual([pieceId(1)]);
    expect(pieces.found(pieceId(1)).data).toEqual(data);
    expect(pieces.drafts).toBe(0);
    expect(agent.status.pieces?.free_bytes).toBe(950_000);
  });

  test('does not replace a piece by another of the same id', async () => {
    const { peer, pieces } = await keeping(1_000_000);
    const data = await put(peer, pieces, 1);
    await put(peer, pieces, 1, { transfer_id: transferId(5) }, pieceOf(7));
    expect(failures(peer)).toEqual(['root_differs']);
    expect(pieces.found(pieceId(1)).data).toEqual(data);
  });

  test('does not fill the disk beyond the quota, nor take what the owner has left free', async () => {
    const { peer, pieces } = await keeping(120_000);
    for (const n of [1, 2, 3]) await put(peer, pieces, n);
    expect(failures(peer)).toEqual(['no_room']);
    const tight = await keeping(10_000_000, { bounds: { disk_spare_bytes: 1_000_000 } });
    tight.pieces.disk_bytes = 1_040_000;
    await put(tight.peer, tight.pieces, 1);
    expect(failures(tight.peer)).toEqual(['no_room']);
    expect(tight.peer.last('piece.failed').sentence).toContain('room for 40000 bytes');
  });

  test.each(['../../etc/passwd', '00000000-0000-7000-8000-000000000201/../x', '', 'C:\\x'])('cannot name %s', async (piece_id) => {
    const { peer, pieces } = await keeping(1_000_000);
    peer.raw(
      JSON.stringify({
        v: 1,
        t: 'piece.put',
        s: 1,
        b: { piece_id, transfer_id: transferId(1), bytes: 1, root: 'ab'.repeat(32), keep_ms: 1, deadline_ms: 1 },
      }),
    );
    await still();
    expect(peer.closed?.code).toBe(4400);
    expect(pieces.http.requests).toBe(0);
  });

  test('cannot make it remember more than a little', async () => {
    const { agent, peer, pieces } = await keeping(1_000_000_000, { bounds: { piece_transfers_waiting: 4 } });
    pieces.http.gate = new Promise(() => {});
    for (let n = 1; n <= 20; n++) await put(peer, pieces, n);
    expect(agent.status.pieces?.transfers).toEqual({ running: 2, waiting: 4 });
    expect(failures(peer)).toEqual([]);
  });
});

test('a disk that cannot be read keeps no pieces, says so to its owner, and works all the same', async () => {
  const pieces = new FakePieces();
  pieces.list = () => Promise.reject(new Error('EIO'));
  const { agent, peer } = await keeping(1_000_000, {}, pieces);
  expect(peer.all('pieces')).toEqual([]);
  expect(agent.status).toMatchObject({ standing: { available: true }, pieces: { broken: 'EIO', free_bytes: 0 } });
});
