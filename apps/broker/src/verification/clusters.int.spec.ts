import { randomUUID } from 'node:crypto';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode } from '../../../../test/support/fake-node.js';
import { ClustersCommands } from './clusters.commands.js';

let broker: TestBroker;
let clusters: ClustersCommands;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,market' });
  clusters = broker.app.get(ClustersCommands);
});
afterAll(() => broker?.close());

const owners = async (count: number): Promise<TestPerson[]> => {
  const people: TestPerson[] = [];
  for (let i = 0; i < count; i++) people.push(await broker.person({ funds_micro: 0n }));
  return people;
};
const clusterOf = async ({ person_id }: TestPerson): Promise<string> => {
  const [row] = await broker.sql<{ cluster_id: string }>('SELECT cluster_id FROM owner_cluster WHERE owner_id = $1', [person_id]);
  return row?.cluster_id ?? person_id;
};
const clustersOf = async (people: readonly TestPerson[]) => new Set(await Promise.all(people.map(clusterOf))).size;
const pays = (person: TestPerson, kind: string, fingerprint: string) =>
  broker.sql('INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ($1, $2, $3)', [kind, fingerprint, person.person_id]);

test('who shares a network, a card or a bank account is one, through others too, whatever is known first', async () => {
  const [a, b, c, d, e] = (await owners(5)) as [TestPerson, TestPerson, TestPerson, TestPerson, TestPerson];
  const card = randomUUID();
  await pays(b, 'card', card);
  await pays(c, 'card', card);
  await pays(c, 'bank', 'de-1');
  await pays(d, 'bank', 'de-1');
  clusters.seen(a.person_id, '203.0.113.4');
  clusters.seen(b.person_id, '203.0.113.99');
  await clusters.flush();
  expect(await clustersOf([a, b])).toBe(1);
  for (const owner of [c, d, e]) clusters.seen(owner.person_id, '127.0.0.1');
  await clusters.flush();
  expect([await clustersOf([a, b, c, d]), await clustersOf([a, e])]).toEqual([1, 2]);
});

test('a few new owners at one provider are strangers, many within minutes are one', async () => {
  const people = await owners(5);
  for (const person of people) await FakeNode.enrol(broker, person);
  // Of one stretch of time, whatever the clock says now.
  await broker.sql("UPDATE node SET enrolled_at = timestamptz '2026-01-01 12:03:00' WHERE owner_id = ANY($1)", [
    people.map((p) => p.person_id),
  ]);
  for (const [i, person] of people.slice(0, 4).entries()) clusters.seen(person.person_id, `198.51.${i}.7`);
  await clusters.flush();
  expect(await clustersOf(people)).toBe(5);
  clusters.seen(people[4]?.person_id ?? '', '198.51.9.7');
  await clusters.flush();
  expect(await clustersOf(people)).toBe(1);
});
