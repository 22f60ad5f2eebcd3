import { startBroker, type TestBroker } from '../../../../test/support/broker.js';
import { FakeNode } from '../../../../test/support/fake-node.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { Admission } from './admission.service.js';
import { Refusal } from './handshake.js';

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker?.close());

test('a handshake that the node gave up on does not fence the one it began after it', async () => {
  const owner = await broker.person();
  const node = await FakeNode.enrol(broker, owner);
  const nodes = broker.app.get(NodesQuery, { strict: false });
  const admission = broker.app.get(Admission, { strict: false });
  const [byId, admit] = [nodes.byId.bind(nodes), admission.admit.bind(admission)];
  let answer = () => {};
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked = () => {};
  const first_asked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  nodes.byId = async (id) => {
    nodes.byId = byId;
    asked();
    await slow;
    return byId(id);
  };
  const outcomes: Promise<unknown>[] = [];
  admission.admit = (...given) => {
    const outcome = admit(...given);
    outcomes.push(outcome.catch((error: unknown) => error));
    return outcome;
  };

  const first = node.open();
  first.send('hello', node.hello(await first.next('challenge')));
  await first_asked;
  first.socket.terminate();
  const second = await node.online();
  answer();
  expect(await outcomes[0]).toBeInstanceOf(Refusal);
  expect(await broker.sql('SELECT session_epoch FROM node WHERE id = $1', [node.node_id])).toMatchObject([
    { session_epoch: second.welcome?.session_epoch },
  ]);
  expect(second.socket.readyState).toBe(second.socket.OPEN);
  second.socket.terminate();
});
