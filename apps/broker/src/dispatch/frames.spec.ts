import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { SOCKET_LIMITS } from '#protocol';
import type { NodeRow } from '../nodes/nodes.query.js';
import { Frames } from './frames.service.js';
import { NodeSession } from './node-session.js';
import { Reconciler, STATED_MAX } from './reconciler.service.js';
import { Sessions } from './sessions.js';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  reads = true;
  pause() {
    this.reads = false;
  }
  resume() {
    this.reads = true;
  }
  send = () => undefined;
  close = () => undefined;
}

const lease_id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

test('a node that has more waiting than a window is not read on its next connection either', () => {
  const sessions = new Sessions();
  const never = new Promise<undefined>(() => undefined);
  const frames = new Frames(sessions, { take: () => never } as never, {} as never);
  const socket = (): [FakeSocket, WebSocket] => {
    const fake = new FakeSocket();
    return [fake, fake as never];
  };
  const [first, first_socket] = socket();
  const session = new NodeSession(first_socket, { id: lease_id(1) } as NodeRow, 1, 0);
  sessions.add(session);
  frames.listen(session, first_socket);
  const beat = Buffer.from(JSON.stringify({ v: 1, t: 'hb', b: { running: 0 } }));
  for (let i = 0; i < SOCKET_LIMITS.window_messages; i++) first.emit('message', beat, false);
  expect(first.reads).toBe(false);

  const [second, second_socket] = socket();
  expect(session.resume(second_socket, 2, 0, 0)).toBe(true);
  frames.listen(session, second_socket);
  second.emit('message', beat, false);
  expect(second.reads).toBe(false);
});

test('what a node may say it holds ends somewhere', () => {
  const stated = new Map();
  const state = (n: number) => ({
    more: true,
    leases: [
      {
        lease_id: lease_id(n),
        epoch: 1,
        tasks: Array.from({ length: 4_095 }, (_, index) => ({ index, epoch: 1, phase: 'waiting' as const })),
      },
    ],
  });
  for (let n = 0; n < STATED_MAX / 4_096; n++) expect(Reconciler.gather(stated, state(n))).toBe(true);
  expect(Reconciler.gather(stated, state(STATED_MAX))).toBe(false);
});
