import { CLOSE } from '#protocol';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession } from '../../../../test/support/fake-node.js';

const NODES = 30;

let broker: TestBroker;
let owner: TestPerson;
let nodes: FakeNode[];
beforeAll(async () => {
  broker = await startBroker();
  owner = await broker.person();
  nodes = [];
  for (let i = 0; i < NODES; i++) nodes.push(await FakeNode.enrol(broker, owner));
});
afterAll(() => broker?.close());

/** Answered: everything that was said before it has had its effect. */
const heard = async (session: FakeSession): Promise<void> => {
  session.send('hb', { running: 0 });
  await session.next('hb.ok');
};
const offers = () =>
  broker.sql<{ node_id: string; price: bigint; available: boolean }>(
    'SELECT node_id, reserve_price_micro AS price, available FROM offer WHERE slots > 0',
  );

test('nodes that come, offer, break and come back all at once each have their own: epoch, offer, session', async () => {
  const first = await Promise.all(nodes.map((node, i) => node.online({ price_micro: BigInt(1_000 + i) })));
  await Promise.all(first.map(heard));
  expect(first.map(({ welcome }) => welcome?.session_epoch)).toEqual(nodes.map(() => 1));
  const price = new Map((await offers()).map((offer) => [offer.node_id, offer.price]));
  expect(nodes.map(({ node_id }) => price.get(node_id))).toEqual(nodes.map((_, i) => BigInt(1_000 + i)));

  await Promise.all(first.map((session) => session.vanish()));
  const second = await Promise.all(nodes.map((node, i) => node.connect({ resume: first[i] as FakeSession })));
  for (const [i, { welcome }] of second.entries())
    expect(welcome).toMatchObject({ resumed: true, sid: first[i]?.welcome?.sid, session_epoch: 2 });
  // Taken up again, so that they may be sold at once.
  expect((await offers()).filter(({ available }) => available)).toHaveLength(NODES);
  await Promise.all(second.map((session) => session.vanish()));

  const third = await Promise.all(nodes.map((node) => node.connect()));
  for (const { welcome } of third) expect(welcome).toMatchObject({ resumed: false, session_epoch: 3 });
  expect((await offers()).filter(({ available }) => available)).toEqual([]);
  await Promise.all(third.map((session) => session.vanish()));
});

test('a node that knocks many times at once, at two gateways, has one session: that of the highest epoch', async () => {
  const other = await startProcess(broker, { HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: 'other', HEAP_DRAIN_MS: '0' });
  const [node] = nodes as [FakeNode];
  const knocks = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => node.connect(i % 2 === 0 ? {} : { url: other.url })));
  const sessions = knocks.flatMap((knock) => (knock.status === 'fulfilled' ? [knock.value] : []));
  const epochs = sessions.map(({ welcome }) => welcome?.session_epoch ?? 0);
  expect(new Set(epochs).size).toBe(epochs.length);
  const [row] = await broker.sql<{ session_epoch: number; state: string }>(
    `SELECT session_epoch, state FROM node WHERE id = '${node.node_id}'`,
  );
  expect(row).toEqual({ session_epoch: Math.max(...epochs), state: 'ONLINE' });
  const live = sessions[epochs.indexOf(Math.max(...epochs))] as FakeSession;
  for (const session of sessions) if (session !== live) expect((await session.closed).code).toBe(CLOSE.replaced);
  await heard(live);
  await live.vanish();
  await other.close();
});
