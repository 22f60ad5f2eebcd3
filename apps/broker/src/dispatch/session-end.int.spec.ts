import { setTimeout as sleep } from 'node:timers/promises';
import { HeapError } from '#units';
import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode } from '../../../../test/support/fake-node.js';
import { NodesCommands } from '../nodes/nodes.commands.js';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker?.close());

test('the end of a session that falls into an outage of the database is noted after it', async () => {
  const owner = await broker.person();
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  const states = async () => (await owner.heap.nodes()).map(({ state }) => state);
  expect(await states()).toEqual(['ONLINE']);

  const commands = broker.app.get(NodesCommands, { strict: false });
  const closeSession = commands.closeSession.bind(commands);
  let calls = 0;
  commands.closeSession = async (...call) => {
    calls += 1;
    if (calls === 1) throw new HeapError('unavailable', 'The database cannot be reached.', 'platform');
    return closeSession(...call);
  };
  session.socket.terminate();
  for (let i = 0; i < 600 && (await states())[0] !== 'DISCONNECTED'; i++) await sleep(50);
  expect(await states()).toEqual(['DISCONNECTED']);
  expect(calls).toBe(2);
});
