import { randomUUID } from 'node:crypto';
import { until } from '../../../../test/chaos/until.js';
import { CheckedHeap, CHECK_PATIENCE_MS as PATIENCE_MS, textInputs } from '../../../../test/support/checked-heap.js';
import { FakeNode } from '../../../../test/support/fake-node.js';

let heap: CheckedHeap;
beforeAll(async () => {
  heap = await CheckedHeap.start({ HEAP_HOLDBACK_SECONDS: '3600' });
}, 180_000);
afterEach(() => heap.sendHome());
afterAll(() => heap?.close());

const penaltiesOf = (node_id: string) =>
  heap.broker.sql<{ kind: string; state: string; code: string }>('SELECT kind::text, state::text, code FROM penalty WHERE node_id = $1', [
    node_id,
  ]);

test('who is banned with all that is theirs comes in with no other device, nor as another who shares the account; one appeal ends it for all', async () => {
  const liar = await heap.nodeOnline(heap.honest);
  const job_id = await heap.place({ inputs: textInputs(1) });
  await heap.settled(job_id);
  const [run] = await heap.broker.sql<{ epoch: number }>("SELECT epoch FROM attempt WHERE job_id = $1 AND outcome = 'accepted'", [job_id]);
  const node = () => FakeNode.enrol(heap.broker, liar.owner);
  const unused = await node();
  const [friend, stranger] = [await heap.nodeOnline(heap.honest), await heap.nodeOnline(heap.honest)];
  const account = randomUUID();
  for (const { owner } of [liar, friend])
    await heap.broker.sql("INSERT INTO cluster_link (kind, value, owner_id) VALUES ('bank', $1, $2)", [account, owner.person_id]);
  // A network is what neighbours share: nobody is banned later for it.
  for (const { owner } of [liar, stranger])
    await heap.broker.sql("INSERT INTO cluster_link (kind, value, owner_id) VALUES ('network', '203.0.113.0/24', $1)", [owner.person_id]);

  await heap.broker.sql(
    `INSERT INTO penalty (id, node_id, owner_id, kind, code, sentence, job_id, index, epoch)
     VALUES ($1, $2, $3, 'ban_identity', 'agreed_on_a_lie', 'A test says so.', $4, 0, $5)`,
    [randomUUID(), liar.node.node_id, liar.owner.person_id, job_id, run?.epoch],
  );
  await expect(node()).rejects.toThrow('owner_banned.forbidden');
  await expect(FakeNode.enrol(heap.broker, friend.owner)).rejects.toThrow('owner_banned.forbidden');
  expect((await friend.session.closed).code).toBe(4403);
  for (const { node_id } of [friend.node, unused])
    expect(await until('its penalty', PATIENCE_MS, async () => (await penaltiesOf(node_id))[0])).toEqual({
      ...{ kind: 'ban_identity', state: 'ACTIVE', code: 'agreed_on_a_lie' },
    });
  expect(stranger.session.socket.readyState).toBe(stranger.session.socket.OPEN);
  expect(await penaltiesOf(stranger.node.node_id)).toEqual([]);

  const [penalty] = (await friend.owner.call('GET', '/v1/penalties')).body.penalties;
  expect((await friend.owner.call('POST', `/v1/penalties/${penalty.penalty_id}/appeal`, { reason: 'It is right.' })).status).toBe(200);
  await until('the appeal is granted', PATIENCE_MS, async () =>
    (await penaltiesOf(unused.node_id))[0]?.state === 'OVERTURNED' ? true : undefined,
  );
  expect(
    await heap.broker.sql("SELECT 1 FROM node WHERE owner_id = ANY($1) AND state = 'REVOKED'", [
      [liar.owner.person_id, friend.owner.person_id],
    ]),
  ).toEqual([]);
  await node();
  expect(await heap.broker.broken()).toEqual([]);
});
