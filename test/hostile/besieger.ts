/**
 * The besieging side of `sockets.int.spec.ts`: a process of its own, so that what it does to itself is not taken for what it does to the heap.
 * Told over the channel to begin, and to end, which is done when all its sockets are gone.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SOCKET_LIMITS } from '#protocol';
import { Chance } from '../chaos/chance.js';
import { FakeNode, type FakeSession, type Papers } from '../support/fake-node.js';

export interface Siege {
  sockets: number;
  /** Devices that are enrolled; the first so many sockets are theirs. */
  nodes: Papers[];
}
export type SiegeOrder = { do: 'prepare'; siege: Siege } | { do: 'attack'; url: string } | { do: 'rest' };
/** How often sockets were closed with each code, since the process began. */
export interface SiegeReport {
  done: SiegeOrder['do'];
  codes: Record<number, number>;
}

const chance = new Chance(1_000);
const codes: Record<number, number> = {};
const closedWith = (code: number): void => {
  codes[code] = (codes[code] ?? 0) + 1;
};
let siege: Siege = { sockets: 0, nodes: [] };
/** The gateway under attack. */
let url = '';
let nodes: FakeNode[] = [];
let over = new AbortController();
let fighting: Promise<unknown> = Promise.resolve();

/** Until the heap has closed it, or it was long enough, or the attack is over. */
async function shownOut(closed: Promise<unknown>, within_ms: number): Promise<void> {
  await Promise.race([closed, sleep(within_ms, undefined, { signal: over.signal }).catch(() => undefined)]);
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
  await shownOut(closed, SOCKET_LIMITS.hello_within_ms + 2_000);
  socket.terminate();
};

const asNode = async (node: FakeNode, harm: (session: FakeSession) => Promise<void> | void): Promise<void> => {
  const session = await node.connect({ url });
  void session.closed.then(({ code }) => closedWith(code));
  await harm(session);
  await shownOut(session.closed, 2_000);
  session.socket.terminate();
};

/** The head of a masked text frame of 60 KiB and half of what it announces. */
function halfFrame(): Buffer {
  const head = Buffer.from([0x81, 0xfe, 0xf0, 0x00, 1, 2, 3, 4]);
  return Buffer.concat([head, Buffer.alloc(30_000, 0x20)]);
}

const offer = { slots: [], speed_fuel_per_ms: 1, available: false, reason: { code: 'none', sentence: '' } };
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
          const hello = nodes[0]?.hello({ nonce: 'n'.repeat(32), server_id: 'x', versions: [] }, { url });
          socket.send(JSON.stringify({ v: 1, t: 'hello', b: hello }));
        }),
};

async function hostile(number: number, node: FakeNode | undefined, { signal }: AbortController): Promise<void> {
  const kinds = Object.values(HARMS);
  while (!signal.aborted) {
    await kinds[number % kinds.length]?.(node).catch(() => {});
    await sleep(chance.between(200, 1_000), undefined, { signal }).catch(() => undefined);
  }
}

async function obey(order: SiegeOrder): Promise<void> {
  if (order.do === 'prepare') {
    siege = order.siege;
    nodes = siege.nodes.map((papers) => FakeNode.from(papers));
  } else if (order.do === 'attack') {
    over = new AbortController();
    url = order.url;
    fighting = Promise.all(Array.from({ length: siege.sockets }, (_, number) => hostile(number, nodes[number], over)));
  } else {
    over.abort();
    await fighting;
  }
}

process.on('message', (order: SiegeOrder) => {
  void obey(order).then(() => process.send?.({ done: order.do, codes } satisfies SiegeReport));
});
process.on('disconnect', () => process.exit(0));
