import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { WebSocketServer } from 'ws';
import { Paced } from '../paced.js';
import { paceUpgrades } from './paced-upgrades.js';

const request = {} as IncomingMessage;
const head = Buffer.alloc(0);

/** A server whose upgrades take a millisecond each, four of which are a turn's. */
function server() {
  let now_ms = 0;
  const upgraded: unknown[] = [];
  const handleUpgrade = (_request: unknown, socket: unknown) => {
    now_ms += 1;
    upgraded.push(socket);
  };
  const paced = paceUpgrades({ handleUpgrade } as unknown as WebSocketServer, new Paced(4, () => now_ms));
  const knock = (): PassThrough => {
    const socket = new PassThrough();
    paced.handleUpgrade(request, socket, head, () => {});
    return socket;
  };
  return { upgraded, knock };
}

test('a crowd becomes sockets a few at a time, in the order in which it came', async () => {
  const { upgraded, knock } = server();
  const crowd = Array.from({ length: 10 }, knock);
  expect(upgraded).toEqual([]);
  for (const so_far of [4, 8, 10]) {
    await turn();
    expect(upgraded).toEqual(crowd.slice(0, so_far));
  }
});

test('a connection that breaks while it waits is dropped, and its error is not the process’s', async () => {
  const { upgraded, knock } = server();
  const [broken, whole] = [knock(), knock()];
  broken.emit('error', new Error('ECONNRESET'));
  await turn();
  expect(broken.destroyed).toBe(true);
  expect(upgraded).toEqual([whole]);
  // From here on it is the socket's own affair.
  expect(whole.listenerCount('error')).toBe(0);
});
