import { randomUUID } from 'node:crypto';
import { CLOSE, PIECES } from '#protocol';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession } from '../../../../test/support/fake-node.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { DispatchCommands } from './dispatch.commands.js';
import { NodeSaid } from './dispatch.events.js';

type Said = (typeof NodeSaid)['payload'];

let broker: TestBroker;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  owner = await broker.person();
});
afterAll(() => broker?.close());

const commands = (of: Pick<TestBroker, 'app'> = broker) => of.app.get(DispatchCommands, { strict: false });

/** What nodes say from now on, one by one. */
function listen(): () => Promise<Said> {
  const heard: Said[] = [];
  const waiting: ((said: Said) => void)[] = [];
  broker.app.get(EventBus).subscribe(NodeSaid, (said) => {
    const next = waiting.shift();
    if (next) next(said);
    else heard.push(said);
  });
  return () => {
    const first = heard.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
  };
}

async function keeper(): Promise<{ node: FakeNode; session: FakeSession }> {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online();
  session.send('pieces', { held: 0, bytes: 0, free_bytes: 10_000_000_000 });
  return { node, session };
}

/** When everything that was said to it until now has come. */
async function caughtUp(session: FakeSession): Promise<void> {
  session.send('hb', { running: 0 });
  await session.next('hb.ok');
}

test('a heap names what it understands; a node that keeps pieces is told of them, and what it says is heard', async () => {
  const said = listen();
  const { node, session } = await keeper();
  expect(await said()).toEqual({ node_id: node.node_id, type: 'pieces', body: { held: 0, bytes: 0, free_bytes: 10_000_000_000 } });
  const [piece_id, transfer_id] = [randomUUID(), randomUUID()];
  const put = { piece_id, transfer_id, bytes: 1_677_722, root: 'ab'.repeat(32), keep_ms: 86_400_000, deadline_ms: 60_000 };
  commands().tell(node.node_id, 'piece.put', put);
  expect(await session.next('piece.put')).toEqual(put);
  session.send('piece.stored', { piece_id, transfer_id });
  expect(await said()).toEqual({ node_id: node.node_id, type: 'piece.stored', body: { piece_id, transfer_id } });
  const challenge = await (await FakeNode.enrol(broker, owner)).open().next('challenge');
  expect(challenge.versions).toContain(PIECES);
});

test('from another process too, in parts that its relay can carry', async () => {
  const said = listen();
  const { node, session } = await keeper();
  await said();
  const other = await startProcess(broker, { HEAP_ROLES: 'api' });
  const pieces = Array.from({ length: 300 }, () => randomUUID());
  commands(other).tell(node.node_id, 'piece.del', { pieces });
  const heard: string[] = [];
  while (heard.length < pieces.length) heard.push(...(await session.next('piece.del')).pieces);
  expect(heard).toEqual(pieces);
  await other.close();
});

test('a node that never spoke of pieces hears of none, and one that is away misses what is said', async () => {
  const said = listen();
  const silent = await FakeNode.enrol(broker, owner);
  const unaware = await silent.online();
  const { node, session } = await keeper();
  await said();
  const pieces = [randomUUID()];
  for (const node_id of [node.node_id, silent.node_id, randomUUID()]) commands().tell(node_id, 'piece.del', { pieces });
  expect(await session.next('piece.del')).toEqual({ pieces });
  await caughtUp(unaware);
  expect(unaware.count('piece.del')).toBe(0);
  await session.vanish();
  commands().tell(node.node_id, 'piece.del', { pieces });
  const back = await node.online();
  await caughtUp(back);
  expect(back.count('piece.del')).toBe(0);
});

test('of a node that does not read, no more is kept than leaves room for its work', async () => {
  const said = listen();
  const { node, session } = await keeper();
  await said();
  for (let i = 0; i < 1_000; i++) commands().tell(node.node_id, 'piece.del', { pieces: [randomUUID()] });
  await caughtUp(session);
  expect(session.count('piece.del')).toBeGreaterThan(0);
  expect(session.count('piece.del')).toBeLessThanOrEqual(64);
});

test('whoever speaks of pieces without keeping any is malformed', async () => {
  const session = await (await FakeNode.enrol(broker, owner)).online();
  session.send('piece.gone', { pieces: [randomUUID()] });
  expect((await session.closed).code).toBe(CLOSE.malformed);
});

test('a handler that fails costs the node nothing', async () => {
  const { session } = await keeper();
  const forget = broker.app.get(EventBus).subscribe(NodeSaid, () => {
    throw new Error('the volumes are away');
  });
  session.send('piece.gone', { pieces: [randomUUID()] });
  await caughtUp(session);
  forget();
});
