import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { CLOSE, SOCKET_LIMITS } from '#protocol';
import { Chance } from '../chaos/chance.js';
import { GatewayProcess } from '../chaos/gateway-processes.js';
import { percentile } from '../load/report.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';

/** A slice in `npm test`; `npm run test:hostile-sockets` opens all thousand and holds the times to their limit as well. */
const WHOLE = process.env.HOSTILE_WHOLE !== undefined;
const SOCKETS = WHOLE ? 1_000 : 100;
const SECONDS = WHOLE ? 20 : 4;
const HONEST = 20;
/** Of each ten hostile sockets, so many belong to devices that are enrolled. */
const ENROLLED = WHOLE ? 50 : 10;
const MEMORY_MIB_MOST = 100;
const P99_TIMES_MOST = 2;
const BEAT_MS = 250;

let broker: TestBroker;
let gateway: GatewayProcess;
let url: string;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,market,worker' });
  gateway = await GatewayProcess.start(broker, 'besieged');
  url = `http://127.0.0.1:${gateway.port}`;
});
afterAll(async () => {
  await gateway?.stop();
  await broker?.close();
});

const memory_mib = (): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(gateway.pid)])) / 1_024;
const chance = new Chance(1_000);
let over = false;
const codes = new Map<number, number>();
const closedWith = (code: number) => codes.set(code, (codes.get(code) ?? 0) + 1);

/** The time from a heartbeat to its answer. */
async function beat(session: FakeSession): Promise<number> {
  const began = performance.now();
  session.send('hb', { running: 0 });
  await session.next('hb.ok');
  return performance.now() - began;
}

async function beats(sessions: readonly FakeSession[], seconds: number): Promise<number[]> {
  const late: number[] = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    late.push(...(await Promise.all(sessions.map(beat))));
    await sleep(BEAT_MS);
  }
  return late;
}

const stranger = async (harm: (socket: WebSocket) => Promise<void> | void): Promise<void> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`);
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) =>
    socket.once('close', (code) => {
      closedWith(code);
      resolve();
    }),
  );
  await new Promise<void>((resolve) => socket.once('open', resolve).once('close', () => resolve()));
  if (socket.readyState === socket.OPEN) await harm(socket);
  await Promise.race([closed, sleep(SOCKET_LIMITS.hello_within_ms + 2_000)]);
  socket.terminate();
};
const asNode = async (node: FakeNode, harm: (session: FakeSession) => Promise<void> | void): Promise<void> => {
  const session = await node.connect({ url });
  void session.closed.then(({ code }) => closedWith(code));
  await harm(session);
  await Promise.race([session.closed, sleep(2_000)]);
  session.socket.terminate();
};

const HARMS: Record<string, (node: FakeNode | undefined) => Promise<void>> = {
  // Says nothing, and half of a large frame.
  slow: (node) =>
    node
      ? asNode(node, ({ socket }) => {
          socket.pause();
          for (let i = 0; i < 100; i++) socket.send(JSON.stringify({ v: 1, t: 'hb', b: { running: 0 } }));
        })
      : stranger((socket) => void (socket as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket.write(halfFrame())),
  oversized: (node) =>
    node ? asNode(node, (session) => session.raw('x'.repeat(70_000))) : stranger((socket) => socket.send('x'.repeat(1_000_000))),
  flooding: (node) =>
    node
      ? asNode(node, async (session) => {
          const results = JSON.stringify({ v: 1, t: 'ack', b: {} });
          for (let i = 0; i < 400 && session.socket.readyState === session.socket.OPEN; i++) session.raw(results);
        })
      : stranger((socket) => {
          for (let i = 0; i < 200; i++) socket.send('{"v":1,"t":"hb","b":{"running":0}}');
        }),
  garbage: (node) =>
    node ? asNode(node, (session) => session.raw(randomBytes(1_000))) : stranger((socket) => socket.send(`{"v":1,${'['.repeat(2_000)}`)),
  // A hello that was signed for another connection.
  replayed: (node) =>
    node
      ? asNode(node, (session) => {
          const text = JSON.stringify(session.channel.envelope('offer', offer));
          for (let i = 0; i < 20; i++) session.raw(text);
        })
      : stranger(async (socket) => {
          const hello = first.hello({ nonce: 'n'.repeat(32), server_id: 'x', versions: [] }, { url });
          socket.send(JSON.stringify({ v: 1, t: 'hello', b: hello }));
        }),
};
const offer = { slots: [], speed_fuel_per_ms: 1, available: false, reason: { code: 'none', sentence: '' } };
let first: FakeNode;

/** The head of a masked text frame of 60 KiB and half of what it announces. */
function halfFrame(): Buffer {
  const head = Buffer.from([0x81, 0xfe, 0xf0, 0x00, 1, 2, 3, 4]);
  return Buffer.concat([head, Buffer.alloc(30_000, 0x20)]);
}

async function hostile(number: number, node: FakeNode | undefined): Promise<void> {
  const kinds = Object.values(HARMS);
  while (!over) {
    await kinds[number % kinds.length]?.(node).catch(() => {});
    await sleep(chance.between(200, 1_000));
  }
}

test(
  `${SOCKETS} hostile sockets take less than ${MEMORY_MIB_MOST} MiB of the gateway, and honest nodes are answered all the while`,
  async () => {
    const enrol = async (person: TestPerson, count: number) => {
      const nodes: FakeNode[] = [];
      for (let i = 0; i < count; i++) nodes.push(await FakeNode.enrol(broker, person));
      return nodes;
    };
    const [owner, attacker] = [await broker.person(), await broker.person({ name: 'Mallory' })];
    const honest = await enrol(owner, HONEST);
    const bad = await enrol(attacker, ENROLLED);
    first = honest[0] as FakeNode;
    const sessions = await Promise.all(honest.map((node) => node.online({ url })));
    await beats(sessions, 1);
    const before = await beats(sessions, WHOLE ? 5 : 1);
    const memory_before = memory_mib();

    const siege = Array.from({ length: SOCKETS }, (_, number) => hostile(number, bad[number]));
    let memory_most = 0;
    const watching = (async () => {
      while (!over) {
        memory_most = Math.max(memory_most, memory_mib());
        await sleep(200);
      }
    })();
    const during = await beats(sessions, SECONDS);
    over = true;
    await Promise.all([...siege, watching]);

    const grown = memory_most - memory_before;
    const [p99_before, p99_during] = [percentile(before, 0.99), percentile(during, 0.99)];
    process.stderr.write(
      `${JSON.stringify({ sockets: SOCKETS, memory_mib: Math.round(grown), p99_before: Number(p99_before.toFixed(1)), p99_during: Number(p99_during.toFixed(1)), closes: Object.fromEntries(codes) })}\n`,
    );
    // Each of them was shown out in the protocol's words.
    for (const code of [CLOSE.too_big, CLOSE.malformed, CLOSE.unauthenticated, CLOSE.rate])
      expect([code, codes.get(code) ?? 0]).not.toEqual([code, 0]);
    expect(grown).toBeLessThan(MEMORY_MIB_MOST);
    for (const session of sessions) expect(session.socket.readyState).toBe(session.socket.OPEN);
    if (WHOLE) expect(p99_during).toBeLessThan(P99_TIMES_MOST * p99_before);
    for (const session of sessions) session.socket.terminate();
  },
  (SECONDS + 120) * 1_000,
);
